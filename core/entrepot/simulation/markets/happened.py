"""What a market notes down: who took units, asked for a cancellation, got a parcel or sent goods back, and when."""

from collections import Counter
from datetime import datetime

from attrs import field, frozen

BUYER, MERCHANT, CHANNEL = "buyer", "merchant", "channel"
"""Who asks for a cancellation, or does it: `Cancellation.by`."""


@frozen
class Sale:
    """Units of an offer that a buyer took. `shown` is the quantity that the buyer saw."""

    at: datetime
    order: str
    offer: str
    units: int
    shown: int


@frozen
class CancelRequest:
    """A buyer's wish that what was not sent yet is not sent."""

    at: datetime
    order: str
    reason: str


@frozen
class Arrival:
    """A parcel at the buyer's."""

    at: datetime
    order: str
    parcel: str


@frozen
class CustomerReturn:
    """Units that came back from the buyer. `sellable`: as good as new."""

    at: datetime
    order: str
    line: str
    offer: str
    units: int
    reason: str
    sellable: bool


@frozen
class Happened:
    """All of it, oldest first."""

    sales: list[Sale] = field(factory=list)
    cancel_requests: list[CancelRequest] = field(factory=list)
    arrivals: list[Arrival] = field(factory=list)
    returns: list[CustomerReturn] = field(factory=list)
    _returned: Counter[tuple[str, str]] = field(factory=Counter)

    def note_return(self, back: CustomerReturn, *, sent: int) -> None:
        """Raises ValueError for more units than were `sent`, those that are back already included."""
        if back.units > sent - self._returned[back.order, back.line]:
            message = f"{back.units} of line {back.line} of {back.order} cannot come back: {sent} were sent"
            raise ValueError(message)
        self._returned[back.order, back.line] += back.units
        self.returns.append(back)
