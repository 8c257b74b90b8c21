"""What a buyer ordered, as the channel last told it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from attrs import converters, field, frozen

from entrepot.model.buyer import Buyer, Recipient
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


UNTOLD = datetime.max.replace(tzinfo=UTC)
"""What `Order.changed_at` reads as where the channel tells no time of change, until the order is stored."""


def _told(instant: datetime | None) -> datetime:
    return UNTOLD if instant is None else utc(instant)


@frozen
class TimeRange:
    """A promised span of time. An end that is absent is open."""

    earliest: datetime | None = field(default=None, converter=converters.optional(utc))
    latest: datetime | None = field(default=None, converter=converters.optional(utc))


@frozen
class Alias:
    """A further number of an order, such as the merchant's own. `kind` is the channel's word."""

    external_id: str
    kind: str


@frozen
class RelatedOrder:
    """Another order, or a line of it, that belongs to this one. `relation` is the channel's word."""

    order_id: str
    relation: str
    line_id: str = ""


@frozen
class Cancellation:
    """Who asked for it or did it, and why, in the channel's words."""

    by: str
    reason: str = ""


@frozen
class TaxCollection:
    """`party` collects the tax and hands it to the authority, by the `model` that the channel names."""

    model: str
    party: str


@frozen
class Payment:
    """`method` is the channel's word."""

    method: str
    amount: Money | None = None


@frozen
class OrderLine:
    """One article of an order. Money is for all units of the line.

    `gross` includes tax and stands before `discount`; `discount` is what is taken off it (positive, tax included);
    `tax` is the tax inside gross - discount. Absent until the channel tells (an unpaid order has no prices).
    `points_cost` is what loyalty points that the merchant granted cost him. Words of the channel's stay as they are.
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
    product_id: str = ""  # of the channel's catalog
    programs: tuple[str, ...] = ()
    related: tuple[RelatedOrder, ...] = ()
    promotions: tuple[str, ...] = ()  # their ids
    points_cost: Money | None = None
    cancel_request: Cancellation | None = None  # asked for; whether it was done, `cancellation` tells
    cancellation: Cancellation | None = None
    gift_wrap: str = ""
    deliver_by: TimeRange | None = None  # an appointment for this line
    tax_schemes: tuple[str, ...] = ()  # by which the tax is reported (IOSS, UOSS)
    tax_collections: tuple[TaxCollection, ...] = ()

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


class PackageStatus(StrEnum):
    """The channel's own word is kept beside it in `Package.status_text`."""

    PENDING = "pending"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNDELIVERABLE = "undeliverable"
    UNKNOWN = "unknown"


@frozen
class Package:
    """One parcel on its way."""

    external_id: str
    carrier: str = ""
    tracking_number: str = ""
    shipped_at: datetime | None = field(default=None, converter=converters.optional(utc))
    lines: Mapping[str, int] = field(factory=dict)  # line id -> units
    service: str = ""  # of the carrier
    status: PackageStatus = PackageStatus.UNKNOWN
    status_text: str = ""
    status_detail: str = ""


@frozen
class Order:
    """`total` = the lines' gross - discount, + `shipping` + `other` (gift wrap, fees) - `discount`; all tax included.

    `tax` is all the tax inside `total`. `data_sets` names the parts that were not simply returned; a part that it does
    not name was.

    `changed_at=None` says that the channel tells no time of change. It reads as UNTOLD then, and a version is stored
    with the time at which it was first seen. `revision` is the channel's own number of this version, where it has one.
    """

    external_id: str
    marketplace: str
    status: OrderStatus
    placed_at: datetime = field(converter=utc)
    changed_at: datetime = field(converter=_told)
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
    aliases: tuple[Alias, ...] = ()
    programs: tuple[str, ...] = ()
    related: tuple[RelatedOrder, ...] = ()
    service_level: str = ""  # the speed that the buyer chose, in the channel's word
    ship_by: TimeRange | None = None
    deliver_by: TimeRange | None = None
    payments: tuple[Payment, ...] = ()
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    revision: int | None = None

    def open_units(self, line: OrderLine) -> int:
        """Units of `line` that somebody still has to send: what it holds back from sale."""
        gone = self.status in {OrderStatus.CANCELLED, OrderStatus.UNFULFILLABLE}
        return 0 if gone else line.unfinished


def order_flaws(order: Order) -> Iterator[str]:
    """What does not add up in an order, in words. A flaw is told, the order is kept."""
    yield from _line_flaws(order)
    currencies = {amount.currency for amount in _amounts(order) if amount is not None}
    if len(currencies) > 1:
        yield f"amounts are of two currencies or more: {', '.join(sorted(currencies))}"
        return
    if order.total is None:
        return
    try:
        parts = _parts(order, order.total.currency)
    except ValueError as too_large:
        yield str(too_large)
        return
    if parts is not None and parts != order.total:
        yield f"total {order.total} differs from the sum of its parts {parts}"


def _amounts(order: Order) -> Iterator[Money | None]:
    for line in order.lines:
        yield from (line.gross, line.discount, line.tax)
    yield from (order.shipping, order.other, order.discount, order.tax, order.total)


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
