"""One seed, one hostile day: the real daemons against simulated channels, and what became of the promises."""

import asyncio
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from attrs import evolve, field, frozen
from structlog.testing import capture_logs

from entrepot.config import Config
from entrepot.model import AccountId, Marketplace
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.errors import Crashed
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.network.faults import NetworkFault, SeededFaults
from entrepot.simulation.seeds import EPOCH, stream
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.virtual_time.run import run
from entrepot.simulation.worlds.chaos import Chaos, Hostility
from entrepot.simulation.worlds.invariants import Watch, broken_at_rest
from entrepot.simulation.worlds.tripwire import stretch, tripped
from entrepot.simulation.worlds.world import Terms, World
from entrepot.store.sqlite.database import SqliteTx

LOOK_EVERY = timedelta(minutes=30)
COME_ROUND = timedelta(hours=6, minutes=20)
"""Longer than a repair pass, or a sweep of the quantities, takes to come round."""

FAULT_SHARE = 0.02
"""Of all requests."""

TOLD = frozenset({"call_failed", "lease_lost", "store_refused"})
"""Log events that are counted, failed calls by their error class."""


@frozen
class Day:
    """What a hostile day is made of. `demand`: units of each SKU that the buyers of each channel want.

    `network` is the share of all requests that something happens to on the way, `ahead` by how much the clock of a
    channel is.
    """

    config: Config
    marketplaces: Mapping[AccountId, Sequence[Marketplace]]
    counted: Mapping[str, int]
    shown: Mapping[str, int]
    demand: int
    hostility: Hostility
    span: timedelta = timedelta(days=1)
    network: float = FAULT_SHARE
    ahead: Mapping[AccountId, timedelta] = field(factory=dict)


@frozen
class Verdict:
    """What a day brought. `broken` is empty where every promise was kept; `fingerprint` is equal for equal runs."""

    seed: int
    broken: tuple[str, ...]
    happened: Counter[str]
    orders: int
    fingerprint: str


def live_through(day: Day, seed: int) -> Verdict:
    """Live through a day of this seed, in virtual time."""

    async def live(loop: VirtualLoop) -> Verdict:
        return await _live(loop, day, seed)

    with capture_logs() as logged:
        verdict = run(live, seed)
    seen = Counter(entry.get("error", entry["event"]) for entry in logged if entry["event"] in TOLD)
    return evolve(verdict, happened=verdict.happened + seen)


def _tell_defects(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
    """Deaths are meant to happen; anything else that nobody caught is a defect."""
    error = context.get("exception")
    dead = isinstance(error, Crashed) or (isinstance(error, BaseExceptionGroup) and error.split(Crashed)[1] is None)
    if not dead:
        loop.default_exception_handler(context)


async def _live(loop: VirtualLoop, day: Day, seed: int) -> Verdict:
    loop.set_exception_handler(_tell_defects)
    end = EPOCH + day.span
    chances = dict.fromkeys(NetworkFault, day.network / len(NetworkFault))
    world_ends = [False]
    faults = SeededFaults(stream(seed, "faults"), chances, lambda _: not world_ends[0])
    world = World(loop, day.config, Terms(seed, EPOCH, day.shown, day.counted, day.ahead), faults)
    stretch(world.path)
    try:
        await world.begin()
        chaos = Chaos(world, day.hostility, end)
        watch = Watch(world, chaos)
        watching = loop.create_task(_watch(world, watch), name="watch")
        await asyncio.gather(chaos.reign(), *(_trade(world, day, account) for account in sorted(world.markets)))
        world_ends[0] = True
        await chaos.still(_quiet(day.config))
        watching.cancel()
        return await _judge(world, chaos, watch)
    finally:
        world.close()


def _quiet(config: Config) -> timedelta:
    """Until all is mended: a sweep finds what somebody lowered, a pass judges it, and the next lets it be raised."""
    return COME_ROUND + 2 * max(account.orders.freshness for account in config.accounts.values())


async def _trade(world: World, day: Day, account: AccountId) -> None:
    chance = stream(world.terms.seed, f"{account}/buyers")
    demand = dict.fromkeys(sorted(day.shown), day.demand)
    market, places = world.markets[account], day.marketplaces[account]
    buyers = Buyers(market, places, demand, chance, start=EPOCH, span=day.span, habits=market.habits)
    await buyers.trade(world.clock)


async def _watch(world: World, watch: Watch) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        await world.write(watch.look)


async def _judge(world: World, chaos: Chaos, watch: Watch) -> Verdict:
    def look(tx: SqliteTx) -> list[str]:
        watch.look(tx)
        return broken_at_rest(world, chaos, tx)

    broken = [*watch.broken, *await world.write(look), *tripped(world.path)]
    happened = chaos.happened + Counter({f"killed_{phase}": times for phase, times in world.deaths.items()})
    for account, network in world.network.items():
        broken += [f"the simulator of {account} failed: {error!r}" for error in network.app_errors]
        happened.update(str(fault) for fault in network.injected.elements())
    for market in world.markets.values():
        happened += market.faults.happened if isinstance(market, ShopDouble) else Counter()
    orders = sum(len(market.orders) for market in world.markets.values())
    return Verdict(world.terms.seed, tuple(dict.fromkeys(broken)), happened, orders, world.loop.fingerprint())
