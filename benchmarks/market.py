"""The simulated Amazon alone, in a process of its own: `python -m benchmarks.market OFFERS ORDERS DAYS` prints figures.

Orders are a day's. Everything that can become of an order happens, and nobody asks for anything.
"""

import subprocess
import sys
import time
from asyncio import AbstractEventLoop
from collections import Counter
from datetime import timedelta

from attrs import frozen

from benchmarks.memory import own_peak_mb
from entrepot.channel import Secret, SimulatorConfig
from entrepot.model import Marketplace
from entrepot.simulation import VirtualClock, run, stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.habits import MANIFOLD
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator import AmazonDouble

CODES = ("DE", "FR", "NL")
UNITS_AN_ORDER = 1.5
"""About: of one to three, some with a second offer."""

IN_STOCK = 1000


@frozen
class Figures:
    """`orders` were placed; `pace`: simulated seconds in one of the clock's."""

    orders: int
    peak_mb: float
    pace: float


def measure(offers: int, orders_a_day: int, days: int) -> Figures:
    """In a fresh process."""
    command = [sys.executable, "-m", "benchmarks.market", *map(str, (offers, orders_a_day, days))]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return Figures(int(told[0]), float(told[1]), float(told[2]))


def live(offers: int, orders_a_day: int, days: int) -> tuple[int, float]:
    """Orders, and seconds of CPU."""

    async def trade(loop: AbstractEventLoop) -> tuple[int, float]:
        clock, span = VirtualClock(loop), timedelta(days=days)
        settings = AmazonSettings("A2SELLER", "client", Secret("secret"), Secret("token"))
        skus = {f"SKU-{number:07d}": IN_STOCK for number in range(offers)}
        wanted = _demand([*skus], round(orders_a_day * days * UNITS_AN_ORDER))
        amazon = AmazonDouble(AMAZON, SimulatorConfig("amazon", CODES, settings, skus), clock, stream(1, "amazon"))
        places = [Marketplace(code, *_place(code)) for code in CODES]
        rng = stream(1, "buyers")
        started = time.process_time()
        buyers = Buyers(amazon, places, wanted, rng, start=clock.now(), span=span, habits=MANIFOLD)
        await buyers.trade(clock)
        return len(amazon.orders), time.process_time() - started

    return run(trade, 1)


def _demand(skus: list[str], units: int) -> Counter[str]:
    chance = stream(1, "demand")
    return Counter(chance.choices(skus, k=units))


def _place(code: str) -> tuple[str, str, str]:
    return PLACES[code].currency, PLACES[code].time_zone, PLACES[code].stock_pool


def main() -> None:
    offers, orders_a_day, days = map(int, sys.argv[1:])
    orders, seconds = live(offers, orders_a_day, days)
    print(orders, own_peak_mb(), days * 86_400 / seconds)


if __name__ == "__main__":
    main()
