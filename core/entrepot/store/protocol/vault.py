"""Secrets at rest."""

from datetime import datetime
from typing import Protocol

from entrepot.model import (
    AccountId,
)
from entrepot.store.records import (
    SealedRow,
)


class Vault(Protocol):
    """Encrypted secrets, by account (None: of an application that several accounts share) and name."""

    def find(self, account: AccountId | None, name: str) -> SealedRow | None: ...

    def beginning(self, account: AccountId | None, beginning: str) -> list[SealedRow]:
        """Those of an account whose names begin so, in the order of their names."""
        ...

    def all(self) -> list[SealedRow]: ...

    def save(self, row: SealedRow) -> None: ...

    def forget(self, account: AccountId | None, name: str) -> bool:
        """False where there is none."""
        ...

    def purge(self, now: datetime, limit: int) -> int:
        """Forget up to so many that have expired. Returns how many."""
        ...
