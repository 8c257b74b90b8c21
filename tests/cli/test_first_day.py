"""What users of other connectors complain about on the first day. Each test makes a world of its own in a folder."""

import asyncio
import json
import logging
from contextlib import contextmanager

import pytest
import structlog
from click.testing import CliRunner

from entrepot.channel import Secret, SimulatorConfig
from entrepot.cli import asking, main
from entrepot.cli.offers.explanation import explain, reason
from entrepot.cli.offers.next_step import next_step
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId, Fulfillment
from entrepot.runtime import SystemClock, system_rng
from entrepot.store.sqlite import SqliteStore, ThreadRunner, migrate
from entrepot.sync.mapping import map_by_hand
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_mock_channel import MOCK
from tests.cli.served import Served
from tests.cli.shop import NOW, SHOP, TEA, before, morning, offer, send

AMAZON_EU = AccountId("amazon-eu")
SELLER = """
[entrepot]
store = "sqlite:shop.db"
[plugins]
amazon_sp = "*"
[accounts.amazon-eu]
channel = "amazon_sp"
marketplaces = ["DE"]
environment = "production"
[accounts.amazon-eu.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "file:secret"
refresh_token = "file:token"
"""


@contextmanager
def seller(folder):
    """A seller in the EU, and a folder whose production account asks it; logging is left as it was."""
    settings = AmazonSettings("A2SELLER", "client-1", Secret("client-secret"), Secret("refresh-1"))
    config = SimulatorConfig("amazon-eu", ("DE",), settings, {TEA: 9})
    served = Served(AMAZON.simulator(config, SystemClock(), system_rng()))
    for name, text in {"plugins.toml": SELLER, "secret": "client-secret", "token": "refresh-1"}.items():
        (folder / name).write_text(text)
    root = logging.getLogger()
    logged = list(root.handlers), root.level
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "transports", lambda *_: {AMAZON_EU: Rerouted(served.url, AMAZON_EU)})
            yield served
    finally:
        served.close()
        root.handlers[:], root.level = logged
        structlog.reset_defaults()


def diagnosis(folder):
    result = CliRunner().invoke(main, ["--config", str(folder / "plugins.toml"), "doctor", "--format", "json"])
    return {one["code"]: one["message"] for one in json.loads(result.stdout) if one["state"] == "error"}


def on_store(folder, *works):
    """Run units of work on a new store; the result of the last one."""

    async def run():
        runner = ThreadRunner()
        store = SqliteStore(folder / "shop.db", runner, durable=False)
        try:
            return [await store.write(work) for work in works][-1]
        finally:
            store.close()
            runner.close()

    migrate(folder / "shop.db")
    return asyncio.run(run())


def test_sandbox_credentials_in_production_are_named_before_the_first_sync(tmp_path):
    """Covers R24."""
    with seller(tmp_path) as amazon:
        amazon.app.worlds = frozenset({"sandbox"})
        assert diagnosis(tmp_path) == {
            "D016": "the credentials are good for sandbox, and [accounts.amazon-eu] says production"
        }


def test_stores_of_another_region_are_named_before_the_first_sync(tmp_path):
    """Covers R24."""
    with seller(tmp_path):
        text = SELLER.replace('["DE"]', '["US"]')
        (tmp_path / "plugins.toml").write_text(text)
        assert diagnosis(tmp_path) == {
            "D015": "the authorization is good for region EU, and the marketplaces are of NA"
        }


def test_why_a_sku_shows_nothing_while_units_are_there(tmp_path):
    """Covers R60: the shelf, the rules, what was sent, what was seen, the channel's own words, and what to do."""

    def refused(tx):
        send(tx, 50, result="the listing is closed")
        row = tx.offers.find(SHOP, TEA)
        tx.offers.observe(row, 0, NOW, NOW, issues=("no main image",), awaiting_pass=False, verify_due=None)

    def work(tx):
        return explain(tx, tx.offers.find(SHOP, TEA))

    told = on_store(tmp_path, morning, refused, work)
    assert (told.parts[0].places[0].on_hand, reason(told.parts)) == (64, "available 57, buffer 7 (rule 1)")
    assert [(one.quantity, one.result) for one in told.sendings] == [(50, "the listing is closed")]
    assert (told.offer.observed, told.offer.issues) == (0, ("no main image",))
    assert next_step(told, NOW).startswith("The channel refused this version. Next: mend the offer there")


def test_an_offer_that_the_channel_holds_is_never_sent_our_stock(tmp_path):
    """Covers R58."""

    def held(tx):
        tx.offers.see(SHOP, "HELD", Fulfillment.CHANNEL, 5, before(hours=3))
        offer(tx, "OURS", sku=None)
        for name in ("HELD", "OURS"):
            map_by_hand(tx, tx.accounts.find(SHOP), MOCK, name, {TEA: 1}, NOW)
        tx.offers.wish(tx.offers.find(SHOP, "HELD"), 3, NOW)

    rows = on_store(tmp_path, morning, held, lambda tx: tx.offers.to_push(SHOP, NOW, 99))
    names = {row.external_id for row in rows}
    assert "OURS" in names
    assert "HELD" not in names
