"""Whether an order that came over the wire is the order that the shop has, as far as the wire carries it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from attrs import asdict, evolve, frozen

from entrepot.model import UNTOLD, Money, Order, OrderLine, OrderStatus

Pair = tuple[Order, Order]
"""The shop's order, and the mapped one."""

ALWAYS = {
    "external_id",
    "marketplace",
    "placed_at",
    "lines.external_id",
    "lines.offer",
    "lines.ordered",
    "lines.shipped",
    "lines.cancelled",
}
"""Fields that every channel carries."""

OFTEN = {
    "changed_at",
    "revision",
    "fulfillment",
    "shipping",
    "other",
    "discount",
    "total",
    "packages",
    "lines.title",
    "lines.gross",
    "lines.tax",
    "lines.discount",
}
"""What else the shop's orders have. A channel may leave one out, but then in all orders.

Whatever it tells beside these is not compared: the shop's orders have no such thing.
"""

PARTS = {"shipping", "other", "discount", "lines.discount"}
"""Of a total. A shop may write 0 where a paid order has none of one."""

DISTINCT = {OrderStatus.UNSHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLED}
"""Statuses for which every channel has a word; another one may arrive as UNKNOWN with the channel's text."""


@frozen
class Difference:
    order: str
    field: str
    told: str
    became: str

    def __str__(self) -> str:
        return f"{self.order}: {self.field} {self.told} became {self.became}"


def differences(pairs: Sequence[Pair]) -> list[Difference]:
    """What is not the same. A field that no mapped order has counts as not carried by the wire."""
    carried = ALWAYS | {name for _, mapped in pairs for name, value in _fields(mapped) if not _absent(value)}
    return [difference for pair in pairs for difference in _order_differences(*pair, carried)]


def _order_differences(told: Order, mapped: Order, carried: set[str]) -> Iterator[Difference]:
    if not _same_status(told, mapped):
        became = f"{mapped.status} ({mapped.status_text!r})"
        yield Difference(told.external_id, "status", told.status, became)
    if len(told.lines) != len(mapped.lines):
        yield Difference(told.external_id, "number of lines", str(len(told.lines)), str(len(mapped.lines)))
        return
    expected = told if "lines.discount" in carried else _as_priced(told, mapped)
    for (name, value), (_, found) in zip(_fields(expected), _fields(mapped), strict=True):
        if name in carried & (ALWAYS | OFTEN) and not _same(told, name, value, found):
            yield Difference(told.external_id, name, _shown(value), _shown(found))


def _same(told: Order, name: str, value: Any, found: Any) -> bool:
    none_of_it = _absent(value) and (_absent(found) or (name in PARTS and told.total and not found.amount))
    return bool(found == value or none_of_it)


def _as_priced(told: Order, mapped: Order) -> Order:
    """A shop without a word for discounts may tell prices from which they are taken off."""
    pairs = zip(told.lines, mapped.lines, strict=True)
    return evolve(told, lines=tuple(evolve(line, gross=_price(line, found.gross)) for line, found in pairs))


def _price(line: OrderLine, found: Money | None) -> Money | None:
    reduced = line.gross - line.discount if line.gross and line.discount else line.gross
    return reduced if found == reduced else line.gross


def _same_status(told: Order, mapped: Order) -> bool:
    as_unknown = mapped.status is OrderStatus.UNKNOWN and mapped.status_text == told.status_text
    return mapped.status is told.status if told.status in DISTINCT else mapped.status is told.status or as_unknown


def _fields(order: Order) -> Iterator[tuple[str, Any]]:
    """Names and values in a fixed sequence. Of a package, what the shop knows."""
    for name, value in asdict(order, recurse=False).items():
        known = tuple((parcel.external_id, parcel.shipped_at, parcel.lines) for parcel in order.packages)
        yield name, known if name == "packages" else value
    for line in order.lines:
        for name, value in asdict(line, recurse=False).items():
            yield f"lines.{name}", value


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Money | datetime) else repr(value)


def _absent(value: Any) -> bool:
    return value is None or value in ("", (), UNTOLD)
