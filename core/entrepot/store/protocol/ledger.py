"""Stock: movements, counts, positions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from entrepot.model import (
    Count,
    LocationId,
    Movement,
    Position,
    Sku,
)


class Ledger(Protocol):
    """Movements, counts, and the positions that they add up to.

    All of it takes an import as counted from the moment in which it was applied, before its positions have followed.
    """

    def book(self, movement: Movement, now: datetime) -> bool:
        """False where a movement of this reference is booked already; then nothing changes."""
        ...

    def count(self, count: Count, now: datetime) -> bool:
        """False where a count of this reference is recorded already."""
        ...

    def reserve(self, sku: Sku, location: LocationId, units: int) -> None:
        """Change the open demand by `units`; the position need not exist yet."""
        ...

    def position(self, sku: Sku, location: LocationId) -> tuple[Position, datetime | None]:
        """The position and the instant of the count that it starts from."""
        ...

    def available(self, skus: Iterable[Sku]) -> Mapping[Sku, int | None]:
        """On hand - reserved where the merchant holds the goods; None where nothing says how many there are."""
        ...

    def free(self, skus: Iterable[Sku]) -> Mapping[tuple[Sku, LocationId], int]:
        """The same at each location, where a count or a receipt says how many units there are."""
        ...

    def articles_elsewhere(self, known: Collection[LocationId]) -> Mapping[LocationId, int]:
        """How many articles have units, open orders or a held count where the merchant has them and none is known."""
        ...

    def positions(self, sku: Sku | None = None) -> list[Position]: ...

    def open_at(self, sku: Sku, location: LocationId, at: datetime) -> int:
        """Units of orders placed by then that were neither shipped by then nor cancelled since."""
        ...

    def movements(self, sku: Sku | None = None) -> list[Movement]:
        """In the order of recording."""
        ...

    def around_count(self, sku: Sku, location: LocationId) -> list[Movement]:
        """Movements in effect of which nobody knows whether they happened before the last count or after it."""
        ...

    def available_counted_at(self, sku: Sku, location: LocationId) -> datetime | None:
        """The instant of the count that the position starts from, where it counted what is available."""
        ...

    def counts(self, sku: Sku | None = None) -> list[tuple[Count, int]]:
        """Counts with the physical units they stand for, in the order of recording."""
        ...

    def wrong_positions(self) -> list[str]:
        """Positions whose reserved units are not the sum of the open lines.

        Empty, unless there is a defect in Entrepot.
        """
        ...
