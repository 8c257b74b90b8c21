"""The day that the hostile tests live through: two mock shops that share twenty articles."""

from datetime import timedelta
from pathlib import Path

from attrs import evolve

from entrepot.channel import ChannelType
from entrepot.config import Config, load_config
from entrepot.model import Marketplace
from entrepot.simulation import stream
from entrepot.simulation.worlds.chaos import Hostility
from entrepot.simulation.worlds.hostile import Day
from entrepot_mock_channel import MOCK

ACCOUNT = """
[accounts.{name}]
channel     = "mock"
environment = "simulator"
publish     = "live"
orders      = {{ freshness = "{freshness}" }}
settings    = {{ url = "https://{name}.example", token = "token-of-{name}" }}
"""
HEAD = """
[entrepot]
store = "sqlite:entrepot.db"
[plugins]
mock_channel = "*"
[skus]
catalog = "skus.csv"
[[rules]]
buffer = 1
"""
ARTICLES = 20
LISTS = evolve(MOCK.operations["fetch_orders"], page_size=4)
PAGED = evolve(MOCK, operations={**MOCK.operations, "fetch_orders": LISTS})
MARKETPLACE = Marketplace("MOCK", "EUR", "Europe/Berlin", "mock")


RESTLESS = 200
"""One seed in so many: it costs as much as four others."""


def write_config(
    folder: Path,
    *,
    accounts: tuple[str, ...] = ("market", "webshop"),
    freshness: str = "20m",
    channel: ChannelType = MOCK,
) -> Config:
    skus = [f"SKU-{number:02d}" for number in range(ARTICLES)]
    (folder / "skus.csv").write_text("sku,title\n" + "".join(f"{sku},An article\n" for sku in skus), "utf-8")
    text = HEAD + "".join(ACCOUNT.format(name=name, freshness=freshness) for name in accounts)
    (folder / "plugins.toml").write_text(text, "utf-8")
    return load_config(folder / "plugins.toml", {"mock": channel}, {})


def hostile_day(folder: Path, seed: int, **changes: object) -> Day:
    """Ten hours of trade, stock for less than the demand, and one offer that the catalog does not know.

    Most days look for orders seldom, for a look is what costs; some look every five minutes, at pages of four.
    """
    chance = stream(seed, "stock")
    restless = seed % RESTLESS == 0
    freshness = "5m" if restless else chance.choice(["60m", "90m", "120m"])
    config = write_config(folder, freshness=freshness, channel=PAGED if restless else MOCK)
    skus = [f"SKU-{number:02d}" for number in range(ARTICLES)]
    counted = {sku: chance.randint(2, 24) for sku in skus}
    shown = dict.fromkeys(skus, 5) | {"UNLISTED": 3}
    hostility = Hostility(daemons=2, between=(120.0, 960.0))
    day = {"demand": 5, "hostility": hostility, "span": timedelta(hours=10)} | changes
    return Day(config, dict.fromkeys(config.accounts, (MARKETPLACE,)), counted, shown, **day)
