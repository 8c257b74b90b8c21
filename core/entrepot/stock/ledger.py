"""What movements and counts add up to.

On hand = the last count + the movements effective after it. Earlier movements are kept without effect, so history
that arrives late never subtracts twice. The store keeps running numbers in its positions; these functions are what
they must equal.
"""

from collections.abc import Iterable
from datetime import datetime

from entrepot.model import Count, Movement, MovementKind


def takes_effect(effective_at: datetime, counted_at: datetime | None) -> bool:
    """Does a movement change what the last count found? At the same instant the count has seen it already."""
    return counted_at is None or effective_at > counted_at


def last_count(counts: Iterable[tuple[Count, int]]) -> tuple[Count, int] | None:
    """The count that on hand starts from, with its physical units.

    Pairs come in the order of recording; a later record of the same instant corrects an earlier one.
    """
    latest: tuple[Count, int] | None = None
    for pair in counts:
        if latest is None or pair[0].effective_at >= latest[0].effective_at:
            latest = pair
    return latest


def on_hand(counts: Iterable[tuple[Count, int]], movements: Iterable[Movement]) -> int:
    """Physical units of one article at one location."""
    start = last_count(counts)
    counted_at = start[0].effective_at if start else None
    moved = sum(move.quantity for move in movements if takes_effect(move.effective_at, counted_at))
    return (start[1] if start else 0) + moved


def position_at(counts: Iterable[tuple[Count, int]], movements: Iterable[Movement], at: datetime) -> tuple[int, bool]:
    """Physical units at an instant, by all that is recorded now; and whether a count or a receipt by then said any."""
    by_then = [pair for pair in counts if pair[0].effective_at <= at]
    moved = [move for move in movements if move.effective_at <= at]
    known = bool(by_then) or any(move.kind is not MovementKind.SHIPMENT for move in moved)
    return on_hand(by_then, moved), known


def shipment_time_uncertain(movement: Movement, counted_at: datetime | None) -> bool:
    """May these units have left before the count although they are booked after it?

    So where the channel did not tell when they left, and the count lies between the last sight of the units in the
    order and the first sight of them gone.
    """
    if movement.not_before is None or counted_at is None:
        return False
    return movement.not_before < counted_at < movement.effective_at
