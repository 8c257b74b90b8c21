"""Two shops, one daemon, and hours in which one of the shops refuses, throttles, breaks or falls silent."""

import asyncio
from datetime import timedelta
from enum import StrEnum

from entrepot.simulation import EPOCH, NetworkFault, Refusal, SeededFaults, run, stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.worlds.invariants import known_late
from entrepot.simulation.worlds.world import Terms, World
from tests.simulation.hostile_day import ARTICLES, MARKETPLACE, write_config

FRESHNESS = timedelta(minutes=10)
PROMISED = FRESHNESS + timedelta(seconds=20 + 60)
"""The pause between two looks, what the channel takes to show a change, and a minute for the calls themselves."""
SPAN = timedelta(hours=5)
TROUBLE = (timedelta(minutes=30), timedelta(minutes=210))
HEALED = timedelta(hours=1)
"""A parked account is checked on every hour, at the seldomest."""


class Trouble(StrEnum):
    """What the one account goes through for hours."""

    REVOKED = "revoked"
    THROTTLED = "throttled"
    BROKEN = "broken"
    SILENT = "silent"


REFUSALS = {
    Trouble.REVOKED: Refusal(401),
    Trouble.THROTTLED: Refusal(429, retry_after=timedelta(minutes=3)),
    Trouble.BROKEN: Refusal(500),
}


class Day:
    """The shop that comes last is the one in trouble."""

    def __init__(self, world, trouble):
        self.world = world
        self.trouble = trouble
        self.sick, self.well = sorted(world.markets, reverse=True)

    async def live(self):
        await self.world.begin()
        life = self.world.start_daemon()
        async with asyncio.TaskGroup() as group:
            for account in (self.sick, self.well):
                group.create_task(self._trade(account))
            group.create_task(self._fall_ill())
        await asyncio.sleep(HEALED.total_seconds())
        await life.drain()
        return await self.world.write(lambda tx: list(self._broken(tx)))

    def _broken(self, tx):
        yield from known_late(self.world, tx, self.well, PROMISED, EPOCH + SPAN)
        yield from known_late(self.world, tx, self.sick, SPAN, EPOCH + SPAN)  # nothing is lost

    async def _trade(self, account):
        chance = stream(self.world.terms.seed, f"{account}/buyers")
        demand = dict.fromkeys(sorted(self.world.terms.shown), 5)
        market = self.world.markets[account]
        await Buyers(market, (MARKETPLACE,), demand, chance, start=EPOCH, span=SPAN).trade(self.world.clock)

    async def _fall_ill(self):
        shop, (begin, end) = self.world.markets[self.sick], TROUBLE
        await asyncio.sleep(begin.total_seconds())
        authorize = shop.authorize
        if self.trouble in REFUSALS:
            shop.authorize = self._refuse
        await asyncio.sleep((end - begin).total_seconds())
        shop.authorize = authorize

    def _refuse(self, _call):
        raise REFUSALS[self.trouble]


def live_through(folder, trouble, seed):
    """What was broken."""
    config = write_config(folder, freshness=f"{FRESHNESS // timedelta(minutes=1)}m")
    skus = [f"SKU-{number:02d}" for number in range(ARTICLES)]

    async def main(loop):
        def concerns(request):
            begin, end = (span.total_seconds() for span in TROUBLE)
            return trouble is Trouble.SILENT and request.host == "webshop.example" and begin <= loop.time() < end

        faults = SeededFaults(stream(seed, "faults"), {NetworkFault.LOST_BEFORE_EFFECT: 1.0}, concerns)
        world = World(loop, config, Terms(seed, EPOCH, dict.fromkeys(skus, 5), dict.fromkeys(skus, 20)), faults)
        try:
            return await Day(world, trouble).live()
        finally:
            world.close()

    return run(main, seed)
