"""Events, and how far each observer was told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
    Event,
    EventName,
)
from entrepot.store.records import (
    OutboxRow,
    ParkedDelivery,
)


class Outbox(Protocol):
    """Events of committed changes, and how far each observer has been told."""

    def add(self, events: Iterable[Event]) -> None: ...

    def after(self, id_: int, limit: int) -> list[OutboxRow]: ...

    def event(self, id_: int) -> OutboxRow: ...

    def last_id(self) -> int: ...

    def latest(self, name: EventName, account: AccountId, subject: str) -> OutboxRow | None: ...

    def add_observer(self, name: str) -> None:
        """A new observer is told what happens from now on."""
        ...

    def told_until(self, observer: str) -> int: ...

    def advance(self, observer: str, id_: int) -> None: ...

    def park(self, delivery: ParkedDelivery) -> None: ...

    def unpark(self, observer: str, event: int) -> None: ...

    def parked(self, observer: str) -> list[ParkedDelivery]:
        """In the order of the events."""
        ...

    def next_parked(self) -> datetime | None: ...
