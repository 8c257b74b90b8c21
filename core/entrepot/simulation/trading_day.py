"""An ordinary day: buyers on every market, a merchant who is sent goods, and one daemon that keeps the numbers true."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from attrs import evolve, frozen

from entrepot.config import Config
from entrepot.model import AccountId, Marketplace, Sku
from entrepot.runtime import Rng
from entrepot.simulation.buyers import Buyers, Wish
from entrepot.simulation.loop import VirtualLoop
from entrepot.simulation.replay import Delivery, opening
from entrepot.simulation.report import Report, measure
from entrepot.simulation.run import run
from entrepot.simulation.seeds import stream
from entrepot.simulation.world import Terms, World
from entrepot.sync.description import parse_description
from entrepot.sync.stocktaking import receive

OPENING = timedelta(minutes=5)
"""Before the first buyer comes, for the first look at every channel."""

TRADE = timedelta(days=1)

SCARCE = 0.3
"""Share of the articles that begin the day with less than is wanted."""

RESTOCKED = 3
"""Every so many of them are delivered in the course of the day."""

WANTED = (2, 10)
"""Units of each article on each market."""

RUSH_AFTER, RUSH = timedelta(hours=18), timedelta(minutes=10)
"""Half of those who want a scarce article come in these ten minutes: what sells out on two channels sells out fast."""

LOOK_EVERY = timedelta(minutes=10)

Watch = Callable[[float, Mapping[AccountId, int]], None]
"""Told now and then: the share of the day that is over, and the orders of each market so far."""


@frozen
class Plan:
    """What the day is made of, drawn from its seed. `start` is when the daemon does; `wanted` is of each market."""

    seed: int
    start: datetime
    counted: Mapping[str, int]
    wanted: Mapping[AccountId, Mapping[str, int]]
    deliveries: Sequence[Delivery]

    @property
    def scarce(self) -> list[str]:
        """Articles that begin with less than the day's demand."""
        total = {sku: sum(wanted[sku] for wanted in self.wanted.values()) for sku in self.counted}
        return [sku for sku, units in self.counted.items() if units < total[sku]]


def draw_plan(config: Config, seed: int, end: datetime) -> Plan:
    """A day that is over at `end`. Its figures depend on the seed only, not on when it takes place."""
    chance = stream(seed, "plan")
    start = end - OPENING - TRADE - quiet(config)
    skus = sorted(config.articles)
    wanted = {account: {str(sku): chance.randint(*WANTED) for sku in skus} for account in sorted(config.accounts)}
    scarce = _choose(chance, skus, round(SCARCE * len(skus)))
    counted = {
        str(sku): _units(chance, sum(wishes[sku] for wishes in wanted.values()), scarce=sku in scarce) for sku in skus
    }
    deliveries = [
        Delivery(start + OPENING + chance.uniform(0.3, 0.8) * TRADE, str(sku), chance.randint(3, 12))
        for sku in scarce[::RESTOCKED]
    ]
    return Plan(seed, start, counted, wanted, sorted(deliveries, key=lambda delivery: delivery.at))


def quiet(config: Config) -> timedelta:
    """After the last buyer, until everything that happened is known, answered and read back."""
    return timedelta(minutes=15) + 3 * max(account.orders.freshness for account in config.accounts.values())


def live_through(config: Config, plan: Plan, watch: Watch) -> Report:
    """Live through the day in virtual time; the database stays. Raises what went wrong in the daemon or a simulator."""

    async def live(loop: VirtualLoop) -> Report:
        return await _live(loop, config, plan, watch)

    return run(live, plan.seed)


async def _live(loop: VirtualLoop, config: Config, plan: Plan, watch: Watch) -> Report:
    world = World(loop, config, Terms(plan.seed, plan.start, opening(plan.counted, config.buffer), plan.counted))
    try:
        await world.begin()
        daemon = world.start_daemon()
        watching = loop.create_task(_watch(world, watch), name="watch")
        places = await _marketplaces(world)
        await asyncio.gather(_deliver(world, plan), *(_trade(world, plan, *entry) for entry in places.items()))
        await asyncio.sleep(quiet(config).total_seconds())
        await daemon.drain()
        watching.cancel()
        _raise_failures(world)
        return await world.write(lambda tx: measure(tx, world, plan.deliveries))
    finally:
        world.close()


async def _marketplaces(world: World) -> Mapping[AccountId, Sequence[Marketplace]]:
    """Where each account sells, once its channel has said so. Raises TimeoutError where it does not."""
    async with asyncio.timeout(OPENING.total_seconds()):
        while True:
            await asyncio.sleep(1)
            rows = await world.write(lambda tx: tx.accounts.all())
            described = {row.id: parse_description(row) for row in rows}
            told = {id_: description.marketplaces for id_, description in described.items() if description}
            if told.keys() >= world.markets.keys():
                return {id_: _sold_on(world.config.accounts[id_].marketplaces, told[id_]) for id_ in world.markets}


def _sold_on(chosen: Sequence[str], told: Sequence[Marketplace]) -> Sequence[Marketplace]:
    return [place for place in told if place.id in chosen] if chosen else told


async def _trade(world: World, plan: Plan, account: AccountId, places: Sequence[Marketplace]) -> None:
    chance = stream(plan.seed, f"{account}/buyers")
    start = plan.start + OPENING
    buyers = Buyers(world.markets[account], places, plan.wanted[account], chance, start=start, span=TRADE)
    buyers.wishes = tuple(_rushed(wish, start, plan.scarce, chance) for wish in buyers.wishes)
    await buyers.trade(world.clock)


def _rushed(wish: Wish, start: datetime, scarce: Sequence[str], chance: Rng) -> Wish:
    if not wish.units.keys() & set(scarce) or chance.random() < 1 / 2:
        return wish
    return evolve(wish, at=start + RUSH_AFTER + chance.random() * RUSH)


async def _deliver(world: World, plan: Plan) -> None:
    for number, delivery in enumerate(plan.deliveries, 1):
        await asyncio.sleep((delivery.at - world.clock.now()).total_seconds())
        await _receive(world, delivery, f"delivery {number}")


async def _receive(world: World, delivery: Delivery, reference: str) -> None:
    now = world.clock.now()
    await world.write(lambda tx: receive(tx, Sku(delivery.offer), delivery.units, reference, now))


async def _watch(world: World, watch: Watch) -> None:
    """Runs whether anybody looks or not: the same seed takes the same steps."""
    whole = OPENING + TRADE + quiet(world.config)
    while True:
        over = (world.clock.now() - world.terms.start) / whole
        watch(over, {id_: len(market.orders) for id_, market in world.markets.items()})
        await asyncio.sleep(LOOK_EVERY.total_seconds())


def _raise_failures(world: World) -> None:
    failures = [error for network in world.network.values() for error in network.app_errors]
    if failures:
        raise ExceptionGroup("a channel's simulator failed", failures)


def _choose(chance: Rng, skus: Sequence[Sku], number: int) -> list[Sku]:
    left, chosen = list(skus), list[Sku]()
    while len(chosen) < number:
        chosen.append(left.pop(chance.randint(0, len(left) - 1)))
    return chosen


def _units(chance: Rng, wanted: int, *, scarce: bool) -> int:
    """Of a scarce article always fewer than wanted, of another always enough."""
    return max(1, int(wanted * chance.uniform(0.3, 0.8))) if scarce else ceil(wanted * chance.uniform(1.1, 2.5))
