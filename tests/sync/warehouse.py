"""A warehouse that delivers counts by itself, and a daemon that is asked by hand."""

from datetime import timedelta

from entrepot.channel import CountPage, StockCount, StockSource
from entrepot.model import Sku
from entrepot.runtime import RandomIds
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import migrate
from entrepot.sync.importing import follow_all
from entrepot.sync.runtime import Worker
from entrepot.sync.stock_sources import NamedSource, add_sources, take_counts
from tests.store.opened import open_inline
from tests.store.values import NOON

ARTICLES = [f"SKU-{number}" for number in range(12)]
PERIOD = timedelta(minutes=15)


class Wandering:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at

    def wait(self, **span):
        self.at += timedelta(**span)


class Warehouse:
    """Pages of three counts. `troubles` are raised, or returned, by the next calls."""

    def __init__(self, counts, delivery="monday"):
        self.counts = counts
        self.delivery = delivery
        self.asked = []
        self.troubles = []
        self.more = {}

    async def fetch(self, request):
        self.asked.append(request.cursor)
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, BaseException):
            raise trouble
        if trouble is not None:
            return trouble
        start = int(request.cursor or 0)
        lines = [one if isinstance(one, StockCount) else StockCount(*one) for one in self.counts]
        following = str(start + 3) if start + 3 < len(lines) else None
        return CountPage(self.delivery, lines[start : start + 3], next_cursor=following, **self.more)


class Rig:
    """A store with twelve articles, and a daemon that is asked by hand."""

    def __init__(self, folder, warehouse):
        migrate(folder / "entrepot.db")
        self.store = open_inline(folder / "entrepot.db")
        self.clock = Wandering()
        self.warehouse = warehouse
        self.source = NamedSource("wms.main", StockSource("main", warehouse.fetch, PERIOD))
        self.worker = Worker("d1", self.store, self.clock, None, RandomIds(), {})
        self.stopping = False

    async def begin(self):
        await self.write(lambda tx: tx.accounts.save_articles([(Sku(sku), sku, "") for sku in ARTICLES]))
        await self.start()

    async def start(self, *sources):
        await self.write(lambda tx: add_sources(tx, sources or [self.source], self.clock.now()))

    async def write(self, work):
        return await self.store.write(work)

    async def turn(self):
        """What the daemon does at each look, and then the positions follow."""
        await take_counts(self.worker, self.source, lambda: self.stopping)
        await follow_all(self.store, self.clock)

    async def after(self, **span):
        self.clock.wait(**span)
        await self.turn()

    async def imports(self):
        return await self.store.read(lambda tx: tx.imports.all())

    async def units(self):
        return await self.store.read(lambda tx: {one.sku: one.on_hand for one in tx.ledger.positions()})

    async def problems(self):
        return [problem.kind for problem in await self.store.read(lambda tx: tx.problems.all())]

    async def stream(self):
        return await self.store.read(lambda tx: tx.streams.of_scope(StreamKind.COUNTS, "wms.main"))


FIVE_EACH = [(sku, 5) for sku in ARTICLES]
