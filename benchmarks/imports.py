"""An import of stock as the command does it: read, staged, marked, followed. In a process of its own.

`python -m benchmarks.imports FOLDER` imports what lies prepared there.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import astuple, define, field, frozen

from benchmarks.memory import own_peak_mb
from entrepot.model import AccountId, Bundle, Count, CountMeaning, Fulfillment, Publish, Sku
from entrepot.runtime import SystemClock, spare_what_is_loaded
from entrepot.stock.mass_change import HoldIf
from entrepot.stock.sheet import Reading
from entrepot.store.records import AccountRow, StreamKind
from entrepot.store.sqlite import SqliteStore, ThreadRunner, migrate
from entrepot.sync import importing
from entrepot.sync.csv_delivery import csv_delivery

SHOP = AccountId("shop")
DATABASE = "imports.db"
ARTICLES = 100_000
SHOWN = 5
CHANGED = 40
"""One line in so many tells another number than is known; a hundredth is refused."""


@frozen
class Measured:
    """Seconds to the mark, to the end, of the longest transaction, and of CPU; MB at the peak."""

    marked: float
    followed: float
    longest: float
    cpu: float
    peak_mb: float


@define
class TimedStore:
    """A store whose longest transaction is noted, without its commit: now and then one empties SQLite's log, 16 MB."""

    store: SqliteStore
    longest: float = field(default=0.0)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        def timed(tx: Any) -> Any:
            start = time.perf_counter()
            try:
                return work(tx)
            finally:
                self.longest = max(self.longest, time.perf_counter() - start)

        return await self.store.write(timed)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self.store.read(work)


def measure(lines: int) -> Measured:
    """An import of so many lines among 100,000 articles that were counted, each with an offer."""
    with tempfile.TemporaryDirectory() as name:
        folder, skus = Path(name), [f"SKU-{number:06d}" for number in range(ARTICLES)]
        asyncio.run(_prepare(folder, skus))
        _write(folder / "erp.csv", skus[:lines])
        command = [sys.executable, "-m", "benchmarks.imports", name]
        told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return Measured(*map(float, told.split()))


async def _prepare(folder: Path, skus: list[str]) -> None:
    migrate(folder / DATABASE)
    runner = ThreadRunner()
    store = SqliteStore(folder / DATABASE, runner)
    await store.write(lambda tx: _fill(tx, skus, SystemClock().now()))
    store.close()
    runner.close()


def _fill(tx: Any, skus: list[str], now: datetime) -> None:
    tx.accounts.save(AccountRow(SHOP, "mock", Publish.LIVE))
    tx.streams.ensure(SHOP, StreamKind.PUSH, now)
    tx.accounts.save_articles((Sku(sku), "", "") for sku in skus)
    for sku in skus:
        tx.ledger.count(Count(Sku(sku), SHOWN, now, "opening"), now)
        tx.offers.see(SHOP, sku, Fulfillment.MERCHANT, SHOWN, now)
        tx.offers.map(SHOP, sku, Bundle(0, {Sku(sku): 1}))
        tx.offers.wish(tx.offers.find(SHOP, sku), SHOWN, now)


def _write(path: Path, skus: list[str]) -> None:
    with path.open("w") as file:
        file.write("sku;quantity;title\n")
        for place, sku in enumerate(skus):
            name = f"{sku}-?" if place % 100 == 1 else sku
            file.write(f"{name};{SHOWN + (place % CHANGED == 0)};Article\n")


async def _import(folder: Path) -> Measured:
    clock, runner = SystemClock(), ThreadRunner()
    store = TimedStore(SqliteStore(folder / DATABASE, runner))
    articles = dict.fromkeys(f"SKU-{number:06d}" for number in range(ARTICLES))
    now, start, cpu = clock.now(), time.perf_counter(), time.process_time()
    told = csv_delivery(folder / "erp.csv", Reading(CountMeaning.ON_HAND, now, now, UTC), None, articles)
    spare_what_is_loaded()
    await importing.import_counts(store, told, HoldIf(), clock)
    marked = time.perf_counter() - start
    await importing.follow_all(store, clock)
    followed = time.perf_counter() - start
    store.store.close()
    runner.close()
    return Measured(marked, followed, store.longest, time.process_time() - cpu, own_peak_mb())


def main() -> None:
    measured = asyncio.run(_import(Path(sys.argv[1])))
    print(*astuple(measured))


if __name__ == "__main__":
    main()
