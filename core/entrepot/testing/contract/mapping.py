"""Nothing of an order is lost or invented on its way from the shop's words to the model."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from attrs import evolve
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from entrepot import channel
from entrepot.model import Marketplace, Money, Order, OrderLine, OrderStatus, Window, minor_digits, order_flaws
from entrepot.simulation.markets.prices import rated
from entrepot.simulation.seeds import EPOCH
from entrepot.testing import strategies
from entrepot.testing.comparison import Pair
from entrepot.testing.contract.base import Contract, concerns, having
from entrepot.testing.contract.verdict import START_LEFT_OUT, assert_same, assert_told
from entrepot.testing.trial import Trial

EXAMPLES = 60
LAST_CHANGE = EPOCH - timedelta(days=1)
"""Longer ago than any channel's lists take to settle."""

ORDERS = 5
"""In one example."""

NOT_TOLD = "a change of the order is not told: it is in no list, and nobody asked for it. Next: "
LEFT = "ask for what has left the list, see `Open orders only` in the guide"
CUT = (
    "the shop cuts times to its `resolution`, so ask from `window.start` cut to it, "
    "see `Whole seconds` in the guide; or "
)

LOST = (
    "Next: map every discount, shipping and fee; where the shop has no word for a discount of a line, "
    "let the double word the price without it, `line.gross - line.discount`"
)

LEAST_PART = 38
"""In minor units: even, as a line of two units may be told by its unit price."""

Added = Callable[[Order, Money], Order]

Part = tuple[int, Added]
"""Of a total beside the price of its one line: whether it is added or taken off, and where it stands."""

OFF_A_PRICE: Part = (
    -1,
    lambda order, part: evolve(order, lines=tuple(evolve(line, discount=part) for line in order.lines[:1])),
)

PARTS: tuple[Part, ...] = (
    OFF_A_PRICE,
    (-1, lambda order, part: evolve(order, discount=part)),
    (1, lambda order, part: evolve(order, shipping=part)),
    (1, lambda order, part: evolve(order, other=part)),
)


class MappingContract(Contract):
    @having("fetch_orders")
    def test_every_order_survives_wording_and_mapping(self) -> None:
        """Prices or none, zero amounts, any script, statuses of next year: what the wire carries arrives unchanged."""
        order = strategies.orders(self._marketplaces(), LAST_CHANGE, self.shop)
        drawn = st.lists(order, min_size=1, max_size=ORDERS)

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],  # a smaller example takes a minute to find, and
            verbosity=Verbosity.quiet,  # the failure itself says which field of an order is not the same
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(drawn)
        def survives(told: list[Order]) -> None:
            assert_same(self.simulate(lambda trial: _through(trial, told)), self.shop)

        survives()

    @having("fetch_orders")
    @concerns(lambda case: case.shop.unpaid, unless="`unpaid = False` of the double: paid orders only")
    @concerns(
        lambda case: not case.shop.priced_early, unless="`priced_early = True` of the double: never without prices"
    )
    def test_order_without_prices_has_none(self) -> None:
        """An unpaid order has no prices yet. Nothing is not zero: a zero would be booked.

        Where the shop shows no order before it is paid, its double says `unpaid = False`; where it shows one that is
        unpaid with its prices, `priced_early = True`.
        """

        async def unpaid(trial: Trial) -> list[Order]:
            start = trial.clock.now()
            await trial.place(1)
            return await trial.pull(await trial.settled(start))

        [order] = self.simulate(unpaid)
        prices = [str(price) for price in (order.total, order.lines[0].gross, order.lines[0].tax) if price is not None]
        assert not prices, f"an unpaid order is mapped with {', '.join(prices)}. Next: map a price that is null to None"

    @having("fetch_orders")
    def test_order_is_followed_through_its_life(self) -> None:
        """Ordered, paid, sent: each version is told. One that is cancelled is told so."""

        async def live(trial: Trial) -> None:
            pay = partial(trial.shop.pay, currency=(await trial.marketplace()).currency)
            _assert_is(OrderStatus.SHIPPED, await _followed(trial, pay, trial.shop.ship))
            _assert_is(OrderStatus.CANCELLED, await _followed(trial, pay, trial.shop.cancel))

        self.simulate(live)

    @having("fetch_orders")
    @concerns(lambda case: case.shop.partial, unless="`partial = False` of the double: whole orders only")
    def test_order_is_followed_in_parts(self) -> None:
        """Sent in parts, the rest cancelled: each version is told, and none shows units twice.

        Where the shop has no words for parts of an order, its double says `partial = False`.
        """

        async def live(trial: Trial) -> None:
            shop = trial.shop
            pay = partial(shop.pay, currency=(await trial.marketplace()).currency)

            def send_two(number: str) -> None:
                shop.ship(number, {shop.orders[number].lines[0].external_id: 2})

            def drop_the_mug(number: str) -> None:
                shop.cancel(number, {shop.orders[number].lines[1].external_id: 1})

            _assert_is(OrderStatus.SHIPPED, await _followed(trial, pay, send_two, drop_the_mug, shop.ship))

        self.simulate(live)

    @having("fetch_orders")
    def test_parts_of_a_total_add_up(self) -> None:
        """Whatever the shop words of discounts, shipping and fees is mapped: the total is its parts (covers R43).

        A part that makes no difference to the shop's record is left out of the order: the shop has no word for it.
        A discount of a line needs none where the total is told: the price may be told without what is taken off.
        """
        place = self._marketplaces()[0]
        bare = _bare_order(place)
        record = self._record(bare)
        parts = [part for part in PARTS if self._record(_with_part(bare, part, place)) != record]
        order = self._rated(_with_parts(bare, parts, place))
        [(told, mapped)] = self.simulate(lambda trial: _through(trial, [order]))
        assert_same([(told, mapped)], self.shop)
        flaws = "; ".join(order_flaws(evolve(mapped, total=order.total)))
        assert not flaws, f"a part of the total is lost in mapping: {flaws}. {LOST}"

    @having("fetch_order")
    def test_named_orders_are_told_as_they_are_now(self) -> None:
        """A notification names an order: it is fetched alone, and one that does not exist is simply absent."""

        async def name(trial: Trial) -> None:
            [order] = await trial.place(1)
            marketplace = await trial.marketplace()
            current = trial.shop.pay(order.external_id, marketplace.currency)
            never_given = trial.shop.order_number(marketplace, 999_999)
            told = await trial.named(order.external_id, never_given)
            assert_same([(current, found) for found in told], self.shop)
            assert len(told) == 1, f"of one order and one that is none are told {len(told)}. Next: leave out the other"

        self.simulate(name)

    def _record(self, order: Order) -> channel.Json:
        async def worded(trial: Trial) -> channel.Json:
            trial.shop.put(*await trial.numbered(self._rated(order)))
            page = await trial.page(Window(order.changed_at, EPOCH - trial.lists.settle_lag))
            return page.records

        return self.simulate(worded)

    def _rated(self, order: Order) -> Order:
        """With taxes, where the shop tells their rates."""
        if not self.shop.tax_rates:
            return order
        return evolve(order, lines=tuple(rated(line, self.shop.tax_rates[0]) for line in order.lines))

    def _marketplaces(self) -> tuple[Marketplace, ...]:
        return self.simulate(Trial.marketplaces)


def _bare_order(place: Marketplace) -> Order:
    """Paid: one line of two units."""
    price = _money(2198, place)
    line = OrderLine("", "TEA-250", 2, gross=price)
    at = LAST_CHANGE.replace(microsecond=0)
    return Order("", place.id, OrderStatus.UNSHIPPED, at, at, (line,), status_text="paid", total=price)


def _money(minor: int, place: Marketplace) -> Money:
    return Money(Decimal(minor).scaleb(-minor_digits(place.currency)), place.currency)


def _with_part(order: Order, part: Part, place: Marketplace) -> Order:
    """Whether it shows in the record of itself; a discount of a line may show in the total only."""
    whole = _with_parts(order, [part], place)
    return whole if part is OFF_A_PRICE else evolve(whole, total=order.total)


def _with_parts(order: Order, parts: Sequence[Part], place: Marketplace) -> Order:
    """Each of another amount, none of which is the sum of others."""
    for number, (sign, added) in enumerate(parts):
        part = _money(LEAST_PART << number, place)
        order = evolve(added(order, part), total=order.total and order.total + part * sign)
    return order


async def _followed(trial: Trial, *changes: Callable[[str], object]) -> Order:
    """A new order through its changes: each pass tells it, as the shop has it then. Returns what was told last."""
    marketplace, start = await trial.marketplace(), trial.clock.now()
    number = trial.shop.place({"TEA-250": 3, "MUG-BLUE": 1}, marketplace).external_id
    told: dict[str, Order] = {}
    for change in (_nothing, *changes):
        change(number)
        window = await trial.settled(start)
        told = trial.latest(await trial.pull(window))
        assert number in told, _not_told(trial)
        assert_same([(trial.shop.orders[number], told[number])], type(trial.shop))
        start = window.end
    return told[number]


def _not_told(trial: Trial) -> str:
    if not trial.lists.windowed:
        return f"{NOT_TOLD}{LEFT}"
    cut = CUT if trial.shop.resolution > timedelta.resolution else ""
    return f"{NOT_TOLD}{cut}{START_LEFT_OUT}; or {LEFT}"


def _assert_is(status: OrderStatus, order: Order) -> None:
    assert order.status is status, f"{order.external_id} is {status}, and mapped as {order.status}. Next: map its word"


def _nothing(_: str) -> None:
    pass


async def _through(trial: Trial, drawn: Sequence[Order]) -> list[Pair]:
    """Each order as the shop has it, and as it was mapped.

    A list without windows may hold open orders only, so each order has been open there before.
    """
    told = await trial.numbered(*drawn)
    start = min(order.changed_at for order in told)
    window = Window(start, trial.clock.now() - trial.lists.settle_lag)
    if not trial.lists.windowed:
        for order in told:
            trial.shop.put(_as_placed(order, start - timedelta(seconds=1)))
        await trial.pull(window)
    for order in sorted(told, key=lambda order: order.changed_at):
        trial.shop.put(order)
    mapped = trial.latest(await trial.pull(window))
    assert_told(trial, mapped, "let fetch_orders return every record of the list")
    return [(order, mapped[number]) for number, order in trial.shop.orders.items()]


def _as_placed(order: Order, at: datetime) -> Order:
    lines = tuple(evolve(line, shipped=0, cancelled=0) for line in order.lines)
    return evolve(order, status=OrderStatus.UNSHIPPED, status_text="unshipped", lines=lines, changed_at=at)
