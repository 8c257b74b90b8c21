"""Hypothesis strategies for what a channel may say."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from entrepot.model import Marketplace, Money, Order, OrderLine, OrderStatus, minor_digits, total
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.markets.prices import rated

LARGEST_AMOUNT = 10_000_00
"""In minor units."""

names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
"""Of offers and titles: whatever can be printed, in any script."""

UNFINISHED = (
    (OrderStatus.PENDING, "pending"),
    (OrderStatus.UNSHIPPED, "unshipped"),
    (OrderStatus.UNFULFILLABLE, "unfulfillable"),
    (OrderStatus.UNKNOWN, "a word of next year"),
)
"""Statuses with nothing sent and not everything cancelled. The first one is that of an unpaid order."""


def instants(before: datetime) -> st.SearchStrategy[datetime]:
    """In the month before, in whole seconds: many channels tell no finer time."""
    seconds = st.integers(min_value=1, max_value=30 * 24 * 3600)
    return seconds.map(lambda ago: before.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=ago))


def money(currency: str) -> st.SearchStrategy[Money]:
    """From nothing upwards, in whole minor units."""
    minor = st.integers(min_value=0, max_value=LARGEST_AMOUNT)
    return minor.map(lambda units: Money(Decimal(units).scaleb(-minor_digits(currency)), currency))


@st.composite
def progress(draw: st.DrawFn, *, partial: bool) -> list[tuple[int, int, int]]:
    """Units ordered, sent and cancelled of each line; without `partial` all lines share one state, as a whole."""
    ordered = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    if not partial:
        sent, cancelled = draw(st.sampled_from([(0, 0), (1, 0), (0, 1)]))
        return [(units, units * sent, units * cancelled) for units in ordered]
    shipped = [draw(st.integers(0, units)) for units in ordered]
    return [(units, sent, draw(st.integers(0, units - sent))) for units, sent in zip(ordered, shipped, strict=True)]


@st.composite
def lines(
    draw: st.DrawFn, external_id: str, units: tuple[int, int, int], currency: str, *, priced: bool, alike: bool
) -> OrderLine:
    """`units` ordered, sent and cancelled; discount and tax are parts of the gross amount. `alike`: of each unit."""
    ordered, shipped, cancelled = units
    shares = ordered if alike else 1
    gross = draw(money(currency)) if priced else None
    tax, discount = (gross and draw(st.none() | _part(gross)) for _ in range(2))
    return OrderLine(
        external_id=external_id,
        offer=draw(names),
        ordered=ordered,
        shipped=shipped,
        cancelled=cancelled,
        gross=gross and gross * shares,
        tax=tax and tax * shares,
        discount=discount and discount * shares,
        title=draw(st.just("") | names),
    )


@st.composite
def orders(draw: st.DrawFn, marketplaces: Sequence[Marketplace], before: datetime, shop: type[ShopDouble]) -> Order:
    """An order that adds up, as the shop may have it, whose status fits its lines. It bears no number yet."""
    marketplace = draw(st.sampled_from(marketplaces))
    currency = marketplace.currency
    priced = draw(st.booleans()) if shop.unpaid and not shop.priced_early else True
    told = enumerate(draw(progress(partial=shop.partial)), 1)
    content = tuple(
        draw(lines(str(place), units, currency, priced=priced, alike=shop.unit_prices)) for place, units in told
    )
    if shop.tax_rates:
        content = tuple(rated(line, draw(st.sampled_from(shop.tax_rates))) for line in content)
    shipping = draw(st.none() | money(currency)) if priced else None
    changed_at = draw(instants(before))
    status, word = draw(_statuses(content, UNFINISHED if shop.unpaid else UNFINISHED[1:]))
    return Order(
        external_id="",
        marketplace=marketplace.id,
        status=status,
        status_text=word,
        placed_at=changed_at - timedelta(seconds=draw(st.integers(0, 86_400))),
        changed_at=changed_at,
        lines=content,
        shipping=shipping,
        total=_total(content, shipping, currency) if priced else None,
    )


def _part(whole: Money) -> st.SearchStrategy[Money]:
    minor = st.integers(0, int(whole.amount.scaleb(minor_digits(whole.currency))) // 2)
    return minor.map(lambda units: Money(Decimal(units).scaleb(-minor_digits(whole.currency)), whole.currency))


def _statuses(
    content: Sequence[OrderLine], unfinished: Sequence[tuple[OrderStatus, str]]
) -> st.SearchStrategy[tuple[OrderStatus, str]]:
    shipped = any(line.shipped for line in content)
    if any(line.unfinished for line in content):
        return st.just((OrderStatus.PARTIALLY_SHIPPED, "partially_shipped")) if shipped else st.sampled_from(unfinished)
    return st.just((OrderStatus.SHIPPED, "shipped") if shipped else (OrderStatus.CANCELLED, "cancelled"))


def _total(content: Sequence[OrderLine], shipping: Money | None, currency: str) -> Money:
    return total([line.gross for line in content] + [shipping], currency) - total(
        [line.discount for line in content], currency
    )
