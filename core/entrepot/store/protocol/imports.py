"""Imports of counts, staged and folded in."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    CountMeaning,
    LocationId,
    Sku,
)
from entrepot.stock.mass_change import Figures
from entrepot.stock.sheet import Refusal, ToldCount
from entrepot.store.records import (
    Followed,
    ImportState,
    StagedCount,
    StockImport,
    Weighed,
)


class Imports(Protocol):
    """Counts of many articles at once: staged in pieces, valid from one moment, followed in pieces."""

    def begin(self, source: str, file: str, reference: str, meaning: CountMeaning, now: datetime) -> int:
        """A new import, whose lines are staged. Returns its id."""
        ...

    def give_up(self, reference: str, before: datetime) -> None:
        """Discard what is being staged: of this content, and all that has not gone on since `before`."""
        ...

    def find(self, import_: int) -> StockImport | None: ...

    def of_reference(self, reference: str) -> StockImport | None:
        """The latest one of this content that is held or was applied."""
        ...

    def decided(self, reference: str) -> StockImport | None:
        """The latest one of this content that is held, was applied, or was discarded by a person."""
        ...

    def all(self, limit: int = 50) -> list[StockImport]:
        """Newest first."""
        ...

    def known_positions(self, locations: Collection[LocationId]) -> int:
        """Positions there of which a count or a receipt says how many units there are."""
        ...

    def weigh(self, counts: Sequence[ToldCount], reference: str, meaning: CountMeaning) -> list[Weighed]:
        """Each count beside its position, in the same order."""
        ...

    def stage(self, import_: int, counts: Iterable[StagedCount], refusals: Iterable[Refusal], now: datetime) -> bool:
        """Write some lines. False where the import was given up meanwhile; then nothing is written."""
        ...

    def refusals(self, import_: int, limit: int | None = None) -> list[Refusal]:
        """In the order of the lines."""
        ...

    def move(
        self, import_: int, out_of: ImportState, into: ImportState, now: datetime, figures: Figures | None = None
    ) -> bool:
        """Change its state; applied, its lines are valid. False where it was in another state."""
        ...

    def unfinished(self) -> bool:
        """Are there lines to follow, or to sweep?"""
        ...

    def fold(self, limit: int, now: datetime) -> list[Followed] | None:
        """Bring up to so many positions in line with the earliest applied import. None without one, [] once it is done.

        What changed by it waits in `take_changed`, which must be empty before.
        """
        ...

    def take_changed(self, limit: int) -> list[Sku]:
        """Some articles whose positions an import has changed, each once: their wishes are the caller's now."""
        ...

    def sweep(self, limit: int) -> int:
        """Forget up to so many lines of discarded imports. Returns how many."""
        ...
