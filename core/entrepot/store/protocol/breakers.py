"""Calls that rest."""

from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
)
from entrepot.store.records import (
    BreakerRow,
    Suspect,
)


class Breakers(Protocol):
    """Calls that rest because a channel is in trouble. An application's breaker belongs to no account."""

    def find(self, account: AccountId, name: str) -> BreakerRow | None:
        """None before its first note."""
        ...

    def save(self, account: AccountId, name: str, breaker: BreakerRow) -> None: ...

    def forget(self, application: str) -> bool:
        """False where it had no breaker."""
        ...

    def try_now(self, now: datetime) -> None:
        """Whatever is open may be tried at once, each by one call."""
        ...

    def suspect(self, application: str, account: AccountId, now: datetime) -> bool:
        """The account's token was refused. False where it is known already."""
        ...

    def suspects(self, application: str) -> list[Suspect]: ...

    def clear(self, application: str, account: AccountId) -> None:
        """The account was let in, or its trouble is told as its own."""
        ...

    def set_apart(self, application: str) -> None:
        """Somebody else was let in: the trouble of those who are suspected is their own."""
        ...

    def clear_all(self, application: str) -> None: ...
