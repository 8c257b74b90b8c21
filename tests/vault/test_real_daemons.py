"""The real daemons, with Amazon's simulator, on one store in virtual time."""

import asyncio
import json
import sqlite3
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


@pytest.mark.simulation
def test_four_daemons_share_tokens_over_restarts_and_no_byte_of_the_database_tells_one(tmp_path):
    """Covers R16, R17 and P9: three hours, each daemon restarted every half an hour."""
    (tmp_path / "skus.csv").write_text("sku,title\nTEA,Tea\n")
    text = HEAD + "".join(ACCOUNT.format(name=name) for name in ACCOUNTS)
    (tmp_path / "plugins.toml").write_text(text)
    config = load_config(tmp_path / "plugins.toml", {"amazon_sp": AMAZON}, {"KEY": KEY.text.reveal()})

    async def live(loop):
        world = World(loop, config, Terms(1, EPOCH, {"TEA": 5}, {"TEA": 5}))
        world.network = {name: Watched(network) for name, network in world.network.items()}
        await world.begin()
        for _ in range(6):
            lives = [world.start_daemon() for _ in range(4)]
            await asyncio.sleep(1800)
            for life in lives:
                await life.drain()
        world.close()
        return world

    with closing(sqlite3.connect(tmp_path / "entrepot.db")) as reader:  # keeps the log beside the file
        world = run(live, 1)
        written = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("entrepot.db*")))
        assert reader.execute("SELECT count(*) FROM vault WHERE name LIKE 'oauth2 %'").fetchone() == (3,)
    granted = {name: network.tokens for name, network in world.network.items()}
    assert {len(tokens) for tokens in granted.values()} <= {3, 4}
    assert min(network.calls for network in world.network.values()) > 40
    secrets = [token for tokens in granted.values() for token in tokens] + [KEY.text.reveal()]
    secrets += [f"{kind}-of-{name}" for kind in ("client-secret", "refresh-token") for name in ACCOUNTS]
    assert [secret for secret in secrets if secret.encode() in written] == []
