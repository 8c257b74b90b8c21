"""Units of an article: how many lie where, what moved them, how many are still for sale."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import converters, field, frozen

from entrepot.model.ids import DEFAULT_LOCATION, LocationId, Sku
from entrepot.model.order import MOST_UNITS, Fulfillment, quantity
from entrepot.model.time import utc


class MovementKind(StrEnum):
    """Why units moved."""

    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    SHIPMENT = "shipment"


class CountMeaning(StrEnum):
    """What a count counted."""

    ON_HAND = "on_hand"  # physical units; those of open orders are inside
    AVAILABLE = "available"  # units of open orders are already taken off


@frozen
class Movement:
    """Units that came or went. `reference` makes it unique: the same one is never booked twice.

    `not_before` is there where nobody knows exactly when the units moved: between it and `effective_at`. Of a shipment
    these are a little before and after what the channel says, whose clock is another; where it does not say, when they
    were last seen unmoved and first seen gone.
    """

    sku: Sku
    quantity: int  # signed
    kind: MovementKind
    effective_at: datetime = field(converter=utc)
    reference: str
    location: LocationId = DEFAULT_LOCATION
    not_before: datetime | None = field(default=None, converter=converters.optional(utc))


@frozen
class Count:
    """An absolute number of units at the instant it was counted."""

    sku: Sku
    quantity: int = field(validator=quantity)
    effective_at: datetime = field(converter=utc)
    reference: str
    location: LocationId = DEFAULT_LOCATION
    meaning: CountMeaning = CountMeaning.ON_HAND


@frozen
class Position:
    """An article at a location. `reserved` is the open demand: ordered - shipped - cancelled."""

    sku: Sku
    location: LocationId
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """May be negative: more is promised than lies there."""
        return self.on_hand - self.reserved

    @property
    def shortage(self) -> int:
        """Units promised that are not there."""
        return max(0, -self.available)


def _whole(_: object, __: object, value: Any) -> None:
    if type(value) is not int or abs(value) > MOST_UNITS:
        msg = f"a stock level is a whole number up to {MOST_UNITS}, not {value!r:.40}"
        raise ValueError(msg)


@frozen
class StockLevel:
    """What a channel shows for an offer.

    `observed_at` only where the channel says when its number was true; the core takes the start of the request
    otherwise.
    """

    offer: str
    quantity: int = field(validator=_whole)
    observed_at: datetime | None = field(default=None, converter=converters.optional(utc))
    fulfillment: Fulfillment = Fulfillment.MERCHANT
    issues: tuple[str, ...] = ()
