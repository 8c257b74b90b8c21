"""`make bench`: ratios of what is measured side by side in one run. Exit code 1 where one is worse than promised."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable
from operator import truediv
from pathlib import Path
from statistics import median

import structlog
from httpx_aiohttp import AiohttpTransport

from benchmarks import client, day, market
from benchmarks.bare import bare_ingest
from benchmarks.idle import SECONDS, idle
from benchmarks.imports import ARTICLES, Measured, measure
from benchmarks.ingest import Stages, ingest
from benchmarks.memory import peak_mb
from benchmarks.pages import PAGE_SIZE, page_server

ORDERS = 10_000
ROUNDS = 3
TURNS = 9
FEW, MANY = 10_000, 100_000
MARKETS = ((10, 10, 30), (10_000, 10_000, 1), (10_000, 100_000, 1), (1_000_000, 10_000, 30))
"""Offers, orders a day, days."""
DAY = 86_400


def measure_ingest() -> bool:
    """The best of several rounds, in turns: what else the machine does hits both."""
    bare, ours = list[float](), list[tuple[float, Stages]]()
    with page_server(ORDERS) as url:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                bare.append(asyncio.run(bare_ingest(Path(folder), url)))
                ours.append(asyncio.run(ingest(Path(folder), url)))
    seconds, stages = min(ours, key=lambda measured: measured[0])
    ratio = min(bare) / seconds
    print(f"Ingest of {ORDERS:,} orders in pages of 100, best of {ROUNDS} rounds in turns")
    print(f"  bare loop, two tables   {ORDERS / min(bare):>9,.0f} orders/s")
    print(f"  entrepot                {ORDERS / seconds:>9,.0f} orders/s")
    for name, spent in stages.spent.items():
        print(f"    {name:<22}{spent / ORDERS * 1e6:>9.0f} µs an order")
    rest = seconds - stages.spent.total()
    print(f"    {'the rest':<22}{rest / ORDERS * 1e6:>9.0f} µs an order")
    return told("ratio", ratio, ">=", 0.15)


def measure_memory() -> bool:
    few, many = peak_mb(FEW), peak_mb(MANY)
    print("Memory of an ingest at its peak, in fresh processes")
    print(f"  {FEW:,} orders {few:.1f} MB, {MANY:,} orders {many:.1f} MB")
    return told("difference in MB", many - few, "<", 10)


def measure_imports() -> bool:
    """The best of several rounds, with what else the machine does as the only difference between them."""
    few, rounds = measure(ARTICLES // 10), [measure(ARTICLES) for _ in range(ROUNDS)]
    best: Measured = min(rounds, key=lambda one: one.followed)
    print(f"Import of stock, {ARTICLES:,} lines among as many articles, best of {ROUNDS} rounds in fresh processes")
    print(f"  positions and wishes have followed after {best.followed:.2f} s; {best.cpu:.2f} s of CPU in all")
    print(f"  {ARTICLES // 10:,} lines {few.peak_mb:.1f} MB, {ARTICLES:,} lines {best.peak_mb:.1f} MB")
    return all(
        [
            told("seconds until valid", best.marked, "<", 5),
            told("longest transaction, ms", 1000 * min(one.longest for one in rounds), "<", 50),
            told("difference in MB", best.peak_mb - few.peak_mb, "<", 10),
        ]
    )


def measure_idle() -> bool:
    cpu, resident = idle()
    print(f"Idle daemon, two accounts at their usual pace, {SECONDS} s after the first sweep")
    return all([told("seconds of CPU", cpu, "<", 0.6), told("resident MB", resident, "<", 120)])


def measure_market() -> bool:
    print("The simulated Amazon alone, everything that can become of an order, in fresh processes")
    largest = [_told_market(*size) for size in MARKETS][-1]
    return told("resident MB", largest.peak_mb, "<", 2000)


def _told_market(offers: int, orders_a_day: int, days: int) -> market.Figures:
    figures = market.measure(offers, orders_a_day, days)
    print(f"  {offers:>9,} offers, {orders_a_day:>7,} orders a day for {days} days: {figures.orders:,} orders placed,")
    print(f"    {figures.peak_mb:,.0f} MB, {figures.pace:,.0f} simulated seconds in one of CPU")
    return figures


def measure_day() -> bool:
    """What the daemon keeps does not grow with the day; what grows are the simulator's records, its truth."""
    lived = day.live(ORDERS)
    print(f"A simulated day with about {ORDERS:,} orders at Amazon, the whole daemon, in one process")
    print(f"  {lived.orders:,} orders, {lived.stored:,} stored, {lived.throttled} requests refused for frequency")
    print(f"  {DAY / lived.cpu:,.0f} simulated seconds a second of CPU")
    print(f"  {lived.half_mb:.1f} MB at noon, {lived.end_mb:.1f} MB at the end")
    return all(
        [
            told("orders stored", lived.stored, ">=", lived.orders),
            told("seconds of CPU", lived.cpu, "<", 60),
            told("MB since noon", lived.end_mb - lived.half_mb, "<", 40),
        ]
    )


def measure_client() -> bool:
    """A second transport is shown beside, and promises nothing."""
    with page_server(PAGE_SIZE) as url:
        kept = [_beside_httpx(url, in_flight) for in_flight in client.IN_FLIGHT]
        return all([*kept, _beside_a_peer(url)])


def _beside_httpx(url: str, in_flight: int) -> bool:
    rates = _in_turns(
        {
            "bare httpx": lambda: asyncio.run(client.bare(url, in_flight)),
            "entrepot": lambda: asyncio.run(client.ours(url, in_flight)),
            "entrepot on aiohttp": lambda: asyncio.run(client.ours(url, in_flight, AiohttpTransport())),
        }
    )
    print(f"Amazon's client, pages of {PAGE_SIZE} orders, {in_flight} in flight, medians of {TURNS} rounds in turns")
    return _compared(rates, "bare httpx", 0.8)


def _beside_a_peer(url: str) -> bool:
    if not client.PEERS.exists():
        print("python-amazon-sp-api is not here: `make judges` installs it")
        return True
    rates = _in_turns(
        {
            "python-amazon-sp-api": lambda: client.peer(url),
            "entrepot": lambda: client.alone(url, "httpx"),
            "entrepot on aiohttp": lambda: client.alone(url, "aiohttp"),
        }
    )
    print(f"The same pages, one in flight, each in a process of its own, medians of {TURNS} rounds in turns")
    return _compared(rates, "python-amazon-sp-api", 1.0)


def _in_turns(measures: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    rounds = [{name: measured() for name, measured in measures.items()} for _ in range(TURNS)]
    return {name: [each[name] for each in rounds] for name in measures}


def _compared(rates: dict[str, list[float]], other: str, promised: float) -> bool:
    """By the ratios of each round, for what else the machine does changes from one to the next."""
    ratios = {name: median(map(truediv, own, rates[other])) for name, own in rates.items()}
    for name, own in rates.items():
        print(f"  {name:<24}{median(own):>9,.0f} calls/s, {ratios[name]:.2f} of {other}")
    return told("ratio", ratios["entrepot"], ">=", promised)


def told(what: str, value: float, sign: str, limit: float) -> bool:
    kept = value >= limit if sign == ">=" else value < limit
    print(f"  {what:<24}{value:>9.2f}   promised {sign} {limit:g}: {'kept' if kept else 'BROKEN'}")
    return kept


MEASURES: dict[str, Callable[[], bool]] = {
    "ingest": measure_ingest,
    "client": measure_client,
    "day": measure_day,
    "memory": measure_memory,
    "imports": measure_imports,
    "idle": measure_idle,
    "market": measure_market,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    chosen = parser.parse_args().measures or list(MEASURES)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    kept = [MEASURES[name]() for name in chosen]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
