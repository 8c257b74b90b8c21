"""Offers, what they should show, and attempts to make them show it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
    Bundle,
    Fulfillment,
    Publish,
    Sku,
)
from entrepot.store.records import (
    Attempt,
    AttemptItem,
    Excess,
    OfferRow,
)


class Offers(Protocol):
    """Offers with what is wished, sent, believed and proved, and the attempts that sent it."""

    def find(self, account: AccountId, offer: str) -> OfferRow | None: ...

    def all(self, account: AccountId | None = None) -> list[OfferRow]: ...

    def unequal(self) -> Mapping[AccountId, int]:
        """How many offers that the merchant fulfills show another number than ours, by account; none are left out."""
        ...

    def see(self, account: AccountId, offer: str, fulfillment: Fulfillment, quantity: int, at: datetime) -> None:
        """Note an offer that a channel shows; what is known of it already stays."""
        ...

    def map(self, account: AccountId, offer: str, bundle: Bundle) -> None:
        """From now on one unit of the offer takes these articles."""
        ...

    def last_version(self, account: AccountId, offer: str) -> int | None:
        """Of its compositions, also where it is made of nothing at present."""
        ...

    def unmap(self, offer: OfferRow, at: datetime) -> None:
        """It is made of nothing from now on, and nothing is wished of it."""
        ...

    def forget(self, offer: OfferRow) -> None: ...

    def bundle(self, account: AccountId, offer: str, version: int) -> Bundle: ...

    def bundles(self, account: AccountId, offers: Iterable[str]) -> Mapping[str, Bundle]:
        """The present bundles of those offers that are mapped."""
        ...

    def of_skus(self, skus: Iterable[Sku]) -> list[OfferRow]:
        """Offers that the merchant fulfills and that take one of these articles."""
        ...

    def allow(self, offer: OfferRow, publish: Publish) -> None:
        """What the rules allow; with less than `live` it is not to be pushed."""
        ...

    def wish(self, offer: OfferRow, quantity: int | None, at: datetime) -> None:
        """A new version of the desired quantity. `at` is channel time: a raise waits for an order pass up to it."""
        ...

    def sold(self, account: AccountId, sales: Iterable[tuple[str, int, datetime]], now: datetime) -> bool:
        """Offer, units and instant of sales that the channel has taken off its own number.

        Where a quantity was sent and may take effect after the sale, it puts the units on show again: until it is read
        back, the higher number is believed. So it is of a sale during the last look, and the offer is to be looked at
        again: True where there is one.
        """
        ...

    def freed(self, account: AccountId, units: Iterable[tuple[str, int, datetime]], now: datetime) -> None:
        """Offer, units and instant of cancellations: the channel may have put them on show again, and is looked at."""
        ...

    def to_push(self, account: AccountId, known_until: datetime | None, limit: int) -> list[OfferRow]:
        """What differs and may be sent: decreases first, zeros ahead of them, then raises that the orders cover."""
        ...

    def accepted(
        self, attempt: Attempt, item: AttemptItem, since: datetime, at: datetime, verify_due: datetime
    ) -> None:
        """The channel took the quantity, at an instant of its own time from `since` to `at`.

        What a later attempt sent stays, and so does its name on the offer.
        """
        ...

    def rejected(self, attempt: Attempt, item: AttemptItem) -> None:
        """The version is not sent again. The name of a later attempt stays on the offer."""
        ...

    def unknown(self, account: AccountId, item: AttemptItem, at: datetime, verify_due: datetime) -> None:
        """The quantity may be there: believe the higher number until it is read back."""
        ...

    def release(self, account: AccountId, offer: str, attempt: str) -> None:
        """The attempt names the offer no more."""
        ...

    def observe(
        self,
        offer: OfferRow,
        quantity: int,
        at: datetime,
        by: datetime,
        *,
        issues: Sequence[str],
        awaiting_pass: bool,
        verify_due: datetime | None,
    ) -> None: ...

    def show(self, offer: OfferRow, quantity: int, at: datetime, by: datetime, believed: int) -> None:
        """The channel is known to have shown `quantity` at an instant from `at` to `by`."""
        ...

    def effective(self, offer: OfferRow, quantity: int, at: datetime) -> None:
        """What was sent last has been seen."""
        ...

    def awaiting(self, account: AccountId, until: datetime) -> list[OfferRow]:
        """Offers whose observation an order pass up to `until` explains, or does not."""
        ...

    def to_verify(self, account: AccountId, now: datetime, limit: int) -> list[str]: ...

    def exceed(self, excess: Excess) -> None:
        """Keep it to be judged; the first one of an offer stays until it is."""
        ...

    def excess(self, account: AccountId, offer: str) -> Excess | None:
        """What waits to be judged."""
        ...

    def exceeding(self, account: AccountId, until: datetime) -> list[Excess]:
        """Those seen until then, by channel time. They are the caller's now."""
        ...

    def next_verify(self, account: AccountId) -> datetime | None: ...

    def candidates(self, account: AccountId, after: str, limit: int) -> list[str]:
        """Names to ask a channel for, in order: every article of the catalog, and every offer seen before."""
        ...

    def verify(self, account: AccountId, offer: str, at: datetime | None) -> None:
        """Read the offer back at `at`."""
        ...

    def save_attempt(self, attempt: Attempt) -> None:
        """Note a write before it is sent, and the offers that it names.

        A look at one of them that is due later is drawn to the deadline: what is due behind it is due for this write.
        """
        ...

    def run_attempt(self, attempt: str, ticket: str) -> None:
        """The channel works on it under this id."""
        ...

    def close_attempt(self, attempt: str, outcome: str, now: datetime) -> bool:
        """False where it was closed already."""
        ...

    def save_result(self, attempt: str, offer: str, result: str) -> None: ...

    def open_attempts(self, account: AccountId) -> list[Attempt]: ...

    def attempts_of(self, account: AccountId, offer: str, limit: int = 10) -> list[tuple[Attempt, AttemptItem]]:
        """The latest attempts that named an offer, newest first."""
        ...
