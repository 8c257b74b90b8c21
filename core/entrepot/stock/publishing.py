"""What to show on a channel, and what an observation of it proves."""

from collections.abc import Mapping
from enum import StrEnum

from entrepot.model import Bundle, Sku
from entrepot.stock.rules import NO_RULE, Terms


def desired_quantity(available: Mapping[Sku, int | None], bundle: Bundle, terms: Mapping[Sku, Terms]) -> int | None:
    """Units of an offer to show: the least that its articles allow, each under its own terms; never below 0.

    None while one of its articles was never counted: an unknown stock is not an empty one.
    """
    fits = []
    for sku, units in bundle.parts.items():
        free = available.get(sku)
        if free is None:
            return None
        fits.append(_fitting(free, units, terms.get(sku, NO_RULE)))
    return min(fits)


def _fitting(available: int, units: int, terms: Terms) -> int:
    """Whole offers of `units` each."""
    if available < terms.stop_below:
        return 0
    left = max(0, available - terms.buffer)
    whole = (terms.share.of(left) if terms.share else left) // units
    return whole if terms.cap is None else min(whole, terms.cap)


class Verdict(StrEnum):
    """What to do after a quantity was read back."""

    EFFECTIVE = "effective"  # it is what was sent, less what was sold since
    TOO_HIGH = "too_high"  # lower it at once
    WAIT = "wait"  # too low for the sales known; an order pass may explain it
    DRIFTED = "drifted"  # too low, and no order explains it: wish it anew


def judge(observed: int, desired: int | None, shown: int, sold: int, *, orders_complete: bool) -> Verdict:
    """Judge a quantity read back.

    `shown` is the last number known to have been on the channel, `sold` what this offer sold from then to the
    observation (cancelled units too: whether a channel puts those back is its own affair). `orders_complete`: an
    order pass covers the instant of the observation. A mismatch alone never raises a quantity: it may be a sale that
    is not yet listed.
    """
    if desired is not None and observed > desired:
        return Verdict.TOO_HIGH
    if observed >= shown - sold:
        return Verdict.EFFECTIVE
    return Verdict.DRIFTED if orders_complete else Verdict.WAIT
