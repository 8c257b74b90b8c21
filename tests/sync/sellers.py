"""One daemon and several sellers' accounts at Amazon, which share one application, in virtual time."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from entrepot.config import load_config
from entrepot.model import AccountId, Fulfillment, Money, Order, OrderLine, OrderStatus
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.worlds.world import Terms, World
from entrepot.store.records import StreamKind
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.simulator import refusals

SKU = "MUG"
TEXT = """
[entrepot]
store = "sqlite:entrepot.db"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
"""
ACCOUNT = """
[accounts.{name}]
channel      = "amazon_sp"
environment  = "simulator"
publish      = "live"
orders       = {{ freshness = "20m" }}
marketplaces = ["DE"]
[accounts.{name}.settings]
seller_id     = "SELLER-{name}"
client_id     = "client-1"
client_secret = "the client secret"
refresh_token = "refresh-{name}"
"""


def expired(call):
    """In the place of a double's `authorize`: what Amazon answered for 25 minutes to every seller."""
    raise refusals.denied("The access token you provided has expired.")


class Sellers:
    """The first passes are over when a story begins."""

    def __init__(self, world):
        self.world = world
        self.life = world.start_daemon()
        self.shops = dict(world.markets)

    async def restart(self):
        self.life.crash()
        self.life = self.world.start_daemon()

    async def wait(self, **span):
        await asyncio.sleep(timedelta(**span).total_seconds())

    async def read(self, work):
        return await self.world.write(work)

    def place(self, name, place, **changes):
        """An order of a mug at one account's."""
        shop, now = self.shops[AccountId(name)], self.world.clock.now()
        line = OrderLine("1", SKU, 1, gross=Money(Decimal("11.90"), "EUR"), tax=Money(Decimal("1.90"), "EUR"))
        values = {"fulfillment": Fulfillment.MERCHANT, **changes}
        order = Order(f"302-0000000-{place:07d}", "DE", OrderStatus.UNSHIPPED, now, now, (line,), **values)
        shop.put(order)
        return order.external_id

    async def stored(self):
        found = await self.read(lambda tx: tx.orders.find(limit=1000))
        return {order.external_id: order for _, order in found}

    async def accounts(self):
        return {row.id: row for row in await self.read(lambda tx: tx.accounts.all())}

    async def stream(self, name, kind=StreamKind.ORDERS):
        rows = await self.read(lambda tx: tx.streams.of_account(AccountId(name)))
        return next(row for row in rows if row.kind is kind)

    async def problems(self, *, closed_too=False):
        return await self.read(lambda tx: tx.problems.all(closed_too=closed_too))

    async def kinds(self, *, closed_too=False):
        return [problem.kind for problem in await self.problems(closed_too=closed_too)]


def with_sellers(folder, story, *names, seed=1):
    """Live through `story(sellers)`."""
    (folder / "skus.csv").write_text(f"sku,title\n{SKU},Mug\n", "utf-8")
    text = TEXT + "".join(ACCOUNT.format(name=name) for name in names)
    (folder / "plugins.toml").write_text(text, "utf-8")
    config = load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {})

    async def main(loop):
        world = World(loop, config, Terms(seed, EPOCH, {SKU: 100}, {SKU: 100}))
        try:
            await world.begin()
            sellers = Sellers(world)
            await sellers.wait(hours=1)
            await story(sellers)
        finally:
            world.close()

    run(main, seed)
