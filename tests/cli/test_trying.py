"""`try`: one call, what came, what it maps to, and what would be stored; nothing is."""

import json
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.channel import CAPABILITIES, Secret, SimulatorConfig
from entrepot.cli import asking, context
from entrepot.cli.show import to_json
from entrepot.cli.trying.command import REQUESTS, WRITES, Tried
from entrepot.model import Marketplace
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation import Answer
from entrepot.store.records import BucketRow, Withheld
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockSettings
from entrepot_mock_channel.shop import word_order
from tests.cli.served import Served
from tests.cli.shop import PLUGINS, SHOP, TEA, open_account, take
from tests.store.values import order as placed

STORE = Marketplace("MOCK", "EUR", "Europe/Berlin", "MOCK")


class StandingClock:
    """Time passes while somebody sleeps."""

    def __init__(self):
        self.at = SystemClock().now()
        self.slept = []

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def shop(folder, monkeypatch):
    monkeypatch.setattr(context, "SystemClock", SystemClock)
    settings = MockSettings("http://webshop.example", Secret("a-simulated-token"))
    config = SimulatorConfig("webshop", (), settings, {TEA: 9, "MUG-BLUE": 3}, time_scale=200)
    served = Served(MOCK.simulator(config, SystemClock(), system_rng()))
    scaled = f'simulator = "{served.url}"\n    time_scale = 200\n    settings ='
    (folder / "plugins.toml").write_text(PLUGINS.replace("settings =", scaled))
    yield served
    served.close()


@pytest.fixture
def order(shop):
    return shop.app.place({TEA: 2}, STORE).external_id


def test_a_check_is_one_call_and_its_result(ask, shop):
    told = ask("try", "webshop", "check")
    nothing = {"missing": [], "retired": [], "warnings": []}
    assert (told["requests_sent"], told["result"], told["would"]) == (1, nothing, None)
    assert shop.paths == ["/v1/account"]


def test_an_order_is_shown_raw_and_mapped_and_with_what_would_be_stored(ask, shop, order, fill):
    told = ask("try", "webshop", "fetch_order", "--id", order)
    (record,) = told["records"]
    assert record["raw"]["number"] == record["mapped"]["external_id"] == order
    assert ("order_changed", f"order/{order}") in {(one["name"], one["subject"]) for one in told["would"]["events"]}
    assert told["would"]["stock"] == [{"sku": TEA, "location": "main", "on_hand": 0, "reserved": 2}]
    assert fill(lambda tx: (tx.orders.load(SHOP, order), tx.ledger.positions(), tx.accounts.all())) == (None, [], [])


@pytest.mark.parametrize("operation", ["fetch_order", "fetch_orders"])
def test_it_asks_for_what_a_daemon_asks_for(ask, shop, order, fill, operation):
    """Without the data sets that the channel refuses."""
    fill(open_account, lambda tx: tx.accounts.withhold(SHOP, Withheld(asked_without=("buyer",))))
    assert ask("try", "webshop", operation, "--id", order)["request"]["without"] == ["buyer"]


def test_the_table_says_the_same(entrepot, shop, order):
    shown = entrepot("try", "webshop", "fetch_order", "--id", order).stdout
    for words in ("1 request", "as it came without personal data", "mapped:", "event order_changed", "reserved +2"):
        assert words in shown
    assert shown.endswith("Nothing was stored.\n")


def test_what_is_stored_already_changes_nothing(entrepot, ask, shop, order, fill):
    fill(open_account, lambda tx: take(tx, word_order(shop.app.orders[order])))
    would = ask("try", "webshop", "fetch_order", "--id", order)["would"]
    assert would == {"events": [], "stock": [], "offers": [], "refused": 0}
    shown = entrepot("try", "webshop", "fetch_order", "--id", order).stdout
    assert shown.endswith("Nothing would change: all of it is stored already.\n")


def test_a_list_without_records_says_so_and_what_may_be_missing_yet(entrepot, shop):
    shown = entrepot("try", "webshop", "fetch_orders").stdout
    lag = "A change may take 20 s to come into the list (`settle_lag` of the channel).\n"
    assert shown.endswith(f"0 records\n\nNothing came, so nothing would change.\n{lag}")
    assert entrepot("try", "webshop", "fetch_order", "--id", "NONE").stdout.endswith("so nothing would change.\n")


def test_its_help_names_the_operations(entrepot):
    shown = entrepot("try", "--help").stdout
    assert [operation for operation in REQUESTS if operation not in shown] == []


def test_a_time_of_change_that_is_not_told_is_shown_as_nothing():
    untold = evolve(placed(), changed_at=None)
    assert json.loads(to_json(Tried({}, untold, "")))["mapped"]["changed_at"] is None


def test_stock_is_looked_at(ask, shop):
    told = ask("try", "webshop", "fetch_stock", "--id", TEA, "--id", "MUG-BLUE")
    assert {one["mapped"]["offer"]: one["mapped"]["quantity"] for one in told["records"]} == {TEA: 9, "MUG-BLUE": 3}
    assert {one["offer"]: one["shown"] for one in told["would"]["offers"]} == {TEA: 9, "MUG-BLUE": 3}


def test_a_list_of_the_last_day(ask, shop):
    told = ask("try", "webshop", "fetch_orders")
    assert told["request"]["page_size"] == 100
    assert "/v1/orders" in shop.paths


def test_a_record_that_cannot_be_mapped_is_told_with_its_reason(ask, shop):
    shop.app.script(Answer(200, {"stock": [{"sku": TEA}]}), route="GET /v1/stock")
    told = ask("try", "webshop", "fetch_stock", "--id", TEA)
    assert told["records"][0]["mapped"] is None
    assert "quantity" in told["records"][0]["reason"]
    told = ask("problems")
    assert told == []


def test_personal_data_is_cut_out(ask, entrepot, shop, order, monkeypatch):
    """Covers P9."""
    cut = {"order": ("lines[].title", "number"), "stock": ()}
    channels = {"mock": evolve(MOCK, pii_paths=cut)}
    monkeypatch.setattr(context.Home, "plugins", property(lambda home: evolve_loaded(channels)))
    raw = ask("try", "webshop", "fetch_order", "--id", order)["records"][0]["raw"]
    assert "number" not in raw
    assert "title" not in raw["lines"][0]


def evolve_loaded(channels):
    loaded = context.plugins.load({}, entry_points=[])
    return evolve(loaded, channels=channels)


@pytest.mark.parametrize("operation", ["push_stock", "submit_bulk"])
def test_writes_are_refused(entrepot, shop, operation):
    told = entrepot("try", "webshop", operation, "--id", TEA, code=4).stderr
    assert f"{operation} changes something on the channel; try only reads" in told
    assert shop.paths == []


def test_every_operation_is_a_read_or_refused():
    known = {name for capability in CAPABILITIES for name in capability.operations}
    assert REQUESTS.keys() | WRITES == known
    assert {name for name in known if MOCK.operations[name].writes} == WRITES


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("webshp", "check"), 2, "nearest is webshop"),
        (("webshop", "fetch_order"), 2, "--id ORDER"),
        (("webshop", "fetch_ordrs"), 2, "nearest is fetch_orders"),
    ],
)
def test_refusals(entrepot, shop, args, code, words):
    assert words in entrepot("try", *args, code=code).stderr
    assert shop.paths == []


def test_a_channel_that_refuses_us(entrepot, shop):
    shop.app.script(Answer(401))
    assert "401" in entrepot("try", "webshop", "check", code=3).stderr


def test_an_allowance_that_is_there_in_a_moment_is_waited_for(entrepot, shop, fill, monkeypatch):
    standing = StandingClock()
    monkeypatch.setattr(context, "SystemClock", lambda: standing)
    monkeypatch.setattr(asking, "asyncio", standing)
    entrepot("try", "webshop", "check")
    fill(lambda tx: tx.quota.save(SHOP, "other", BucketRow(-19.0, standing.at, None)))  # 100 a second
    entrepot("try", "webshop", "check")
    assert standing.slept == [0.2]


def test_an_allowance_that_is_used_up(entrepot, shop, folder):
    text = (folder / "plugins.toml").read_text().replace("time_scale = 200\n", "")
    (folder / "plugins.toml").write_text(text)
    for _ in range(4):
        entrepot("try", "webshop", "check")
    assert (
        "daemons and commands on this store share it. Next: try again at"
        in entrepot("try", "webshop", "check", code=2).stderr
    )
