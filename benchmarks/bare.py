"""The yardstick: a loop that reads the same pages over the same HTTP into two tables, and does nothing else."""

import json
import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import httpx

SCHEMA = """
CREATE TABLE orders (number TEXT PRIMARY KEY, status TEXT, placed TEXT, changed TEXT, currency TEXT, shipping TEXT,
                     total TEXT);
CREATE TABLE lines (number TEXT, id TEXT, sku TEXT, title TEXT, quantity INTEGER, sent INTEGER, cancelled INTEGER,
                    gross TEXT, tax TEXT, discount TEXT, PRIMARY KEY (number, id));
"""
ORDER = "INSERT OR REPLACE INTO orders VALUES (:number, :status, :placed, :changed, :currency, :shipping, :total)"
LINE = """INSERT OR REPLACE INTO lines
VALUES (:number, :id, :sku, :title, :quantity, :sent, :cancelled, :gross, :tax, :discount)"""


async def bare_ingest(folder: Path, url: str) -> float:
    """Seconds for one pass. The same client, the same exact numbers, the same durable commit for each page."""
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        async with httpx.AsyncClient(trust_env=False) as client:
            start = time.perf_counter()
            after = "0"
            while after:
                answer = await client.get(f"{url}/v1/orders", params={"after": after})
                page = json.loads(answer.content, parse_float=Decimal)
                _save(database, page["orders"])
                after = page["next"]
            return time.perf_counter() - start


def _save(database: sqlite3.Connection, orders: list[dict]) -> None:
    database.execute("BEGIN")
    database.executemany(ORDER, orders)
    database.executemany(LINE, ({"number": order["number"]} | line for order in orders for line in order["lines"]))
    database.execute("COMMIT")
