"""The guard over imports: what an import would change, and whether that is too much to be believed unseen."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import asdict, evolve, frozen


class Effect(StrEnum):
    """What a count does to a position."""

    UNCHANGED = "unchanged"
    RAISED = "raised"
    LOWERED = "lowered"
    ZEROED = "zeroed"
    NEW = "new"  # nobody said before how many there are


def effect_of(before: int | None, after: int) -> Effect:
    """Of physical units; `before` is None where nobody knows them."""
    if before is None:
        return Effect.NEW
    if after == before:
        return Effect.UNCHANGED
    if after <= 0 < before:
        return Effect.ZEROED
    return Effect.RAISED if after > before else Effect.LOWERED


@frozen
class Figures:
    """An import in numbers of lines. Each line that is not refused has one effect.

    `inside`: units of open orders that lay there when they were counted. `known`: the positions of which a count or a
    receipt says how many units there are, at the locations that the import names.
    """

    lines: int = 0
    refused: int = 0
    unchanged: int = 0
    raised: int = 0
    lowered: int = 0
    zeroed: int = 0
    new: int = 0
    inside: int = 0
    known: int = 0
    counted_from: datetime | None = None
    counted_until: datetime | None = None

    @property
    def changed(self) -> int:
        return self.raised + self.lowered + self.zeroed

    def plus(self, other: "Figures") -> "Figures":
        mine, more = asdict(self), asdict(other)
        instants = [at for figures in (mine, more) for at in _instants(figures) if at is not None]
        added = {name: mine[name] + more[name] for name in mine if not name.startswith("counted")}
        return Figures(**added, counted_from=min(instants, default=None), counted_until=max(instants, default=None))

    def among(self, known: int) -> "Figures":
        return evolve(self, known=known)


def _instants(figures: dict[str, datetime | None]) -> tuple[datetime | None, datetime | None]:
    return figures["counted_from"], figures["counted_until"]


@frozen
class Share:
    """So many of a hundred."""

    percent: Decimal

    def __str__(self) -> str:
        return f"{self.percent}%"

    def exceeded_by(self, part: int, whole: int) -> bool:
        return part * 100 > self.percent * whole

    def of(self, whole: int) -> int:
        """Rounded down."""
        return int(whole * self.percent // 100)


@frozen
class HoldIf:
    """More than this share of the known positions, and an import waits for a person.

    Not of the lines: then a warehouse that tells of one article that is sold out would change everything it names.
    """

    zeroed: Share = Share(Decimal(10))
    changed: Share = Share(Decimal(50))

    def holds(self, figures: Figures) -> bool:
        zeroed = self.zeroed.exceeded_by(figures.zeroed, figures.known)
        return zeroed or self.changed.exceeded_by(figures.changed, figures.known)
