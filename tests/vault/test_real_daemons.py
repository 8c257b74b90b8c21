"""The real daemons, with Amazon's simulator, on one store in virtual time."""

import asyncio
import json
import resource
import sqlite3
import time
from contextlib import closing

import httpx
import pytest

from entrepot.config import load_config
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.worlds.world import Terms, World
from entrepot_amazon_sp import AMAZON
from tests.vault.test_sealing import KEY

ACCOUNTS = ("east", "west", "north")
HEAD = """
[entrepot]
store = "sqlite:entrepot.db"
key = "env:KEY"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
"""
ACCOUNT = """
[accounts.{name}]
channel = "amazon_sp"
marketplaces = ["DE"]
environment = "simulator"
publish = "live"
orders = {{ freshness = "5m" }}
[accounts.{name}.settings]
seller_id = "A2{name}"
client_id = "application"
client_secret = "client-secret-of-{name}"
refresh_token = "refresh-token-of-{name}"
"""
APPLICATION = """
[credentials.app]
client_id = "application"
client_secret = "client-secret-of-all"
"""
SELLER = """
[accounts.seller-{number}]
channel = "amazon_sp"
marketplaces = ["DE"]
environment = "simulator"
publish = "live"
credentials = "app"
orders = {{ freshness = "30m" }}
settings = {{ seller_id = "A{number}", refresh_token = "refresh-token-{number}" }}
"""
SELLERS = 1000


class Watched(httpx.AsyncBaseTransport):
    """Notes requests, and the tokens that are granted."""

    def __init__(self, network):
        self.network = network
        self.tokens = []
        self.calls = 0

    async def handle_async_request(self, request):
        response = await self.network.handle_async_request(request)
        if request.url.host == "api.amazon.com":
            await response.aread()
            self.tokens.append(json.loads(response.content)["access_token"])
        else:
            self.calls += 1
        return response


def configured(folder, text):
    (folder / "skus.csv").write_text("sku,title\nTEA,Tea\n")
    (folder / "plugins.toml").write_text(text)
    return load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {"KEY": KEY.text.reveal()})


def trade(config, lives):
    """So many lives of four daemons in three hours, one after the other. Returns the network of each account."""

    async def live(loop):
        world = World(loop, config, Terms(1, EPOCH, {"TEA": 5}, {"TEA": 5}))
        world.network = {name: Watched(network) for name, network in world.network.items()}
        await world.begin()
        for _ in range(lives):
            daemons = [world.start_daemon() for _ in range(4)]
            await asyncio.sleep(3 * 3600 / lives)
            for daemon in daemons:
                await daemon.drain()
        world.close()
        return world.network

    return run(live, 1)


@pytest.mark.simulation
def test_four_daemons_share_tokens_over_restarts_and_no_byte_of_the_database_tells_one(tmp_path):
    """Covers R16, R17 and P9: three hours, each daemon restarted every half an hour."""
    config = configured(tmp_path, HEAD + "".join(ACCOUNT.format(name=name) for name in ACCOUNTS))
    with closing(sqlite3.connect(tmp_path / "entrepot.db")) as reader:  # keeps the log beside the file
        network = trade(config, lives=6)
        written = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("entrepot.db*")))
        assert reader.execute("SELECT count(*) FROM vault WHERE name LIKE 'oauth2 %'").fetchone() == (3,)
    granted = {name: watched.tokens for name, watched in network.items()}
    assert {len(tokens) for tokens in granted.values()} <= {3, 4}
    assert min(watched.calls for watched in network.values()) > 40
    secrets = [token for tokens in granted.values() for token in tokens] + [KEY.text.reveal()]
    secrets += [f"{kind}-of-{name}" for kind in ("client-secret", "refresh-token") for name in ACCOUNTS]
    assert [secret for secret in secrets if secret.encode() in written] == []


@pytest.mark.soak
def test_a_thousand_sellers_of_one_application_ask_for_four_tokens_each(tmp_path, record_property):
    """Covers R17: in three hours of four daemons."""
    sellers = "".join(SELLER.format(number=number) for number in range(SELLERS))
    config = configured(tmp_path, HEAD + APPLICATION + sellers)
    begin = time.process_time()
    network = trade(config, lives=1).values()
    seconds, memory = time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    calls, tokens = sum(watched.calls for watched in network), sum(len(watched.tokens) for watched in network)
    figures = f"{calls} requests, {tokens} for tokens; {seconds:.0f} s of CPU, {memory:.0f} MB"
    record_property("figures", f"{SELLERS} accounts: {figures}")  # printed at the end of `make soak`
    assert {len(watched.tokens) for watched in network} <= {1, 2, 3, 4}
    assert min(watched.calls for watched in network) > 9
