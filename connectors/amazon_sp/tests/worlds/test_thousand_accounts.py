"""Whole daemons with many sellers of one application: what their tokens cost."""

import asyncio
import resource
import time
from collections import Counter
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.worlds.hostile_day import KEY
from entrepot.config import load_config
from entrepot.simulation import EPOCH, run
from entrepot.simulation.worlds.world import Terms, World
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.simulator.authorization.tokens import Tokens

HEAD = """
[entrepot]
store = "sqlite:entrepot.db"
key   = "env:KEY"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
[credentials.app]
client_id     = "client-1"
client_secret = "the client secret"
"""
SELLER = """
[accounts.seller-{number}]
channel      = "amazon_sp"
marketplaces = ["DE"]
environment  = "simulator"
publish      = "live"
credentials  = "app"
orders       = {{ freshness = "30m" }}
settings     = {{ seller_id = "A{number}", refresh_token = "refresh-{number}" }}
"""
ACCOUNTS, DAEMONS, HOURS = 1000, 4, 3


def write_config(folder, accounts):
    (folder / "skus.csv").write_text("sku,title\nTEA,Tea\n", "utf-8")
    sellers = [SELLER.format(number=number) for number in range(accounts)]
    (folder / "plugins.toml").write_text("".join([HEAD, *sellers]), "utf-8")
    return load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {"KEY": KEY})


def trade(folder, accounts):
    """Three hours of four daemons on one store. Returns the requests to every seller's API by limit, tokens aside."""
    config = write_config(folder, accounts)

    async def live(loop):
        world = World(loop, config, Terms(1, EPOCH, {"TEA": 5}, {"TEA": 9}))
        try:
            await world.begin()
            daemons = [world.start_daemon() for _ in range(DAEMONS)]
            await asyncio.sleep(timedelta(hours=HOURS).total_seconds())
            for daemon in daemons:
                await daemon.drain()
            return {account: Counter(market.calls) for account, market in world.markets.items()}
        finally:
            world.close()

    return run(live, 1)


@pytest.mark.soak
def test_token_requests_of_whole_daemons_do_not_grow(tmp_path, monkeypatch, record_property):
    """Covers R17: four in three hours for each account."""
    asked = Counter()
    grant = Tokens.grant

    def counted(tokens, body, now):
        asked[body["refresh_token"]] += 1
        return grant(tokens, body, now)

    monkeypatch.setattr(Tokens, "grant", counted)
    begin = time.process_time()
    calls = trade(tmp_path, ACCOUNTS)
    seconds, memory = time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    requests = sum(of_one.total() for of_one in calls.values())
    figures = f"{requests} requests, {asked.total()} for tokens; {seconds:.0f} s of CPU, {memory:.0f} MB"
    record_property("figures", f"{ACCOUNTS} accounts: {figures}")  # printed at the end of `make soak`
    assert len(asked) == ACCOUNTS
    assert max(asked.values()) <= 4
    assert all(of_one["searchOrders"] >= HOURS for of_one in calls.values())
