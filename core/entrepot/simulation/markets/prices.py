"""What buyers pay: invented, always the same for an offer, and alike for each unit of a line: any shop can word it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zlib import crc32

from attrs import evolve

from entrepot.model import Money, Order, OrderLine, minor_digits, total

VAT = Decimal(19)
SHIPPING = Decimal("4.90")


def price(offer: str) -> Decimal:
    """An invented price in major units, always the same for an offer."""
    return Decimal(crc32(offer.encode()) % 9000 + 500) / 100


def charged(
    order: Order, currency: str, discount: Decimal, unit_price: Callable[[str, str], Decimal]
) -> dict[str, Any]:
    """The amounts that an order has once it is paid: lines, shipping and total, as changes of the order."""
    prices = {line.offer: unit_price(line.offer, order.marketplace) for line in order.lines}
    lines = tuple(_priced(line, _money(prices[line.offer], currency), discount) for line in order.lines)
    shipping = _money(SHIPPING, currency)
    parts = [part for line in lines for part in (line.gross, line.discount and -line.discount)]
    return {"lines": lines, "shipping": shipping, "total": total([*parts, shipping], currency)}


def _priced(line: OrderLine, unit: Money, discount: Decimal) -> OrderLine:
    units, currency = line.ordered, unit.currency
    taken = _money(unit.amount * discount, currency) if discount else None
    left = unit - taken if taken else unit
    tax = _money(left.amount * VAT / (100 + VAT), currency)
    return evolve(line, gross=unit * units, discount=taken and taken * units, tax=tax * units)


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount.quantize(Decimal(1).scaleb(-minor_digits(currency))), currency)
