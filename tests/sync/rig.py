"""One daemon and one small shop whose lists have pages of four orders, in virtual time."""

import asyncio
from datetime import datetime, timedelta

from attrs import evolve, frozen

from entrepot.model import AccountId, Order, OrderLine, OrderStatus, Publish, Window
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.worlds.world import Terms, World
from entrepot.store.records import StreamKind
from entrepot_mock_channel import MOCK
from tests.simulation.hostile_day import MARKETPLACE, write_config

ORDERS = "GET /v1/orders"
SKU = "SKU-00"
PAGE = 4
LISTS = evolve(MOCK.operations["fetch_orders"], page_size=PAGE)
PAGED = evolve(MOCK, operations={**MOCK.operations, "fetch_orders": LISTS})


@frozen
class Asked:
    """A request for a page of orders, as the shop saw it."""

    at: datetime
    window: Window
    cursor: str | None


class Rig:
    """`asked`: the pages that passes asked the first shop for. Passes begin every 20 minutes, repairs every 6 hours."""

    def __init__(self, world):
        self.world = world
        self.markets = list(world.markets.values())
        self.shop = self.markets[0]
        self.asked = []
        self.life = None
        self._show = self.shop.changed_between
        self.shop.changed_between = self._changed_between

    def _changed_between(self, start, end, after, size):
        if start > EPOCH:  # a repair looks back for a day
            self.asked.append(Asked(self.world.clock.now(), Window(start, end), after))
        return self._show(start, end, after, size)

    def start(self):
        self.life = self.world.start_daemon()

    async def wait(self, **span):
        await asyncio.sleep(timedelta(**span).total_seconds())

    async def place(self, count, **apart):
        """So many unpaid orders of one unit at every shop, whether it has them or not, so long after each other."""
        numbers = []
        for _ in range(count):
            now, number = self.world.clock.now(), f"A{len(self.shop.orders) + 1:03d}"
            for market in self.markets:
                line = OrderLine("1", SKU, 1)
                market.put(Order(number, MARKETPLACE.id, OrderStatus.PENDING, now, now, (line,)))
                market.stock.move(SKU, -min(1, market.stock[SKU]))
            numbers.append(number)
            await self.wait(**apart)
        return numbers

    async def read(self, work):
        return await self.world.write(work)

    async def stored(self):
        """The orders of the store, newest versions, by number."""
        found = await self.read(lambda tx: tx.orders.find(limit=1000))
        return {order.external_id: order for _, order in found}

    async def stream(self, kind=StreamKind.ORDERS):
        (found,) = [row for row in await self.read(lambda tx: tx.streams.all()) if row.kind == kind]
        return found

    async def reserved(self):
        return sum(position.reserved for position in await self.read(lambda tx: tx.ledger.positions(SKU)))

    async def problems(self, *, closed_too=False):
        found = await self.read(lambda tx: tx.problems.all(closed_too=closed_too))
        return {problem.kind for problem in found}


def live(
    folder,
    story,
    *,
    channel=PAGED,
    accounts=("shop",),
    units=100,
    seed=1,
    publish=Publish.LIVE,
    observers=(),
    monthly_gets=None,
    **changes,
):
    """Live through `story(rig)`, which begins after the first, empty passes."""
    config = write_config(folder, accounts=accounts)
    config = evolve(
        config,
        accounts={
            AccountId(name): evolve(account, channel=channel, publish=publish, monthly_gets=monthly_gets)
            for name, account in config.accounts.items()
        },
        **changes,
    )

    async def main(loop):
        world = World(loop, config, Terms(seed, EPOCH, {SKU: 100}, {SKU: units}), observers=observers)
        try:
            await world.begin()
            rig = Rig(world)
            rig.start()
            await rig.wait(minutes=30)
            rig.asked.clear()
            await story(rig)
        finally:
            world.close()

    run(main, seed)
