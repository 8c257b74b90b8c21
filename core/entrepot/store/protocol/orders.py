"""Orders, their lines, raw records and dead letters."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
    Order,
    OrderLine,
    Sku,
    Target,
)
from entrepot.store.records import (
    DeadLetter,
    KnownOrder,
    LineRow,
    RawRecord,
)


class Orders(Protocol):
    """Orders in versions, their lines and targets, raw records and dead letters."""

    def known(self, account: AccountId, ids: Iterable[str]) -> Mapping[str, KnownOrder]: ...

    def save(self, account: AccountId, order: Order, known: KnownOrder, business_date: date, now: datetime) -> None:
        """Store a version and make it the present one."""
        ...

    def load(self, account: AccountId, external_id: str) -> Order | None: ...

    def versions(self, account: AccountId, external_id: str) -> list[tuple[datetime, Order]]:
        """When each version was stored, oldest first."""
        ...

    def lines(self, account: AccountId, order_id: str) -> Mapping[str, LineRow]: ...

    def save_line(
        self, account: AccountId, order: Order, line: OrderLine, *, open_: int, booked: int, mapped: bool
    ) -> None: ...

    def save_targets(self, account: AccountId, order_id: str, line_id: str, targets: Iterable[Target]) -> None: ...

    def targets(self, account: AccountId, order_id: str, line_id: str) -> tuple[Target, ...]: ...

    def waiting_for(self, account: AccountId, offer: str) -> list[str]:
        """Ids of the orders with an open item of an unmapped offer."""
        ...

    def unmapped_offers(self) -> list[tuple[AccountId, str, int]]:
        """Account, offer, and how many orders wait for it."""
        ...

    def has_offer(self, account: AccountId, offer: str) -> bool:
        """Was it ever ordered?"""
        ...

    def open_units(self, account: AccountId, offer: str) -> int:
        """Units of an offer that are ordered, and neither shipped nor cancelled."""
        ...

    def cancelled_after(self, account: AccountId, offer: str, after: datetime) -> list[str]:
        """Orders of an offer with units that will not be sent, last changed after `after` (channel time)."""
        ...

    def sold(self, account: AccountId, offer: str, after: datetime, until: datetime) -> int:
        """Units ordered through an offer in a span of channel time, cancelled ones included."""
        ...

    def save_raw(
        self,
        account: AccountId,
        kind: str,
        records: Iterable[tuple[str, str, bytes]],
        mapper_version: str,
        now: datetime,
    ) -> None:
        """Keep records as sent: (external id, content hash, body). A body that is kept already is not kept twice."""
        ...

    def present_raw(self, account: AccountId, kind: str, after: int, limit: int) -> list[RawRecord]:
        """Kept records behind a place, in order: those that orders' present versions were made of."""
        ...

    def purge_raw(self, before: datetime, limit: int) -> int:
        """Forget up to so many records that were received before an instant, the oldest first. Returns how many."""
        ...

    def save_dead_letter(self, letter: DeadLetter, now: datetime) -> None: ...

    def dead_letters(self) -> list[DeadLetter]: ...

    def bury(self, letter: DeadLetter) -> None: ...

    def find(
        self, *, account: AccountId | None = None, open_only: bool = False, sku: Sku | None = None, limit: int = 50
    ) -> list[tuple[AccountId, Order]]:
        """Newest orders first."""
        ...

    def accounts_with(self, external_id: str) -> list[AccountId]: ...

    def placed_by_day(self, account: AccountId, since: datetime) -> Mapping[tuple[str, date], int]:
        """Orders placed since an instant, by marketplace and the business date there."""
        ...

    def counts(self) -> list[tuple[AccountId, int, datetime]]:
        """Account, orders stored, and the newest change among them."""
        ...
