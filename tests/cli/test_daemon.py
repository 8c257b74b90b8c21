"""`run`, `sync` and `simulator`, over HTTP on this machine."""

import asyncio
import json
import os
import signal
import socket
import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from entrepot.channel import SimulatorConfig
from entrepot.cli import context, simulators
from entrepot.cli.exits import Refused
from entrepot.cli.running import once
from entrepot.config import build, read_document
from entrepot.model import Marketplace
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation import doubles
from entrepot.simulation.doubles import serving
from entrepot.sync.observing import judge_awaiting
from entrepot.testing import Answer
from entrepot_mock_channel import MOCK
from tests.cli.served import Served
from tests.cli.shop import SHOP, TEA

STORE = Marketplace("MOCK", "EUR", "Europe/Berlin", "MOCK")


@pytest.fixture
def shop(folder, monkeypatch):
    monkeypatch.setattr(context, "SystemClock", SystemClock)
    text = (folder / "plugins.toml").read_text()
    config = build(read_document(folder / "plugins.toml"), {"mock": MOCK}, {}).accounts["webshop"]
    settings = SimulatorConfig("webshop", (), config.settings, {TEA: 9, "MUG-BLUE": 3}, time_scale=200)
    served = Served(MOCK.simulator(settings, SystemClock(), system_rng()))
    address = f'simulator = "{served.url}"\n    time_scale = 200\n    settings'
    (folder / "plugins.toml").write_text(text.replace("settings", address))
    yield served
    served.close()


def test_sync_brings_in_what_is_there(entrepot, ask, shop):
    told = ask("sync", "webshop")
    assert (told["failing"], told["parked_since"], told["offers_not_equal"]) == ([], None, 0)
    assert told["orders_known_until"] is not None
    assert {row["external_id"]: row["believed"] for row in ask("offers", "list")} == {TEA: 9, "MUG-BLUE": 3}
    ask("stock", "count", TEA, "8")
    shown = entrepot("sync", "webshop").stdout
    assert shown.startswith("webshop: 0 new orders, 0 changed")
    assert shop.app.stock[TEA] == 1  # a decrease is sent at once: 8 less the buffer of 7


def test_sync_without_an_account_is_of_all_that_are_not_paused(entrepot, ask, shop, folder):
    config = folder / "plugins.toml"
    account = '[accounts.other]\nchannel = "mock"\nenvironment = "simulator"\nsimulator = "{}"\n{}\n'
    settings = 'settings = { url = "http://webshop.example", token = "a-simulated-token" }'
    config.write_text(config.read_text().replace("[skus]", account.format(shop.url, settings) + "[skus]"))
    assert [one["account"] for one in ask("sync")] == ["webshop", "other"]
    ask("accounts", "pause", "other")
    assert [one["account"] for one in ask("sync")] == ["webshop"]
    assert entrepot("sync").stdout.count("Every change of its orders") == 1
    ask("accounts", "pause", "webshop")
    assert "no account that is not paused" in entrepot("sync", code=2).stderr


def test_sync_reads_the_quantities_back_and_tells_what_was_changed_by_hand(entrepot, ask, fill, shop):
    """Covers P8: it is corrected, as the account is live, and told once the orders until then are read."""
    ask("sync", "webshop")
    ask("stock", "count", TEA, "8")
    ask("sync", "webshop")
    shop.app.stock[TEA] = 40
    assert ask("sync", "webshop")["offers_drifted"] == 0
    assert shop.app.stock[TEA] == 1
    assert "where 1 was expected; judged once the orders are known" in entrepot("offers", "why", TEA).stdout
    later = SystemClock().now() + timedelta(minutes=1)
    fill(lambda tx: judge_awaiting(tx, tx.accounts.find(SHOP), later, later))
    assert "offer_drifted" in entrepot("events", "tail").stdout
    why = " ".join(entrepot("offers", "why", TEA).stdout.split())
    assert "where 1 was expected: not written by us, no order explains it; our quantity is sent in its place" in why


def test_a_start_takes_the_file_of_offers_and_tells_what_it_cannot_use(ask, shop, folder):
    """Covers P8."""
    config, names = folder / "plugins.toml", folder / "names.csv"
    names.write_text(f"offer;sku\nMUG-BLUE;{TEA}=2\nSET;NOBODY\n")
    config.write_text(config.read_text().replace('publish = "live"', 'publish = "live"\n    offers = "names.csv"'))
    ask("sync", "webshop")
    (why,) = ask("offers", "why", "MUG-BLUE")
    assert [(part["sku"], part["per_offer"]) for part in why["explanation"]["parts"]] == [(TEA, 2)]
    (problem,) = ask("problems", code=1)
    assert (problem["kind"], problem["account"]) == ("offers_file_refused", "webshop")
    assert "names.csv line 3: there is no SKU NOBODY" in problem["message"]
    names.write_text(f"offer;sku\nMUG-BLUE;{TEA}=3\n")
    ask("sync", "webshop")
    (why,) = ask("offers", "why", "MUG-BLUE")
    assert [(part["sku"], part["per_offer"]) for part in why["explanation"]["parts"]] == [(TEA, 3)]
    assert ask("problems") == []


def test_a_file_of_offers_that_is_none_stops_no_start(ask, shop, folder):
    config, names = folder / "plugins.toml", folder / "names.csv"
    names.write_text("name\nMUG-BLUE\n")
    config.write_text(config.read_text().replace('publish = "live"', 'publish = "live"\n    offers = "names.csv"'))
    assert ask("sync", "webshop")["failing"] == []
    (problem,) = ask("problems", code=1)
    assert "its first line lacks offer, sku" in problem["message"]


def test_sync_tells_calls_that_were_refused_for_frequency(entrepot, ask, shop):
    shop.app.script(*[Answer(429)] * 2, route="GET /v1/orders")
    assert ask("sync", "webshop")["throttled"] == 2
    assert ask("sync", "webshop")["throttled"] == 0
    shop.app.script(Answer(429), route="GET /v1/stock")
    assert "1 call was refused for frequency, and made again later: entrepot quota" in entrepot("sync").stdout


@pytest.mark.parametrize("route", ["GET /v1/account", "GET /v1/orders", "GET /v1/stock"])
def test_sync_waits_for_what_is_refused_for_frequency(ask, shop, route):
    """Covers P1: where the account could not be described yet, its orders were left out without a word."""
    began = SystemClock().now()
    shop.app.script(*[Answer(429, headers={"Retry-After": "1"})] * 2, route=route)
    told = ask("sync", "webshop")
    assert told["throttled"] == 2
    assert datetime.fromisoformat(told["orders_known_until"]) > began - timedelta(seconds=1)


def test_sync_that_waits_says_until_when(entrepot, shop, monkeypatch):
    """Nobody can tell a wait without a word from a program that hangs."""

    async def enough(seconds):
        if seconds > 10:  # on a busy machine a shorter wait may come before it
            raise Refused(str(seconds))
        await asyncio.sleep(seconds)

    shop.app.script(Answer(429, headers={"Retry-After": "40"}), route="GET /v1/orders")
    with monkeypatch.context() as patched:
        patched.setattr(once, "asyncio", SimpleNamespace(run=asyncio.run, sleep=enough))
        told = entrepot("--log-format", "json", "sync", "webshop", code=2).stderr
    [waits] = [json.loads(line) for line in told.splitlines() if '"sync_waits"' in line]
    assert waits["accounts"] == ["webshop"]
    until, at = (datetime.fromisoformat(waits[name]) for name in ("until", "timestamp"))
    assert timedelta(seconds=30) < until - at <= timedelta(seconds=40)


def test_sync_of_a_channel_that_is_not_there(entrepot, shop):
    shop.close()
    shown = " ".join(entrepot("sync", "webshop", code=3).stdout.split())
    assert "health fails since" in shown
    port = shop.url.rpartition(":")[2]
    assert f"nothing listens at {shop.url}. Next: entrepot simulator webshop --port {port}" in shown


def test_sync_of_a_channel_that_refuses_us(entrepot, shop, folder):
    text = (folder / "plugins.toml").read_text().replace("a-simulated-token", "an-old-token")
    (folder / "plugins.toml").write_text(text)
    result = entrepot("sync", "webshop", code=3)
    assert "its credentials are refused" in result.stdout
    assert "an-old-token" not in result.output


def test_run_drains_at_the_first_signal(entrepot, ask, shop):
    shop.on_request = lambda: os.kill(os.getpid(), signal.SIGTERM) if len(shop.paths) == 1 else None
    told = entrepot("--log-format", "json", "run").stderr
    assert '"webshop": "live"' in told
    assert all(f'"event": "{event}"' in told for event in ("running", "draining", "stopped"))
    assert sorted(shop.paths) == ["/v1/account", "/v1/stock"]  # begun together; the orders that follow are not
    assert ask("status")["accounts"][0]["calls_today"] == 2


def test_run_stops_at_once_at_the_second_signal(entrepot, shop):
    def twice():
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
            shop.app.catch_up()

    shop.on_request = twice
    assert '"event": "stopped"' not in entrepot("--log-format", "json", "run", code=130).stderr


@pytest.mark.parametrize("command", [("run",), ("sync", "webshop")])
def test_a_simulator_without_an_address_is_a_fault(entrepot, folder, command):
    told = entrepot(*command, code=78).stderr
    assert told.startswith("E501 plugins.toml: accounts.webshop.simulator\n")
    assert "Next: entrepot simulator webshop --port 8801" in told
    assert not (folder / "shop.db").exists()


def test_sync_of_an_unknown_account(entrepot):
    assert "nearest is webshop" in entrepot("sync", "webshp", code=2).stderr


@pytest.fixture
def served(monkeypatch):
    """What `simulator` would serve until it is stopped."""
    apps = []

    async def serve(served, listener, beside):
        apps.append((served.simulator, listener.getsockname()))
        served.begin_faults(served.simulator)

    monkeypatch.setattr(serving, "serve", serve)
    return apps


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_simulator_shows_the_catalog_and_the_same_seed_the_same_numbers(entrepot, served):
    port = free_port()
    for seed in ("1", "1", "2"):
        entrepot("simulator", "webshop", "--port", str(port), "--seed", seed)
    first, again, other = (dict(app.stock) for app, _ in served)
    assert first.keys() == {TEA, "MUG-BLUE"}
    assert first == again != other
    assert served[0][1] == ("127.0.0.1", port)


def test_simulator_knows_titles_and_which_articles_the_channel_sends(entrepot, served, monkeypatch):
    given = []
    real = simulators._make
    monkeypatch.setattr(
        simulators, "_make", lambda account, config, *rest: given.append(config) or real(account, config, *rest)
    )
    entrepot("simulator", "webshop", "--port", str(free_port()), "--sent-by-channel", "2")
    [config] = given
    assert (config.titles[TEA], config.sent_by_channel) == ("Assam tea", {[*config.skus][1]})


def test_simulator_plans_faults_and_says_how_to_play_them_again(entrepot, served):
    command = ("simulator", "webshop", "--port", str(free_port()), "--seed", "7", "--faults", "storm=2x,clock=-10m")
    told = entrepot(*command).stderr
    [(shop, _)] = served
    assert (shop.faults.is_planned("storm"), shop.faults.is_planned("outage")) == (True, False)
    assert SystemClock().now() - shop.now() > timedelta(minutes=9)
    assert f"entrepot simulator webshop --port={command[3]} --seed=7" in told
    assert "--faults=storm=2x,clock=-10m" in told


@pytest.mark.parametrize(("text", "told"), [("strom", "no fault 'strom'"), ("storm=2", "'storm=2' cannot be read")])
def test_simulator_refuses_faults_that_there_are_not(entrepot, served, text, told):
    command = ("simulator", "webshop", "--port", str(free_port()), "--faults", text)
    assert f"--faults: {told}. Next: " in entrepot(*command, code=2).stderr


def test_simulator_on_a_port_that_is_taken(entrepot, served):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = entrepot("simulator", "webshop", "--port", port, code=2).stderr
        assert f"port {port} of 127.0.0.1 cannot be used" in told


def test_simulator_of_a_channel_with_one_seller_has_no_further(entrepot, served):
    told = entrepot("simulator", "webshop", "--port", str(free_port()), "--sellers", "2", code=2).stderr
    assert "channel 'mock' simulates one seller at a time. Next: leave --sellers out" in told


def test_simulator_of_a_real_account_is_refused(entrepot, folder, served, monkeypatch):
    monkeypatch.setenv("TOKEN", "from the environment")
    text = (folder / "plugins.toml").read_text().replace('environment = "simulator"', "")
    (folder / "plugins.toml").write_text(text.replace("a-simulated-token", "env:TOKEN"))
    assert 'environment = "production"' in entrepot("simulator", "webshop", "--port", "8801", code=4).stderr


def test_simulator_without_its_extra(entrepot, monkeypatch):
    monkeypatch.setitem(simulators.__dict__, "_make", lambda *_: object())
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "entrepot.simulation.doubles.serving", raising=False)
    monkeypatch.delattr(doubles, "serving", raising=False)
    told = entrepot("simulator", "webshop", "--port", str(free_port()), code=2).stderr
    assert "simulators need uvicorn. Next: pip install 'entrepot[simulator]'" in told
