"""What becomes of orders: how many end in which way, what happens on it, and how long each step takes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from attrs import frozen

from entrepot.runtime import Rng

# Shares of the orders
CANCELLED_UNPAID = 0.03
CANCELLED = 0.05
IN_TWO = 0.15  # sent in two parcels


class Fate(StrEnum):
    """How an order goes on."""

    SHIPPED = "shipped"
    SHIPPED_IN_TWO = "shipped_in_two"
    CANCELLED_UNPAID = "cancelled_unpaid"
    CANCELLED = "cancelled"
    PAID_LATE = "paid_late"
    NEVER_PAID = "never_paid"  # the channel cancels
    REQUEST_GRANTED = "request_granted"  # the buyer asks to cancel, and the merchant does
    REQUEST_IGNORED = "request_ignored"  # ... and the parcel is sent all the same
    SHIPPED_LATE = "shipped_late"
    RETURNED = "returned"
    UNFULFILLABLE = "unfulfillable"  # of those that the channel sends; others are shipped


@frozen
class Habits:
    """`shares` of further fates. Without `delivers` nobody is told what becomes of parcels.

    Merchants who ship by themselves have `ships` False: then only what the channel sends goes out without them.
    """

    shares: Mapping[Fate, float]
    delivers: bool = True
    ships: bool = True


PLAIN = Habits({}, delivers=False)
"""Orders are paid within minutes and shipped within hours, or cancelled."""

MANIFOLD = Habits(
    {
        Fate.PAID_LATE: 0.06,
        Fate.NEVER_PAID: 0.03,
        Fate.REQUEST_GRANTED: 0.04,
        Fate.REQUEST_IGNORED: 0.02,
        Fate.SHIPPED_LATE: 0.05,
        Fate.RETURNED: 0.08,
        Fate.UNFULFILLABLE: 0.01,
    }
)
"""All that can become of an order. The shares are made up."""

HOUR, DAY = 3600, 86_400

PAUSES: Mapping[Fate, Sequence[tuple[float, float]]] = {
    Fate.PAID_LATE: ((HOUR, 2 * DAY), (600, 6 * HOUR)),
    Fate.NEVER_PAID: ((2 * DAY, 5 * DAY),),
    Fate.SHIPPED_LATE: ((1, 900), (3 * DAY, 6 * DAY)),
}
"""Least and most seconds before a step, where they are not the usual ones."""

USUAL_PAUSES = ((1, 900), (600, 6 * HOUR), (600, 6 * HOUR))
TRANSIT = (DAY, 4 * DAY)
KEPT = (DAY, 10 * DAY)
"""How long a buyer has the goods before they go back."""


def draw_fate(units: Mapping[str, int], drawn: float, habits: Habits) -> Fate:
    """`drawn` lies between 0 and 1."""
    shares = {Fate.CANCELLED_UNPAID: CANCELLED_UNPAID, Fate.CANCELLED: CANCELLED, **habits.shares}
    below = 0.0
    for fate, share in shares.items():
        below += share
        if drawn < below:
            return fate
    return Fate.SHIPPED_IN_TWO if sum(units.values()) > 1 and drawn > 1 - IN_TWO else Fate.SHIPPED


def draw_pauses(fate: Fate, rng: Rng, habits: Habits) -> tuple[timedelta, ...]:
    """Before each step of `fate`, and some more."""
    spans = [*PAUSES.get(fate, ()), *USUAL_PAUSES[len(PAUSES.get(fate, ())) :]]
    if habits.delivers:
        spans += [TRANSIT, KEPT]
    return tuple(timedelta(seconds=rng.uniform(*span)) for span in spans)
