"""Streams of work, their leases and epochs."""

from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
)
from entrepot.store.records import (
    DueStream,
    StreamKind,
    StreamRow,
)


class Streams(Protocol):
    """Streams: claimed for one page of work, fenced by their epoch."""

    def ensure(
        self, account: AccountId, kind: StreamKind, due: datetime, *, scope: str = "", watermark: datetime | None = None
    ) -> None: ...

    def due(self, now: datetime) -> list[DueStream]:
        """What can be claimed, the most urgent kinds first.

        Detached and paused accounts are left out; of a parked one only its health.
        """
        ...

    def next_due(self, now: datetime) -> datetime | None:
        """From when on another one can be claimed, if nothing changes."""
        ...

    def claim(self, stream: int, owner: str, now: datetime, until: datetime) -> StreamRow | None: ...

    def find(self, stream: int) -> StreamRow: ...

    def of_scope(self, kind: StreamKind, scope: str) -> StreamRow:
        """The merchant's own stream of that name, which belongs to no account."""
        ...

    def of_account(self, account: AccountId) -> list[StreamRow]: ...

    def all(self) -> list[StreamRow]: ...

    def assert_epoch(self, stream: StreamRow) -> None:
        """Raises LeaseLost where another daemon has claimed the stream since."""
        ...

    def hold(self, stream: StreamRow) -> None:
        """Write the stream's window and go on holding it. Raises LeaseLost."""
        ...

    def release(self, stream: StreamRow) -> None:
        """Write the stream's progress and let go. Raises LeaseLost, so that everything with it is rolled back."""
        ...

    def read_again(self, account: AccountId, start: datetime, end: datetime, now: datetime) -> None:
        """Have the repair read a span of channel time, from its start and beside what it is reading.

        Whoever is reading now loses the lease: the page comes again.
        """
        ...

    def sweep_stock(self, account: AccountId, at: datetime) -> None:
        """Have every quantity of an account read back from `at` on, however lately it was."""
        ...

    def wake(self, account: AccountId, kind: StreamKind, at: datetime) -> None:
        """Make due at `at` what would come due later."""
        ...

    def orders_known_until(self, account: AccountId) -> datetime | None:
        """Channel time up to which every change of the account's orders is stored, over all its scopes."""
        ...
