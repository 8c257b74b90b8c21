"""What the buyer pays, in Amazon's proceeds: for each item, and summed up for the order."""

from collections.abc import Iterable, Iterator

from entrepot.channel import Json
from entrepot.model import Money, Order, OrderLine, total

TAX_ON_TOP = frozenset({"US", "CA"})
"""Stores whose prices are without tax. In the others the tax is inside; Amazon's documents do not spell it out."""

Part = tuple[str, Money]
"""Type of a breakdown, and its amount."""

BROKEN_DOWN = {"TAX", "DISCOUNT"}
"""Types that are split once more, by what they concern."""


def word_money(money: Money) -> Json:
    return {"amount": format(money.amount, "f"), "currencyCode": money.currency}


def item_proceeds(order: Order, number: int) -> Json | None:
    """Of the line with that index. None before there are prices."""
    line = order.lines[number]
    if line.gross is None:
        return None
    taken = [-line.discount] if line.discount else []
    whole = total([line.gross, *taken, _shipping(order, number)], line.gross.currency)
    return {"proceedsTotal": word_money(whole), "breakdowns": [_broken_down(*part) for part in _parts(order, number)]}


def order_proceeds(order: Order) -> Json | None:
    """None before there are prices. `breakdowns` are the items' summed up."""
    if order.total is None:
        return None
    parts = [part for number in range(len(order.lines)) for part in _parts(order, number)]
    sums = [{"type": kind, "subtotal": word_money(amount)} for kind, amount in _sums(parts)]
    return {"grandTotal": word_money(order.total), "breakdowns": sums}


def unit_price(order: Order, line: OrderLine) -> Json | None:
    """Of one unit, rounded. Without tax where prices are."""
    price = line_price(order, line)
    if price is None:
        return None
    return word_money(Money(round(price.amount / line.ordered, -int(price.amount.as_tuple().exponent)), price.currency))


def line_price(order: Order, line: OrderLine) -> Money | None:
    """Of all its units. Without tax where prices are."""
    return None if line.gross is None else _price(order, line, line.gross)


def _parts(order: Order, number: int) -> Iterator[Part]:
    """A tax that is inside the price is told beside it, and is no part of the sum."""
    line = order.lines[number]
    if line.gross is None:
        return
    yield "ITEM", _price(order, line, line.gross)
    shipping = _shipping(order, number)
    if shipping is not None:
        yield "SHIPPING", shipping
    if line.discount is not None:
        yield "DISCOUNT", line.discount
    if line.tax is not None:
        yield "TAX", line.tax


def _price(order: Order, line: OrderLine, gross: Money) -> Money:
    return gross - line.tax if order.marketplace in TAX_ON_TOP and line.tax else gross


def _shipping(order: Order, number: int) -> Money | None:
    """All of it with the first item: how Amazon spreads it is not documented."""
    return order.shipping if number == 0 else None


def _broken_down(kind: str, amount: Money) -> Json:
    words: Json = {"type": kind, "subtotal": word_money(amount)}
    if kind in BROKEN_DOWN:
        words["detailedBreakdowns"] = [{"subtype": "ITEM", "value": word_money(amount)}]
    return words


def _sums(parts: Iterable[Part]) -> Iterator[Part]:
    sums: dict[str, Money] = {}
    for kind, amount in parts:
        sums[kind] = sums[kind] + amount if kind in sums else amount
    yield from sums.items()
