"""Buyers with a plan: who orders what and when, what becomes of each order, all drawn from one seed beforehand."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial

from attrs import evolve, frozen

from entrepot.model import Marketplace
from entrepot.runtime import Clock, Rng
from entrepot.simulation.market import Market, SoldOut

LARGEST_BASKET = 3
"""Units of one offer in one order."""

# Shares of the orders
SHARED = 0.2  # with a second offer
DISCOUNTED = 0.1
CANCELLED_UNPAID = 0.03
CANCELLED = 0.05
IN_TWO = 0.15  # sent in two parcels


class Fate(StrEnum):
    """How an order goes on."""

    SHIPPED = "shipped"
    SHIPPED_IN_TWO = "shipped_in_two"
    CANCELLED_UNPAID = "cancelled_unpaid"
    CANCELLED = "cancelled"


@frozen
class Wish:
    """An order that a buyer will place if the channel still shows enough. `pauses` come before each later step."""

    at: datetime
    marketplace: Marketplace
    units: Mapping[str, int]
    fate: Fate
    discount: Decimal
    pauses: tuple[timedelta, ...]


class Buyers:
    """One market's demand from `start` on for `span`.

    `demand` is the number of units wanted of each offer in that time. With `time_scale` N they live N times as fast.
    `turned_away` counts those that were wanted and not on show.
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
    ) -> None:
        self._market = market
        self._end = start + span / time_scale
        wishes = _wishes(marketplaces, demand, rng, start, span)
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
        try:
            order = self._market.place(wish.units, wish.marketplace)
        except SoldOut:
            self.turned_away.update(wish.units)
            return
        at = wish.at
        for pause, step in zip(wish.pauses, self._lifecycle(wish, order.external_id), strict=False):
            at += pause
            self._plan(at, step)

    def _lifecycle(self, wish: Wish, number: str) -> Iterator[Callable[[], object]]:
        """Each step takes the order one state further."""
        market = self._market
        if wish.fate is Fate.CANCELLED_UNPAID:
            yield partial(market.cancel, number)
            return
        yield partial(market.pay, number, wish.marketplace.currency, wish.discount)
        if wish.fate is Fate.CANCELLED:
            yield partial(market.cancel, number)
            return
        if wish.fate is Fate.SHIPPED_IN_TWO and market.partial:
            yield partial(market.ship, number, {market.orders[number].lines[0].external_id: 1})
        yield partial(market.ship, number)


def _wishes(
    marketplaces: Sequence[Marketplace], demand: Mapping[str, int], rng: Rng, start: datetime, span: timedelta
) -> Iterator[Wish]:
    for units in _baskets(demand, rng):
        discounted = rng.random() < DISCOUNTED
        yield Wish(
            at=start + rng.random() * span,
            marketplace=rng.choice(marketplaces),
            units=units,
            fate=_fate(units, rng.random()),
            discount=Decimal("0.1") if discounted else Decimal(0),
            pauses=(_pause(rng, 1, 900), _pause(rng, 600, 21_600), _pause(rng, 600, 21_600)),
        )


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


def _fate(units: Mapping[str, int], drawn: float) -> Fate:
    if drawn < CANCELLED_UNPAID:
        return Fate.CANCELLED_UNPAID
    if drawn < CANCELLED_UNPAID + CANCELLED:
        return Fate.CANCELLED
    divisible = sum(units.values()) > 1
    return Fate.SHIPPED_IN_TWO if divisible and drawn > 1 - IN_TWO else Fate.SHIPPED


def _pause(rng: Rng, least: float, most: float) -> timedelta:
    return timedelta(seconds=rng.uniform(least, most))
