"""Who runs on the store."""

from datetime import datetime
from typing import Protocol

from entrepot.store.records import (
    DaemonRow,
)


class Daemons(Protocol):
    """The processes that run the loop, and requests to them to read plugins.toml anew."""

    def enter(self, daemon: DaemonRow) -> None:
        """An older entry of the same name is forgotten."""
        ...

    def leave(self, name: str) -> None: ...

    def all(self) -> list[DaemonRow]:
        """Those that were killed are among them."""
        ...

    def find(self, name: str) -> DaemonRow | None: ...

    def ask(self, name: str) -> None: ...

    def answer(self, daemon: DaemonRow, faults: tuple[str, ...], now: datetime) -> None:
        """Answer the request that `daemon` shows; without faults, what was read applies."""
        ...

    def beat(self, name: str, now: datetime) -> None:
        """It is still there."""
        ...
