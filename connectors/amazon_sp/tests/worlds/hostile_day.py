"""The day that the hostile tests of Amazon live through: a seller in two stores, and a mock shop beside him."""

from datetime import timedelta
from pathlib import Path

from connectors.amazon_sp.tests.simulator.asking import market_of
from entrepot.config import Config, load_config
from entrepot.model import AccountId, Marketplace
from entrepot.simulation import SHOP_FAULTS, stream
from entrepot.simulation.worlds.chaos import Hostility
from entrepot.simulation.worlds.hostile import Day
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.simulator.faults import AMAZON_FAULTS, AmazonFault
from entrepot_mock_channel import MOCK
from tests.vault.test_sealing import KEY

NO_OCCASION = {
    *(AmazonFault.STUCK_FEED, AmazonFault.SILENT_FEED, AmazonFault.FATAL_FEED),
    *(AmazonFault.STUCK_REPORT, AmazonFault.CANCELLED_REPORT, AmazonFault.FATAL_REPORT, AmazonFault.FATAL_AGAIN),
    *(AmazonFault.EXPIRED_UPLOAD_LINK, AmazonFault.EXPIRED_DOWNLOAD_LINK),
    *(AmazonFault.LOST_NOTIFICATION, AmazonFault.DELAYED_NOTIFICATION),
    *(AmazonFault.OVERTAKEN_NOTIFICATION, AmazonFault.DOUBLED_NOTIFICATION),
}
"""The daemon sends no feed, asks for no report and subscribes to nothing yet."""

ARTICLES = 12
STORES = ("DE", "NL")
CONFIG = """
[entrepot]
store = "sqlite:entrepot.db"
key   = "env:KEY"
[plugins]
amazon_sp = "*"
mock_channel = "*"
[skus]
catalog = "skus.csv"
[[rules]]
buffer = 1
[accounts.amazon]
channel      = "amazon_sp"
marketplaces = ["DE", "NL"]
environment  = "simulator"
publish      = "live"
orders       = {{ freshness = "{freshness}" }}
[accounts.amazon.settings]
seller_id     = "A2SELLER"
client_id     = "client-1"
client_secret = "the client secret"
refresh_token = "refresh-1"
[accounts.webshop]
channel     = "mock"
environment = "simulator"
publish     = "live"
orders      = {{ freshness = "{freshness}" }}
settings    = {{ url = "https://webshop.example", token = "token-of-webshop" }}
"""
FAULTS = tuple(sorted({point.name for point in (*SHOP_FAULTS, *AMAZON_FAULTS)} - NO_OCCASION))
AHEAD = (0, 0, 0, 1, -1, 20, -20, 280, -280)
"""Seconds. From 300 on no orders are read."""

AMAZON_EU, WEBSHOP = AccountId("amazon"), AccountId("webshop")
PLACES = {
    AMAZON_EU: tuple(market_of(code) for code in STORES),
    WEBSHOP: (Marketplace("MOCK", "EUR", "Europe/Berlin", "mock"),),
}


def write_config(folder: Path, *, freshness: str) -> Config:
    lines = "".join(f"{sku},An article\n" for sku in skus())
    (folder / "skus.csv").write_text("sku,title\n" + lines, "utf-8")
    (folder / "plugins.toml").write_text(CONFIG.format(freshness=freshness), "utf-8")
    return load_config(folder / "plugins.toml", {"amazon_sp": AMAZON, "mock": MOCK}, {"KEY": KEY.text.reveal()})


def skus() -> list[str]:
    return [f"SKU-{number:02d}" for number in range(ARTICLES)]


def hostile_day(folder: Path, seed: int, **changes: object) -> Day:
    """Eight hours of trade, stock for less than the demand, one to eight daemons."""
    chance = stream(seed, "stock")
    config = write_config(folder, freshness=chance.choice(["60m", "90m", "120m"]))
    counted = {sku: chance.randint(2, 24) for sku in skus()}
    shown = dict.fromkeys(skus(), 5) | {"UNLISTED": 3}
    daemons = chance.choice([1, 2, 2, 3, 3, 4, 5, 8])
    hostility = Hostility(daemons=daemons, between=(90.0, 480.0), faults=FAULTS)
    ahead = {account: timedelta(seconds=chance.choice(AHEAD)) for account in sorted(PLACES)}
    day = {"demand": 8, "hostility": hostility, "span": timedelta(hours=8), "ahead": ahead} | changes
    return Day(config, PLACES, counted, shown, **day)
