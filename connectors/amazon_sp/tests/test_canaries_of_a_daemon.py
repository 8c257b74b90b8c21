"""No secret, and no buyer, in what a daemon stores, tells and logs, and in what the commands print of it."""

import asyncio
import io
import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
import structlog
from click.testing import CliRunner

from connectors.amazon_sp.tests.canaries import CLIENT_SECRET, MARK, PERSON, REFRESH_TOKEN, echo, found, told_by
from entrepot.channel import SimulatorConfig
from entrepot.cli import asking, context, main
from entrepot.cli.context import Home
from entrepot.cli.monitor.health import Monitored
from entrepot.cli.monitor.metrics import exposition
from entrepot.config import load_config
from entrepot.http.refusal import Judge
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId, EventName, Marketplace
from entrepot.runtime import system_rng
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.worlds.world import Terms, World
from entrepot.sync import records
from entrepot.sync.telling import Observer
from entrepot_amazon_sp import AMAZON
from tests.cli.served import Served

SELLER = AccountId("amazon-eu")
CONFIG = f"""
[entrepot]
store = "sqlite:shop.db"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
[accounts.amazon-eu]
channel = "amazon_sp"
marketplaces = ["DE"]
environment = "simulator"
simulator = "http://127.0.0.1:1"
publish = "live"
[accounts.amazon-eu.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "{CLIENT_SECRET}"
refresh_token = "{REFRESH_TOKEN}"
"""
GERMANY = Marketplace("DE", "EUR", "Europe/Berlin", "DE")
REFUSED = {"/orders/2026-01-01/orders": 403, "/listings/2021-08-01/items/A2SELLER": 400}
"""What is refused at first, with all that was sent."""


class Telling(httpx.AsyncBaseTransport):
    """A network whose answers tell of people, and whose refusals tell of secrets. Keeps the tokens that it saw."""

    def __init__(self, network):
        self.network = network
        self.tokens = set()
        self.refused = dict(REFUSED)

    async def handle_async_request(self, request):
        status = self.refused.pop(request.url.path, None)
        if status is not None:
            error = {"code": "Unauthorized", "message": echo(CLIENT_SECRET, REFRESH_TOKEN, *self.tokens)}
            return httpx.Response(status, json={"errors": [error]}, headers={"x-amzn-RequestId": REFRESH_TOKEN})
        response = await self.network.handle_async_request(request)
        told = json.loads(await response.aread())
        await response.aclose()
        self.tokens |= {told["access_token"]} if "access_token" in told else set()
        for order in told.get("orders", ()):
            introduce(order)
        headers = {"x-amzn-RequestId": REFRESH_TOKEN}
        return httpx.Response(response.status_code, json=told, headers=headers)

    async def aclose(self):
        await self.network.aclose()


def introduce(order):
    order["buyer"] = {name: PERSON[name] for name in ("buyerName", "buyerEmail")}
    order["recipient"] = {"deliveryAddress": PERSON}
    for item in order["orderItems"]:
        item.setdefault("fulfillment", {})["packing"] = {"giftOption": {"giftMessage": MARK}}


class Later:
    """The clock of the commands: the morning after."""

    def now(self):
        return EPOCH + timedelta(hours=3)


def observers(events):
    async def tell(event):
        events.append(repr(event))

    return tuple(Observer(f"canaries.{name}", name, tell) for name in EventName)


def an_hour(folder, events):
    """A daemon's first hour, with an order every ten minutes. Returns the tokens that it had."""
    (folder / "plugins.toml").write_text(CONFIG)
    (folder / "skus.csv").write_text("sku,title\nTEA,Tea\n")
    config = load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {})

    async def lived(loop):
        world = World(loop, config, Terms(1, EPOCH, {"TEA": 50}, {"TEA": 40}), observers=observers(events))
        network = world.network[SELLER] = Telling(world.network[SELLER])
        await world.begin()
        world.start_daemon()
        market = world.markets[SELLER]
        for _ in range(6):
            await asyncio.sleep(600)
            market.pay(market.place({"TEA": 1}, GERMANY).external_id, "EUR")
        await asyncio.sleep(600)
        stored = await world.write(lambda tx: len(tx.orders.find(limit=100)))
        assert stored >= 3
        assert network.refused == {}
        world.close()
        return network.tokens

    return run(lived, seed=1)


COMMANDS = [
    "doctor",
    "doctor --format json",
    "try amazon-eu fetch_orders",
    "try amazon-eu check --format json",
    "status",
    "problems",
    "problems --format json",
    "problems show P1",
    "accounts list",
    "orders list --format json",
    "offers list",
    "events tail",
    "quota --format json",
    "plugins show amazon_sp",
    "config schema",
]


def commands(folder, patch):
    """What each of them prints, and what it raises. Returns the texts and the tokens that were given out."""
    settings = load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {}).accounts[SELLER].settings
    simulator = AMAZON.simulator(SimulatorConfig(SELLER, ("DE",), settings, {"TEA": 50}), Later(), system_rng())
    served, networks, texts = Served(simulator), [], []

    def transports(*_):
        networks.append(Telling(Rerouted(served.url, SELLER)))
        return {SELLER: networks[-1]}

    patch.setattr(asking, "transports", transports)
    patch.setattr(context, "SystemClock", Later)
    try:
        for command in COMMANDS:
            words = ["--config", str(folder / "plugins.toml"), "--log-level", "debug", *command.split()]
            result = CliRunner().invoke(main, words)
            assert "Usage:" not in result.output, command
            texts += [result.stdout, result.stderr, *(told_by(result.exception) if result.exception else ())]
    finally:
        served.close()
    return texts, {token for network in networks for token in network.tokens}


def everything(folder, patch):
    """All texts that a daemon's hour and the commands after it leave, and the tokens that must not stand in them."""
    events, log = [], io.StringIO()
    with logged(log):
        tokens = an_hour(folder, events)
        files = [path.read_bytes().decode("latin-1") for path in folder.glob("shop.db*")]
        told, more = commands(folder, patch)
    home = Home(folder / "plugins.toml")
    worker = SimpleNamespace(accounts={})
    monitored = Monitored(
        home,
        SimpleNamespace(worker=worker, draining=False, refusal=None),
        SimpleNamespace(kept=None, lag=timedelta(0), times=0),
    )
    metrics = exposition(monitored).decode()
    assert len(files[0]) > 10_000
    assert len(events) > 5
    assert "entrepot_store_bytes" in metrics
    return [*files, *events, *told, metrics, log.getvalue()], tokens | more


@contextmanager
def logged(text):
    """Any library's lines of any level, with nothing that would redact them; the commands log in their own way."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers[:] = [logging.StreamHandler(text)]
    root.setLevel(logging.DEBUG)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(text))
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level = before, level


def shown(folder, patch):
    texts, tokens = everything(folder, patch)
    assert len(tokens) > 1
    return [*found(texts), *(token for token in tokens if any(token in text for text in texts))]


def test_a_daemon_and_its_commands_show_no_secret_and_no_buyer(tmp_path, monkeypatch):
    """Covers P9."""
    assert shown(tmp_path, monkeypatch) == []


def personal_data_is_stored(patch):
    patch.setattr(records, "without", lambda record, path: record)


def messages_are_shown_as_they_are(patch):
    patch.setattr(Judge, "_shown", lambda self, text: text)


def request_ids_are_shown_as_they_are(patch):
    patch.setattr(Judge, "request_id", lambda self, answer: answer.request_id)


@pytest.mark.parametrize(
    "mutant", [personal_data_is_stored, messages_are_shown_as_they_are, request_ids_are_shown_as_they_are]
)
def test_one_channel_that_is_not_redacted_is_found(mutant, tmp_path, monkeypatch):
    mutant(monkeypatch)
    assert shown(tmp_path, monkeypatch) != []
