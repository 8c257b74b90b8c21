"""`entrepot simulator --sellers`: further sellers are printed as plugins.toml has them, trade, and are told apart."""

import asyncio
import tomllib
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

from connectors.amazon_sp.tests.authorization.test_callback_server import free_port
from entrepot.channel import Environment, Secret
from entrepot.cli import main
from entrepot.simulation.doubles import serving
from entrepot_amazon_sp import AmazonSettings, SellingPartner
from entrepot_amazon_sp.stores import Stores

TOML = """
[entrepot]
store = "sqlite:shop.db"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
[accounts.amazon]
channel = "amazon_sp"
marketplaces = ["DE", "NL"]
environment = "simulator"
[accounts.amazon.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "client-secret"
refresh_token = "refresh-1"
"""


@asynccontextmanager
async def at_port(app, listener):
    """The address of the application while it is served there."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running


@pytest.fixture
def seen(monkeypatch):
    """What the inspector told once nobody traded any more, by path."""
    told = {}

    async def serve(app, listener, beside):
        async with at_port(app, listener) as url, httpx.AsyncClient(base_url=url) as client:
            await beside()
            for name in ("truth", "sales", "sales/amazon-2", "trading", "calls", "nothing", "requests/amazon"):
                told[name] = (await client.get(f"/_simulator/{name}")).json()

    monkeypatch.setattr(serving, "serve", serve)
    return told


@pytest.fixture
def clients(monkeypatch):
    """What clients of all sellers, who are told what one run prints, get from another run with the same seed."""
    printed, told = {}, {}

    async def serve(app, listener, _beside):
        async with at_port(app, listener) as url:
            for name, account in printed.items():
                told[name] = await stores(account, url)

    def ask(folder):
        monkeypatch.setattr(serving, "serve", serve)
        printed.update(simulate(folder, "--sellers", "4"))
        simulate(folder, "--sellers", "4")
        return told

    return ask


async def stores(printed, url):
    """Codes of the stores of a seller, whose account is as it was printed."""
    secrets = {"client_secret": Secret("client-secret"), "refresh_token": Secret(printed["settings"]["refresh_token"])}
    settings = AmazonSettings(printed["settings"]["seller_id"], "client-1", **secrets)
    region = Stores.chosen(printed["marketplaces"]).region.name
    async with SellingPartner(settings, region=region, environment=Environment.SIMULATOR, simulator=url) as partner:
        told = (await partner.call("getMarketplaceParticipations"))["payload"]
    return [each["marketplace"]["countryCode"] for each in told][: len(printed["marketplaces"])]


def simulate(folder, *options):
    (folder / "plugins.toml").write_text(TOML)
    (folder / "skus.csv").write_text("sku;title\nTEA;Tea\nMUG;Mug\n")
    command = ["--config", str(folder / "plugins.toml"), "simulator", "amazon", "--port", str(free_port()), *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return tomllib.loads(result.stdout)["accounts"] if "[accounts" in result.stdout else {}


def test_further_sellers_are_printed_for_plugins_toml(tmp_path, seen):
    printed, again, other = (simulate(tmp_path, "--sellers", "3", "--seed", seed) for seed in ("1", "1", "2"))
    assert list(printed) == ["amazon", "amazon-2", "amazon-3"]
    assert printed["amazon-2"]["marketplaces"] == ["US", "CA"]
    assert printed["amazon-2"]["settings"].keys() == {"seller_id", "refresh_token"}
    assert printed["amazon-2"]["simulator"].startswith("http://127.0.0.1:")
    tokens = [each["amazon-3"]["settings"]["refresh_token"] for each in (printed, again, other)]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_client_on_its_own_takes_what_is_printed(tmp_path, clients):
    own, near, far = ["DE", "NL"], ["US", "CA"], ["JP", "AU"]
    assert clients(tmp_path) == {"amazon": own, "amazon-2": near, "amazon-3": far, "amazon-4": own}


def test_buyers_come_to_every_seller_and_the_inspector_tells_them_apart(tmp_path, seen):
    simulate(tmp_path, "--sellers", "3", "--demand", "3", "--hours", "1", "--time-scale", "3600")
    assert list(seen["truth"]) == ["amazon", "amazon-2", "amazon-3"]
    assert seen["sales"] == {name: whole["sales"] for name, whole in seen["truth"].items()}
    assert all(seen["sales"].values())
    assert seen["sales/amazon-2"] == seen["sales"]["amazon-2"]
    assert seen["calls"] == {"amazon": {}, "amazon-2": {}, "amazon-3": {}}
    assert {(each["operation"], each["status"]) for each in seen["requests/amazon"]} >= {("token", 200)}
    assert len({each["id"] for each in seen["requests/amazon"]}) == len(seen["requests/amazon"])
    prefixes = {name: {sale["order"][:3] for sale in sales} for name, sales in seen["sales"].items()}
    assert prefixes == {"amazon": {"302"}, "amazon-2": {"112"}, "amazon-3": {"252"}}
    assert not any(seen["trading"].values())
    assert "there are truth" in seen["nothing"]["message"]


def test_time_scale_of_the_account_can_be_overruled(tmp_path, seen, monkeypatch):
    spans = []

    async def go_on(self, served, runtime, clock):
        spans.append((self.span, runtime.pace.time_scale))

    monkeypatch.setattr(serving.Trade, "go_on", go_on)
    for options in ((), ("--time-scale", "60")):
        simulate(tmp_path, "--demand", "1", *options)
    assert spans == [(timedelta(hours=24), 1), (timedelta(hours=24), 60)]
