"""What buyers pay: invented, always the same for an offer, and alike for each unit of a line: any shop can word it."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zlib import crc32

from attrs import evolve

from entrepot.model import Money, Order, OrderLine, minor_digits, total

VAT = Decimal(19)
SHIPPING = Decimal("4.90")


def price(offer: str) -> Decimal:
    """An invented price in major units, always the same for an offer."""
    return Decimal(crc32(offer.encode()) % 9000 + 500) / 100


def rated(line: OrderLine, rate: str) -> OrderLine:
    """With the tax at `rate` percent that its price holds after the discount, rounded half up; none without a price."""
    if line.gross is None:
        return line
    paid = line.gross - line.discount if line.discount else line.gross
    tax = paid.amount * Decimal(rate) / (100 + Decimal(rate))
    return evolve(line, tax=Money(tax.quantize(_smallest(paid.currency), ROUND_HALF_UP), paid.currency))


def rate_of(line: OrderLine, rates: Sequence[str]) -> str | None:
    """Which of the rates, in percent, the line's tax is at; None without a tax. Raises ValueError where none fits."""
    if line.tax is None:
        return None
    for rate in rates:
        if rated(line, rate).tax == line.tax:
            return rate
    message = f"the tax {line.tax} of {line.gross} is at none of the rates {rates}. Next: name its rate in `tax_rates`"
    raise ValueError(message)


def charged(
    order: Order,
    currency: str,
    discount: Decimal,
    unit_price: Callable[[str, str], Decimal],
    rates: Sequence[str],
) -> dict[str, Any]:
    """The amounts that an order has once it is paid: lines, shipping and total, as changes of the order.

    With `rates`, a line's tax is at one of them, always the same for an offer.
    """
    prices = {line.offer: unit_price(line.offer, order.marketplace) for line in order.lines}
    lines = tuple(_priced(line, _money(prices[line.offer], currency), discount) for line in order.lines)
    if rates:
        lines = tuple(rated(line, rates[crc32(line.offer.encode()) % len(rates)]) for line in lines)
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
    return Money(amount.quantize(_smallest(currency)), currency)


def _smallest(currency: str) -> Decimal:
    return Decimal(1).scaleb(-minor_digits(currency))
