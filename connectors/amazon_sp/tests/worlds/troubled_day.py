"""Amazon in trouble for hours beside a healthy shop, and one daemon for both."""

import asyncio
from datetime import timedelta
from enum import StrEnum

from connectors.amazon_sp.tests.worlds.hostile_day import AMAZON_EU, PLACES, WEBSHOP, skus, write_config
from entrepot.model import ProblemKind
from entrepot.simulation import EPOCH, Server, SimTransport, run, stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.network.transport import EveryHost
from entrepot.simulation.worlds.invariants import known_late
from entrepot.simulation.worlds.world import Terms, World

FRESHNESS = timedelta(minutes=10)
PROMISED = FRESHNESS + timedelta(seconds=20 + 60)
"""The pause between two looks, what the shop takes to show a change, and a minute for the calls themselves."""
SPAN = timedelta(hours=5)
HEALTHY, ILL = timedelta(minutes=30), timedelta(hours=3)
HEALED = timedelta(hours=1)
"""A parked account is checked on every hour, at the seldomest."""


class Trouble(StrEnum):
    """A fault of Amazon's for three hours, or a clock that is ten minutes off as long."""

    OUTAGE = "outage"
    STORE_DOWN = "store_down"
    REVOKED_CONSENT = "revoked_consent"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"


OFF = {Trouble.CLOCK_AHEAD: timedelta(minutes=10), Trouble.CLOCK_BEHIND: -timedelta(minutes=10)}


class Wayward:
    """A clock that goes wrong by `off`, for a while."""

    def __init__(self, clock):
        self.off = timedelta()
        self._clock = clock

    def now(self):
        return self._clock.now() + self.off


class Day:
    def __init__(self, world, trouble):
        self.world = world
        self.trouble = trouble
        self.clock = Wayward(world.clock)
        self.told = set()
        dated = EveryHost(Server(world.markets[AMAZON_EU], self.clock))
        world.network[AMAZON_EU] = SimTransport(dated, stream(world.terms.seed, "amazon/network"))

    async def live(self):
        """What was broken, and which kinds of problems were open when Amazon healed."""
        await self.world.begin()
        life = self.world.start_daemon()
        await asyncio.gather(*map(self._trade, PLACES), self._fall_ill())
        await asyncio.sleep(HEALED.total_seconds())
        await life.drain()
        broken = await self.world.write(lambda tx: list(self._broken(tx)))
        return broken, self.told

    def _broken(self, tx):
        yield from known_late(self.world, tx, WEBSHOP, PROMISED, EPOCH + SPAN)
        yield from known_late(self.world, tx, AMAZON_EU, SPAN, EPOCH + SPAN)  # nothing is lost

    async def _trade(self, account):
        chance = stream(self.world.terms.seed, f"{account}/buyers")
        demand = dict.fromkeys(skus(), 5)
        market = self.world.markets[account]
        await Buyers(market, PLACES[account], demand, chance, start=EPOCH, span=SPAN).trade(self.world.clock)

    async def _fall_ill(self):
        await asyncio.sleep(HEALTHY.total_seconds())
        if self.trouble in OFF:
            self.clock.off = OFF[self.trouble]
        else:
            self.world.markets[AMAZON_EU].faults.plan_span(self.trouble, timedelta(), ILL)
        await asyncio.sleep(ILL.total_seconds() - 1)
        problems = await self.world.write(lambda tx: tx.problems.all())
        self.told = {ProblemKind(problem.kind) for problem in problems if problem.account == AMAZON_EU}
        await asyncio.sleep(1)
        self.clock.off = timedelta()


def live_through(folder, trouble, seed=1):
    config = write_config(folder, freshness=f"{FRESHNESS // timedelta(minutes=1)}m")

    async def main(loop):
        world = World(loop, config, Terms(seed, EPOCH, dict.fromkeys(skus(), 9), dict.fromkeys(skus(), 20)))
        try:
            return await Day(world, trouble).live()
        finally:
            world.close()

    return run(main, seed)
