"""An ordinary day: buyers on every market, a merchant who is sent goods, and one daemon that keeps the numbers true."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from attrs import evolve, frozen

from entrepot.config import Config
from entrepot.model import AccountId, Marketplace, Sku
from entrepot.runtime import Rng
from entrepot.simulation.markets.buyers import Buyers, Wish
from entrepot.simulation.markets.market import Market
from entrepot.simulation.seeds import stream
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.virtual_time.pacing import Pace, PacedLoop
from entrepot.simulation.virtual_time.run import run
from entrepot.simulation.worlds.replay import Delivery
from entrepot.simulation.worlds.report import Report, measure
from entrepot.simulation.worlds.showing import opening, showing_by
from entrepot.simulation.worlds.world import Terms, World
from entrepot.sync.description import parse_description
from entrepot.sync.stocktaking import receive
from entrepot.sync.telling import Observer

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


@frozen
class Moment:
    """What can be seen of the day: `over` is the share of it that is over, `at` the instant."""

    over: float
    at: datetime
    markets: Mapping[AccountId, Market]


Watch = Callable[[Moment], None]
"""Told now and then."""


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
    start = end - length(config)
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


def length(config: Config) -> timedelta:
    """From the daemon's start to its end."""
    return OPENING + TRADE + quiet(config)


def quiet(config: Config) -> timedelta:
    """After the last buyer, until everything that happened is known, answered and read back."""
    return timedelta(minutes=15) + 3 * max(account.orders.freshness for account in config.accounts.values())


def live_through(
    config: Config, plan: Plan, pace: Pace, watch: Watch | None = None, observers: tuple[Observer, ...] = ()
) -> Report:
    """Live through the day; the database stays.

    Closed early by its pace, the day still comes to rest before it is measured. Raises what went wrong in the daemon or
    a simulator, and ThreadsBanned where an observer wants a thread.
    """

    async def live(loop: VirtualLoop) -> Report:
        shown = opening(plan.counted, config.accounts, showing_by(config))
        terms = Terms(plan.seed, plan.start, shown, plan.counted)
        world = World(loop, config, terms, observers=observers)
        if watch is not None:
            pace.look = lambda: watch(_moment(world))
        try:
            return await _live(world, plan, pace.closing)
        finally:
            world.close()

    return run(live, plan.seed, lambda rng: PacedLoop(rng, pace))  # type: ignore[abstract]  # as VirtualLoop


async def _live(world: World, plan: Plan, closing: asyncio.Event) -> Report:
    await world.begin()
    daemon = world.start_daemon()
    ended_early = await _trade_until(closing, world, plan)
    end = world.clock.now()
    await asyncio.sleep(quiet(world.config).total_seconds())
    await daemon.drain()
    _raise_failures(world)
    came_in = [delivery for delivery in plan.deliveries if delivery.at <= end]
    lived = end - plan.start if ended_early else None
    return await world.write(lambda tx: measure(tx, world, came_in, lived))


async def _trade_until(closing: asyncio.Event, world: World, plan: Plan) -> bool:
    """Until the day is over, or is ended early: then nobody buys, pays or ships any more."""
    trading, closed = asyncio.ensure_future(_trade(world, plan)), asyncio.ensure_future(closing.wait())
    done, _ = await asyncio.wait([trading, closed], return_when=asyncio.FIRST_COMPLETED)
    if trading in done:
        closed.cancel()
        trading.result()
    else:
        trading.cancel()
    return trading not in done


async def _trade(world: World, plan: Plan) -> None:
    places = await _marketplaces(world)
    selling = [(id_, sold_on) for id_, sold_on in places.items() if _tells_orders(world, id_)]
    await asyncio.gather(_deliver(world, plan), *(_sell(world, plan, *entry) for entry in selling))


def _tells_orders(world: World, account: AccountId) -> bool:
    """Where nobody is told of orders nobody buys: what was sold could not be known."""
    return "fetch_orders" in world.config.accounts[account].channel.operations


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


async def _sell(world: World, plan: Plan, account: AccountId, places: Sequence[Marketplace]) -> None:
    chance = stream(plan.seed, f"{account}/buyers")
    start = plan.start + OPENING
    buyers = Buyers(world.markets[account], places, plan.wanted[account], chance, start=start, span=TRADE)
    scarce = set(plan.scarce)
    buyers.wishes = tuple(_rushed(wish, start, scarce, chance) for wish in buyers.wishes)
    await buyers.trade(world.clock)


def _rushed(wish: Wish, start: datetime, scarce: set[str], chance: Rng) -> Wish:
    if not wish.units.keys() & scarce or chance.random() < 1 / 2:
        return wish
    return evolve(wish, at=start + RUSH_AFTER + chance.random() * RUSH)


async def _deliver(world: World, plan: Plan) -> None:
    for number, delivery in enumerate(plan.deliveries, 1):
        await asyncio.sleep((delivery.at - world.clock.now()).total_seconds())
        await _receive(world, delivery, f"delivery {number}")


async def _receive(world: World, delivery: Delivery, reference: str) -> None:
    now, place = world.clock.now(), world.config.locations.own[0]
    await world.write(lambda tx: receive(tx, Sku(delivery.offer), delivery.units, reference, now, location=place))


def _moment(world: World) -> Moment:
    at = world.clock.now()
    return Moment((at - world.terms.start) / length(world.config), at, world.markets)


def _raise_failures(world: World) -> None:
    failures = [network.app_errors[0] for network in world.network.values() if network.app_errors]
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
