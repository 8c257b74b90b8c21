"""What a buyer ordered, as the channel last told it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import converters, field, frozen

from entrepot.model.money import Money, total
from entrepot.model.time import utc


class OrderStatus(StrEnum):
    """The channel's own word is kept beside it in `Order.status_text`."""

    PENDING = "pending"
    UNSHIPPED = "unshipped"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    UNFULFILLABLE = "unfulfillable"
    UNKNOWN = "unknown"


class Fulfillment(StrEnum):
    """Who sends the goods."""

    MERCHANT = "merchant"
    CHANNEL = "channel"


class DataSet(StrEnum):
    """Parts of an order that a channel grants, withholds or delivers later, each on its own."""

    STATUS = "status"
    MONEY = "money"
    PACKAGES = "packages"
    BUYER = "buyer"
    RECIPIENT = "recipient"


class DataSetState(StrEnum):
    """What became of a data set in one document."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"  # granted, but the channel had nothing yet
    RETURNED = "returned"
    NOT_PERMITTED = "not_permitted"
    NOT_KEPT = "not_kept"  # returned, and left out on purpose (personal data)


MOST_UNITS = 10**9
"""More than anybody has; sums of such quantities still fit into any database."""


def quantity(_: object, attribute: Any, value: Any) -> None:
    """attrs validator: a whole number, not negative."""
    if type(value) is not int or not 0 <= value <= MOST_UNITS:
        msg = f"{attribute.name} is a whole number of units from 0 to {MOST_UNITS}, not {value!r:.40}"
        raise ValueError(msg)


@frozen
class OrderLine:
    """One article of an order. Money is for all units of the line.

    `gross` includes tax and stands before `discount`; `discount` is what is taken off it (positive, tax included);
    `tax` is the tax inside gross - discount. Absent until the channel tells (an unpaid order has no prices).
    """

    external_id: str
    offer: str
    ordered: int = field(validator=quantity)
    shipped: int = field(default=0, validator=quantity)
    cancelled: int = field(default=0, validator=quantity)
    gross: Money | None = None
    tax: Money | None = None
    discount: Money | None = None
    title: str = ""

    @property
    def net(self) -> Money | None:
        """What remains of `gross` without discount and tax."""
        if self.gross is None or self.tax is None:
            return None
        return total((self.gross, -self.tax, -self.discount if self.discount else None), self.gross.currency)

    @property
    def unfinished(self) -> int:
        """Units neither shipped nor cancelled."""
        return max(0, self.ordered - self.shipped - self.cancelled)


@frozen
class Package:
    """One parcel on its way."""

    external_id: str
    carrier: str = ""
    tracking_number: str = ""
    shipped_at: datetime | None = field(default=None, converter=converters.optional(utc))
    lines: Mapping[str, int] = field(factory=dict)  # line id -> units


@frozen
class Order:
    """`total` = the lines' gross - discount, + `shipping` + `other` (gift wrap, fees) - `discount`; all tax included.

    `data_sets` names the parts that were not simply returned; a part that it does not name was.
    """

    external_id: str
    marketplace: str
    status: OrderStatus
    placed_at: datetime = field(converter=utc)
    changed_at: datetime = field(converter=utc)
    lines: tuple[OrderLine, ...]
    status_text: str = ""
    fulfillment: Fulfillment = Fulfillment.MERCHANT
    shipping: Money | None = None
    other: Money | None = None
    discount: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    packages: tuple[Package, ...] = ()
    data_sets: Mapping[DataSet, DataSetState] = field(factory=dict)

    def open_units(self, line: OrderLine) -> int:
        """Units of `line` that somebody still has to send: what it holds back from sale."""
        gone = self.status in {OrderStatus.CANCELLED, OrderStatus.UNFULFILLABLE}
        return 0 if gone else line.unfinished


def order_flaws(order: Order) -> Iterator[str]:
    """What does not add up in an order, in words. A flaw is told, the order is kept."""
    yield from _line_flaws(order)
    if order.total is None:
        return
    try:
        parts = _parts(order, order.total.currency)
    except ValueError as mixed:
        yield str(mixed)
        return
    if parts is not None and parts != order.total:
        yield f"total {order.total} differs from the sum of its parts {parts}"


def _line_flaws(order: Order) -> Iterator[str]:
    seen = set[str]()
    for line in order.lines:
        if line.external_id in seen:
            yield f"line {line.external_id} occurs twice"
        seen.add(line.external_id)
        if line.shipped + line.cancelled > line.ordered:
            yield (
                f"line {line.external_id}: {line.shipped} shipped and {line.cancelled} cancelled "
                f"are more than {line.ordered} ordered"
            )


def _parts(order: Order, currency: str) -> Money | None:
    """The sum of the parts, or None where a line has no price yet."""
    if any(line.gross is None for line in order.lines):
        return None
    added = [line.gross for line in order.lines] + [order.shipping, order.other]
    taken = [line.discount for line in order.lines if line.discount] + ([order.discount] if order.discount else [])
    return total(added, currency) - total(taken, currency) if taken else total(added, currency)
