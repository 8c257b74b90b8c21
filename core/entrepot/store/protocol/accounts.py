"""Accounts, the catalog, and the locations of the merchant."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
    LocationId,
    Sku,
)
from entrepot.store.records import (
    AccountRow,
    Withheld,
)


class Accounts(Protocol):
    """Accounts and the catalog."""

    def save(self, account: AccountRow) -> None: ...

    def detach_others(self, configured: Iterable[AccountId], now: datetime) -> None:
        """Whatever is not among them has left plugins.toml, if it had not before."""
        ...

    def find(self, account: AccountId) -> AccountRow | None: ...

    def all(self) -> list[AccountRow]: ...

    def park(self, account: AccountId, now: datetime) -> bool:
        """The channel refuses our credentials. False where it was parked already."""
        ...

    def resume(self, account: AccountId) -> bool:
        """Its credentials are good again. False where it was not parked."""
        ...

    def pause(self, account: AccountId, now: datetime) -> bool:
        """A person wants no call for it. False where it was paused already."""
        ...

    def end_pause(self, account: AccountId) -> bool:
        """False where it was not paused."""
        ...

    def set_clock_offset(self, account: AccountId, seconds: float) -> None: ...

    def describe(self, account: AccountId, description: str) -> None: ...

    def withhold(self, account: AccountId, withheld: Withheld) -> None:
        """Which data sets of its orders the channel refuses."""
        ...

    def save_articles(self, articles: Iterable[tuple[Sku, str, str]]) -> None: ...

    def articles(self) -> list[tuple[Sku, str, str]]: ...

    def save_locations(self, own: Sequence[LocationId]) -> None:
        """The merchant's own, in the order in which orders are taken from them."""
        ...

    def locations(self) -> tuple[LocationId, ...]:
        """As they were saved; before that, the default one."""
        ...

    def known_articles(self, skus: Iterable[str]) -> Mapping[Sku, str]:
        """Those of them that the catalog has, each with its group."""
        ...
