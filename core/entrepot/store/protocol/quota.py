"""Token buckets, who waits for them, and the calls that were counted."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from entrepot.model import (
    AccountId,
)
from entrepot.store.records import (
    BucketRow,
    CallCount,
    WaitingRow,
)


class Quota(Protocol):
    """Token buckets and call counts. The owner of a bucket is an account, or an application."""

    def level(self, owner: str, name: str) -> BucketRow | None:
        """None while the bucket was never used."""
        ...

    def save(self, owner: str, name: str, level: BucketRow) -> None: ...

    def line(self, owner: str, name: str) -> list[WaitingRow]:
        """The streams that wait for the bucket."""
        ...

    def wait(self, owner: str, name: str, waiting: WaitingRow) -> None:
        """Instead of what was noted of the stream before."""
        ...

    def wait_no_more(self, stream: int) -> None:
        """For no bucket."""
        ...

    def count(
        self,
        account: AccountId,
        operation: str,
        day: date,
        *,
        made: int = 0,
        throttled: int = 0,
        gets: int = 0,
        records: int = 0,
    ) -> None: ...

    def counts(self) -> list[CallCount]: ...

    def gets(self, accounts: Iterable[AccountId], month: date) -> int:
        """Requests that only read, of these accounts together, in the calendar month of that day."""
        ...
