"""Buyers with a plan: who orders what and when, what becomes of each order, all drawn from one seed beforehand."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from attrs import evolve, frozen

from entrepot.model import Cancellation, Fulfillment, Marketplace, Order, OrderStatus
from entrepot.runtime import Clock, Rng
from entrepot.simulation.markets.habits import PLAIN, Fate, Habits, draw_fate, draw_pauses
from entrepot.simulation.markets.happened import BUYER, CHANNEL, MERCHANT
from entrepot.simulation.markets.market import Market
from entrepot.simulation.markets.shelf import SoldOut

LARGEST_BASKET = 3
"""Units of one offer in one order."""

# Shares of the orders
SHARED = 0.2  # with a second offer
DISCOUNTED = 0.1

Step = tuple[timedelta, Callable[[], object]]
"""What takes an order one state further, and the pause before it."""

CHANGED_MIND = Cancellation(BUYER, "changed their mind")
NO_PAYMENT = Cancellation(CHANNEL, "no payment")
NO_STOCK = Cancellation(MERCHANT, "out of stock")
ON_REQUEST = Cancellation(MERCHANT, "the buyer asked for it")

UNPAID = {Fate.CANCELLED_UNPAID: CHANGED_MIND, Fate.NEVER_PAID: NO_PAYMENT}
RETURN_REASONS = {"unwanted": True, "defective": False}
"""And whether the units can be sold again."""


@frozen
class Wish:
    """An order that a buyer will place if the channel still shows enough. `pauses` come before later steps."""

    at: datetime
    marketplace: Marketplace
    units: Mapping[str, int]
    fate: Fate
    discount: Decimal
    pauses: tuple[timedelta, ...]


class Buyers:
    """One market's demand from `start` on for `span`.

    `demand` is the number of units wanted of each offer in that time. With `time_scale` N they live N times as fast.
    `turned_away` counts those that were wanted and not on show. What would happen after the span never does.
    """

    def __init__(
        self,
        market: Market,
        marketplaces: Sequence[Marketplace],
        demand: Mapping[str, int],
        rng: Rng,
        *,
        start: datetime,
        span: timedelta = timedelta(days=1),
        time_scale: int = 1,
        habits: Habits = PLAIN,
    ) -> None:
        self._market = market
        self._rng = rng
        self._habits = habits
        self._end = start + span / time_scale
        wishes = _wishes(marketplaces, demand, rng, (start, span), habits)
        self.wishes = tuple(_hurried(wish, start, time_scale) for wish in wishes)
        self.turned_away: Counter[str] = Counter()
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._numbers = 0

    async def trade(self, clock: Clock) -> None:
        """Live through the span: every step that falls into it happens, each at its instant."""
        for wish in self.wishes:
            self._plan(wish.at, partial(self._buy, wish))
        while self._due:
            at, _, action = heapq.heappop(self._due)
            await asyncio.sleep((at - clock.now()).total_seconds())
            action()

    def _plan(self, at: datetime, action: Callable[[], object]) -> None:
        self._numbers += 1
        if at < self._end:
            heapq.heappush(self._due, (at, self._numbers, action))

    def _buy(self, wish: Wish) -> None:
        """What the channel sends and what the merchant sends are two orders."""
        for sender in Fulfillment:
            basket = {each: units for each, units in wish.units.items() if self._market.fulfillment_of(each) is sender}
            if basket:
                self._order(wish, basket)

    def _order(self, wish: Wish, basket: Mapping[str, int]) -> None:
        try:
            order = self._market.place(basket, wish.marketplace)
        except SoldOut:
            self.turned_away.update(basket)
            return
        at = wish.at
        if order.ship_by and order.ship_by.earliest and wish.fate is not Fate.CANCELLED_UNPAID:
            at = order.ship_by.earliest  # the release, before which nobody pays
        for pause, step in self._course(wish, order):
            at += pause
            self._plan(at, step)

    def _course(self, wish: Wish, order: Order) -> Iterator[Step]:
        """What the merchant does by himself, by his own software perhaps, is not in it."""
        market, number, pauses = self._market, order.external_id, wish.pauses
        if wish.fate in UNPAID:
            yield pauses[0], partial(market.cancel, number, why=UNPAID[wish.fate])
            return
        yield pauses[0], partial(market.pay, number, wish.marketplace.currency, wish.discount)
        by_channel = order.fulfillment is Fulfillment.CHANNEL
        if wish.fate is Fate.CANCELLED:
            yield pauses[1], partial(market.cancel, number, why=NO_STOCK)
        elif wish.fate is Fate.UNFULFILLABLE and by_channel:
            yield pauses[1], partial(market.give_up, number)
        elif wish.fate is Fate.REQUEST_GRANTED:
            yield pauses[1], partial(market.ask_to_cancel, number, CHANGED_MIND.reason)
            yield pauses[2], partial(market.cancel, number, why=ON_REQUEST)
        else:
            yield from self._shipping(wish, order, shipped=by_channel or self._habits.ships)

    def _shipping(self, wish: Wish, order: Order, *, shipped: bool) -> Iterator[Step]:
        market, number = self._market, order.external_id
        pauses, in_two = iter(wish.pauses[1:3]), wish.fate is Fate.SHIPPED_IN_TWO and market.partial
        if wish.fate is Fate.REQUEST_IGNORED:
            yield next(pauses), partial(market.ask_to_cancel, number, CHANGED_MIND.reason)
        if shipped and in_two:
            yield next(pauses), partial(market.ship, number, {order.lines[0].external_id: 1})
        if shipped:
            yield next(pauses), partial(market.ship, number)
        if self._habits.delivers:
            yield wish.pauses[3], partial(self._deliver, wish, number)

    def _deliver(self, wish: Wish, number: str) -> None:
        """What is not sent yet arrives later."""
        order, now = self._market.deliver(number), self._market.now()
        if order.status in {OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED}:
            self._plan(now + wish.pauses[3], partial(self._deliver, wish, number))
        elif wish.fate is Fate.RETURNED:
            self._plan(now + wish.pauses[4], partial(self._give_back, number))

    def _give_back(self, number: str) -> None:
        order, reason = self._market.orders[number], self._rng.choice([*RETURN_REASONS])
        units = {line.external_id: self._rng.randint(1, line.shipped) for line in order.lines[:1] if line.shipped}
        self._market.take_back(number, units, reason, sellable=RETURN_REASONS[reason])


def _wishes(
    marketplaces: Sequence[Marketplace],
    demand: Mapping[str, int],
    rng: Rng,
    time: tuple[datetime, timedelta],
    habits: Habits,
) -> Iterator[Wish]:
    """`time`: start and span."""
    for units in _baskets(demand, rng):
        discounted = rng.random() < DISCOUNTED
        at, marketplace = time[0] + rng.random() * time[1], rng.choice(marketplaces)
        fate = draw_fate(units, rng.random(), habits)
        discount = Decimal("0.1") if discounted else Decimal(0)
        yield Wish(at, marketplace, units, fate, discount, draw_pauses(fate, rng, habits))


def _hurried(wish: Wish, start: datetime, time_scale: int) -> Wish:
    pauses = tuple(pause / time_scale for pause in wish.pauses)
    return evolve(wish, at=start + (wish.at - start) / time_scale, pauses=pauses)


def _baskets(demand: Mapping[str, int], rng: Rng) -> list[dict[str, int]]:
    baskets: list[dict[str, int]] = []
    for offer, wanted in demand.items():
        left = wanted
        while left:
            units = rng.randint(1, min(LARGEST_BASKET, left))
            left -= units
            basket = rng.choice(baskets) if baskets and rng.random() < SHARED else {}
            if not basket or offer in basket:
                basket = {}
                baskets.append(basket)
            basket[offer] = units
    return baskets
