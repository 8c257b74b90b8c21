"""A seller whose daemons were down for days: what he sold meanwhile on Amazon and in his own shop is caught up."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from connectors.amazon_sp.tests.worlds.hostile_day import PLACES, skus, write_config
from entrepot.simulation import EPOCH, VirtualLoop, run, stream
from entrepot.simulation.markets.buyers import LARGEST_BASKET, Buyers
from entrepot.simulation.worlds.chaos import Chaos, Hostility
from entrepot.simulation.worlds.hostile import COME_ROUND
from entrepot.simulation.worlds.invariants import broken_at_rest
from entrepot.simulation.worlds.world import Terms, World
from entrepot.store.sqlite.database import SqliteTx

FRESHNESS = timedelta(minutes=60)
BEFORE = timedelta(hours=2)
"""In which a daemon ran, until somebody switched it off."""
PLENTY = 1_000_000
GLANCE = timedelta(minutes=15)


@frozen
class Return:
    """How the daemon came back. `caught_up` is how long after its start every change of the time before was known."""

    orders: int
    caught_up: timedelta
    broken: tuple[str, ...]


def come_back(folder: Path, seed: int, down: timedelta, orders_a_day: int) -> Return:
    """Raises TimeoutError where it is not caught up within the time that it was down."""
    config = write_config(folder, freshness="60m")

    async def live(loop: VirtualLoop) -> Return:
        quantities = dict.fromkeys(skus(), PLENTY)
        world = World(loop, config, Terms(seed, EPOCH, quantities, quantities))
        try:
            return await _live(world, down, orders_a_day)
        finally:
            world.close()

    return run(live, seed)


async def _live(world: World, down: timedelta, orders_a_day: int) -> Return:
    await world.begin()
    daemon = world.start_daemon()
    await asyncio.sleep(BEFORE.total_seconds())
    await daemon.drain()
    selling = [asyncio.ensure_future(_sell(world, account, down, orders_a_day)) for account in sorted(PLACES)]
    await asyncio.sleep(down.total_seconds())
    back_at = world.clock.now()
    daemon = world.start_daemon()
    async with asyncio.timeout(down.total_seconds()):
        caught_up = await _until_known(world, back_at - FRESHNESS) - back_at
    await asyncio.gather(*selling)
    await asyncio.sleep((COME_ROUND + 2 * FRESHNESS).total_seconds())
    await daemon.drain()
    orders = sum(len(market.orders) for market in world.markets.values())
    chaos = Chaos(world, Hostility(), back_at)
    return Return(orders, caught_up, tuple(await world.write(lambda tx: broken_at_rest(world, chaos, tx))))


async def _until_known(world: World, instant: datetime) -> datetime:
    """When every change before the instant is known."""
    while await world.write(_known_until) < instant:  # noqa: ASYNC110 - a store has no event for it
        await asyncio.sleep(GLANCE.total_seconds())
    return world.clock.now()


def _known_until(tx: SqliteTx) -> datetime:
    return min(tx.streams.orders_known_until(account) or EPOCH for account in PLACES)


async def _sell(world: World, account: str, down: timedelta, orders_a_day: int) -> None:
    """Baskets have two units in the middle, and a fifth of them a second article."""
    span = down + timedelta(hours=1)
    units = orders_a_day / len(PLACES) * (span / timedelta(days=1)) * (1 + LARGEST_BASKET) / 2 * 1.25
    demand = dict.fromkeys(skus(), round(units / len(skus())))
    chance = stream(world.terms.seed, f"{account}/buyers")
    buyers = Buyers(world.markets[account], PLACES[account], demand, chance, start=world.clock.now(), span=span)
    await buyers.trade(world.clock)
