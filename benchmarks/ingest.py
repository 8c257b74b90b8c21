"""Orders taken in through the real page step: HTTP, connector, mapping, store and ledger, as the daemon does it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from benchmarks.pages import SHOWN, SKUS
from entrepot.config import Config, load_config
from entrepot.model import AccountId, Sku
from entrepot.runtime import RandomIds, SystemClock, system_rng
from entrepot.secrets import Redactor
from entrepot.simulation.seeds import EPOCH
from entrepot.store.records import StreamKind, StreamRow
from entrepot.store.sqlite import SqliteStore, ThreadRunner, migrate
from entrepot.sync import orders
from entrepot.sync.assembly import catalog, connect_accounts
from entrepot.sync.runtime import Worker
from entrepot.sync.setup import set_up
from entrepot.sync.step import step
from entrepot.sync.stocktaking import count
from entrepot_mock_channel import MOCK

SHOP = AccountId("shop")

CONFIG = """
[entrepot]
store = "sqlite:ingest.db"
[plugins]
mock_channel = "*"
[accounts.shop]
channel = "mock"
environment = "simulator"
time_scale = 100000  # the limits are not what is measured
settings = {{ url = "{url}", token = "simulated" }}
[skus]
catalog = "skus.csv"
"""


@define
class Stages:
    """Seconds by stage."""

    spent: Counter[str] = field(factory=Counter)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.spent[name] += time.perf_counter() - start


@define
class TimedStore:
    """A store whose transactions are timed."""

    store: SqliteStore
    stages: Stages

    async def write(self, work: Callable[[Any], Any]) -> Any:
        with self.stages.stage("store and ledger"):
            return await self.store.write(work)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        with self.stages.stage("store and ledger"):
            return await self.store.read(work)


@define
class TimedOrders:
    """A connector whose calls are timed."""

    connector: Any
    stages: Stages

    async def fetch_orders(self, request: Any) -> Any:
        with self.stages.stage("HTTP and decoding"):
            return await self.connector.fetch_orders(request)


def configure(folder: Path, url: str) -> Config:
    (folder / "skus.csv").write_text("sku,title\n" + "".join(f"{sku},Article {sku}\n" for sku in SKUS))
    (folder / "plugins.toml").write_text(CONFIG.format(url=url))
    return load_config(folder / "plugins.toml", {"mock": MOCK}, {})


async def ingest(folder: Path, url: str) -> tuple[float, Stages]:
    """One pass over all that the server has, after a sweep of its stock. Returns its seconds, all and by stage."""
    config = configure(folder, url)
    migrate(config.database)
    clock, runner, stages = SystemClock(), ThreadRunner(), Stages()
    store = SqliteStore(config.database, runner)
    runtimes = connect_accounts(config, {}, clock, Redactor())
    await store.write(lambda tx: set_up(tx, runtimes.values(), catalog(config), [], clock.now()))
    runtime = runtimes[SHOP]
    timed = evolve(runtime, bound=evolve(runtime.bound, orders=TimedOrders(runtime.bound.orders, stages)))
    worker = Worker("benchmark", TimedStore(store, stages), clock, system_rng(), RandomIds(), {SHOP: timed})
    await _prepare(worker, store)
    with _timed_mapping(stages):
        stages.spent.clear()
        start = time.perf_counter()
        await _pass(worker, store, StreamKind.ORDERS)
        elapsed = time.perf_counter() - start
    await runtime.http.aclose()
    store.close()
    runner.close()
    return elapsed, stages


async def _prepare(worker: Worker, store: SqliteStore) -> None:
    """What a daemon has behind it before its first page of orders: the account described, the offers known, counted."""
    await step(worker, await _stream(store, StreamKind.HEALTH))
    await _pass(worker, store, StreamKind.STOCK)
    now = worker.clock.now()
    await store.write(lambda tx: [count(tx, Sku(sku), SHOWN, EPOCH - timedelta(days=40), "", now) for sku in SKUS])


async def _pass(worker: Worker, store: SqliteStore, kind: StreamKind) -> None:
    before = stream = await _stream(store, kind)
    while stream.watermark == before.watermark:
        await step(worker, stream)
        stream = await _stream(store, kind)
        if stream.failures:
            raise RuntimeError(stream.last_error)


async def _stream(store: SqliteStore, kind: StreamKind) -> StreamRow:
    return await store.read(lambda tx: next(row for row in tx.streams.of_account(SHOP) if row.kind is kind))


@contextmanager
def _timed_mapping(stages: Stages) -> Iterator[None]:
    mapping = orders.map_records

    def timed(*arguments: Any) -> Any:
        with stages.stage("mapping"):
            return mapping(*arguments)

    orders.map_records = timed
    try:
        yield
    finally:
        orders.map_records = mapping
