"""A simulated day of a seller with thousands of orders: the real daemon on Amazon's simulator, in virtual time.

`python -m benchmarks.day ORDERS` lives through it in this process.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
from attrs import frozen

from entrepot.config import Config, load_config
from entrepot.model import AccountId
from entrepot.runtime import SystemClock
from entrepot.simulation import stream
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.virtual_time.pacing import Pace
from entrepot.simulation.worlds.trading_day import Moment, Plan, live_through
from entrepot_amazon_sp.facts import AMAZON

SELLER = AccountId("amazon")
ARTICLES = 500
SEED = 1
UNITS_AN_ORDER = 2.27
"""Of the baskets that buyers make."""

CONFIG = """
[entrepot]
store = "sqlite:day.db"
[plugins]
amazon_sp = "*"
[accounts.amazon]
channel = "amazon_sp"
marketplaces = ["DE", "NL"]
publish = "live"
environment = "simulator"
settings = { seller_id = "A2LARGE", client_id = "simulated", client_secret = "simulated", refresh_token = "simulated" }
[skus]
catalog = "skus.csv"
"""


def configure(folder: Path) -> Config:
    lines = [f"SKU-{number:03d},An article" for number in range(ARTICLES)]
    (folder / "skus.csv").write_text("\n".join(["sku,title", *lines]), "utf-8")
    (folder / "plugins.toml").write_text(CONFIG, "utf-8")
    return load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {})


def large_plan(config: Config, orders: int) -> Plan:
    """About so many orders; every article has more units than are wanted of it."""
    chance, mean = stream(SEED, "plan"), orders * UNITS_AN_ORDER / ARTICLES
    wanted = {str(sku): chance.randint(round(mean / 2), round(mean * 1.5)) for sku in sorted(config.articles)}
    counted = {sku: units * 2 for sku, units in wanted.items()}
    return Plan(SEED, EPOCH, counted, {SELLER: wanted}, ())


@frozen
class Lived:
    """`cpu` in seconds. `half_mb` and `end_mb`: resident at noon and at the end, the simulator's records included."""

    orders: int
    stored: int
    throttled: int
    cpu: float
    half_mb: float
    end_mb: float


def live(orders: int) -> Lived:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.day", str(orders)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()[-1].split()
    return Lived(*map(int, told[:3]), *map(float, told[3:]))


def live_here(orders: int) -> Lived:
    resident: list[tuple[float, float]] = []

    def watch(moment: Moment) -> None:
        resident.append((moment.over, resident_mb()))

    with tempfile.TemporaryDirectory() as folder:
        config = configure(Path(folder))
        start = time.process_time()
        report = live_through(config, large_plan(config, orders), Pace(SystemClock()), watch)
        cpu = time.process_time() - start
    half = next(mb for over, mb in resident if over >= 1 / 2)
    return Lived(report.orders.market, report.orders.stored, report.throttled, cpu, half, resident[-1][1])


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    print(*attrs.astuple(live_here(int(sys.argv[1]))))
