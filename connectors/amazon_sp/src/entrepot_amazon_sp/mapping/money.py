"""Amazon's proceeds as the money of our orders. Nothing is rounded.

In Europe and Japan Amazon's prices hold the tax, in America they do not, and no field says which: the sums do. Where a
line's total is its prices and its tax, the tax stands on top of each price and is added to it; else the prices hold it.
What adds up neither way is kept as Amazon states it, and the core tells it as a flaw of the order.

From the model of the Orders API 2026-01-01 (`ItemProceeds`, `OrderProceeds`).
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum, auto

from attrs import field, frozen

from entrepot.model import Money
from entrepot_amazon_sp.wire import orders as wire


class Share(Enum):
    """Where an amount belongs: to the article, or to what is added to the order."""

    LINE = auto()
    SHIPPING = auto()
    OTHER = auto()


BY_TYPE = {"ITEM": Share.LINE, "SHIPPING": Share.SHIPPING}
"""By type of a price. Gift wrap, cash on delivery and what we do not know are other charges."""

BY_SUBTYPE = BY_TYPE | {"DISCOUNT": Share.LINE, "": Share.LINE}
"""By subtype of a tax or a discount. What no subtype places is the line's."""

Amounts = dict[Share, Money]


@frozen
class LineMoney:
    """`gross`, `tax` and `discount` are the line's own; the others are what it adds to those of the order."""

    gross: Money | None
    tax: Money | None
    discount: Money | None
    shipping: Money | None
    other: Money | None
    order_discount: Money | None
    order_tax: Money | None


@frozen
class OrderMoney:
    """`lines` in the sequence of the document; the rest as in `Order`."""

    lines: tuple[LineMoney, ...]
    shipping: Money | None
    other: Money | None
    discount: Money | None
    tax: Money | None
    total: Money | None


def order_money(document: wire.Order) -> OrderMoney:
    proceeds = document.proceeds or wire.OrderProceeds()
    sums = [_sums(item.proceeds) for item in document.orderItems]
    tip = added(money(part.subtotal) for part in proceeds.breakdowns if part.type == "DELIVERY_TIP")
    told = money(proceeds.grandTotal)
    on_top = _is_on_top(sums, told, tip)
    lines = tuple(_line_money(line, on_top=on_top if line.on_top is None else line.on_top) for line in sums)
    within = None if _is_apart(tip, lines, told) else tip
    return OrderMoney(
        lines,
        shipping=added(line.shipping for line in lines),
        other=added([*(line.other for line in lines), within]),
        discount=added(line.order_discount for line in lines),
        tax=added(line.order_tax for line in lines),
        total=told or _total_of_lines(sums, within),
    )


def money(amount: wire.Money | None) -> Money | None:
    return None if amount is None else Money(amount.amount, amount.currencyCode)


def added(amounts: Iterable[Money | None]) -> Money | None:
    """The sum of what is told, None where nothing is.

    Amounts of two currencies have no sum: one that differs from the first stands for it, so that the flaw shows.
    """
    told = [amount for amount in amounts if amount is not None]
    if len(told) <= 1:
        return told[0] if told else None
    currency = told[0].currency
    for amount in told:
        if amount.currency != currency:
            return amount
    return Money(sum([amount.amount for amount in told], Decimal(0)), currency)


def less(amount: Money | None, taken: Money | None) -> Money | None:
    return added([amount, -taken]) if taken else amount


@frozen
class Sums:
    """A line's proceeds by share. `tax` is that of the prices, `tax_off` that of the `discount`; both are positive.

    `before_tax` is what the line comes to if its prices hold the tax; `on_top` whether the tax stands on top of them,
    None where the line does not tell.
    """

    total: Money | None
    prices: Amounts
    tax: Amounts
    discount: Amounts
    tax_off: Amounts
    before_tax: Money | None = field(init=False)
    all_tax: Money | None = field(init=False)
    on_top: bool | None = field(init=False)

    @before_tax.default
    def _before_tax(self) -> Money | None:
        return less(added(self.prices.values()), added(self.discount.values()))

    @all_tax.default
    def _all_tax(self) -> Money | None:
        return less(added(self.tax.values()), added(self.tax_off.values()))

    @on_top.default
    def _tells(self) -> bool | None:
        return _on_top(self.total, self.before_tax, self.all_tax)


def _on_top(sum_: Money | None, before_tax: Money | None, tax: Money | None) -> bool | None:
    if sum_ is None or tax is None or not tax.amount:
        return None
    if sum_ == before_tax:
        return False
    return True if sum_ == added([before_tax, tax]) else None


def _is_on_top(sums: Sequence[Sums], told: Money | None, tip: Money | None) -> bool:
    """For lines that do not tell: as other lines do, or the order. An order is of one store, with one kind of tax."""
    lines = {line.on_top for line in sums} - {None}
    before, tax = added(line.before_tax for line in sums), added(line.all_tax for line in sums)
    order = {_on_top(told, before, tax), _on_top(told, added([before, tip]), tax)} - {None}
    return (lines or order) == {True}


def _line_money(line: Sums, *, on_top: bool) -> LineMoney:
    prices, discount = line.prices, line.discount
    if on_top:
        prices, discount = _plus(prices, line.tax), _plus(discount, line.tax_off)
    return LineMoney(
        gross=prices.get(Share.LINE),
        tax=less(line.tax.get(Share.LINE), line.tax_off.get(Share.LINE)),
        discount=discount.get(Share.LINE),
        shipping=prices.get(Share.SHIPPING),
        other=prices.get(Share.OTHER),
        order_discount=added(discount.get(share) for share in (Share.SHIPPING, Share.OTHER)),
        order_tax=line.all_tax,
    )


def _is_apart(tip: Money | None, lines: Sequence[LineMoney], told: Money | None) -> bool:
    """Amazon charges a tip by itself: where the order's total is met without it, it is no part of that."""
    parts = [amount for line in lines for amount in (line.gross, line.shipping, line.other)]
    off = [amount for line in lines for amount in (line.discount, line.order_discount)]
    return tip is not None and told is not None and told == less(added(parts), added(off))


def _total_of_lines(sums: Sequence[Sums], tip: Money | None) -> Money | None:
    totals = [line.total for line in sums]
    return None if None in totals else added([*totals, tip])


def _sums(proceeds: wire.ItemProceeds) -> Sums:
    prices, tax, discount, tax_off = Amounts(), Amounts(), Amounts(), Amounts()
    for part in proceeds.breakdowns:
        if part.type == "DISCOUNT":
            discount = _plus(discount, _discount(part))
    for part in proceeds.breakdowns:
        if part.type == "TAX":
            saved = _tax_saved(part)
            tax = _plus(tax, _spread(added([money(part.subtotal), saved]), _by_share(part)))
            tax_off = _plus(tax_off, {_discounted(discount): saved})
        elif part.type != "DISCOUNT":
            prices = _plus(prices, {BY_TYPE.get(part.type, Share.OTHER): money(part.subtotal)})
    return Sums(money(proceeds.proceedsTotal), prices, tax, discount, tax_off)


def _discount(part: wire.ItemProceedsBreakdown) -> Amounts:
    """Positive, whichever sign it comes with."""
    return _spread(_positive(money(part.subtotal)), _by_share(part))


def _discounted(discount: Amounts) -> Share:
    """Where the tax of a discount belongs: Amazon does not divide it."""
    return next((share for share in Share if share in discount and discount[share].amount), Share.LINE)


def _tax_saved(part: wire.ItemProceedsBreakdown) -> Money | None:
    """The tax of the discount, positive, where the tax as a whole is without it."""
    saved = [_positive(money(detail.value)) for detail in part.detailedBreakdowns if detail.subtype == "DISCOUNT"]
    others = [money(detail.value) for detail in part.detailedBreakdowns if detail.subtype != "DISCOUNT"]
    return added(saved) if less(added(others), added(saved)) == money(part.subtotal) else None


def _by_share(part: wire.ItemProceedsBreakdown) -> Amounts:
    shares = Amounts()
    for detail in part.detailedBreakdowns:
        amount = money(detail.value)
        share = BY_SUBTYPE.get(detail.subtype, Share.OTHER)
        shares = _plus(shares, {share: _positive(amount) if part.type == "DISCOUNT" else amount})
    return shares


def _spread(whole: Money | None, shares: Amounts) -> Amounts:
    """The whole by share: the line's is what the others leave, so that it stays the whole."""
    elsewhere = {share: amount for share, amount in shares.items() if share is not Share.LINE}
    rest = less(whole, added(elsewhere.values()))
    if rest is None or rest.amount < 0:  # details that cannot be
        return _plus({}, {Share.LINE: whole})
    return elsewhere | {Share.LINE: rest}


def _positive(amount: Money | None) -> Money | None:
    return -amount if amount and amount.amount < 0 else amount


def _plus(amounts: Amounts, more: Mapping[Share, Money | None]) -> Amounts:
    """By share; absent amounts add nothing."""
    sums = dict(amounts)
    for share, amount in more.items():
        if amount is not None:
            sums[share] = added([sums[share], amount]) if share in sums else amount  # type: ignore[assignment]
    return sums
