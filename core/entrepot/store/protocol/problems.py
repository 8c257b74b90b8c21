"""What needs a person."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
    Problem,
    ProblemKind,
)


class Problems(Protocol):
    """What needs a person."""

    def open(self, problem: Problem) -> bool:
        """True where it was not open yet."""
        ...

    def close(self, kind: ProblemKind, account: AccountId | None, subject: str, now: datetime) -> bool:
        """True where it was open."""
        ...

    def open_among(self, kind: ProblemKind, account: AccountId | None, subjects: Iterable[str]) -> Collection[str]:
        """Those of the subjects that have an open problem of this kind."""
        ...

    def all(self, *, closed_too: bool = False) -> list[Problem]: ...

    def find(self, id_: int) -> Problem | None: ...
