"""`entrepot demo`: its answer is measured, is all that stdout holds, and agrees with the database that stays."""

import asyncio
import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from click.testing import CliRunner
from rich.console import Console

from entrepot import hookimpl
from entrepot.cli import context, main
from entrepot.cli.context import Home
from entrepot.cli.demo.failed_calls import FailedCalls
from entrepot.cli.demo.figures import render
from entrepot.model import AccountId, ProblemKind
from entrepot.runtime import SystemClock
from entrepot.simulation import Refusal, route
from entrepot.simulation.worlds.report import Account, AtRest, Calls, Orders, Published, Report
from entrepot.simulation.worlds.trading_day import Plan
from entrepot_mock_channel.shop import MockShop
from tests.plugins.distributions import offer

ACCOUNT = """
[accounts.{name}]
channel     = "mock"
environment = "simulator"
publish     = "live"
settings    = {{ url = "https://{name}.example", token = "token-of-{name}" }}
orders      = {{ since = 2026-01-01, freshness = "10m" }}
"""
PRODUCTION = """
[accounts.real]
channel     = "mock"
settings    = { url = "https://real.example", token = "env:NOBODY_SET_THIS" }
"""
HEAD = """
[entrepot]
store = "sqlite:of-production.db"
time_zone = "Europe/Berlin"
[plugins]
mock_channel = "*"
[skus]
catalog = "skus.csv"
"""
END = datetime(2027, 2, 3, tzinfo=UTC)
KEYS = ["orders", "published", "calls", "throttled", "oversold_by_us", "oversold_by_lag", "at_rest", "problems"]


MARKET, WEBSHOP = ACCOUNT.format(name="market"), ACCOUNT.format(name="webshop")


def write_shop(folder, accounts=MARKET + WEBSHOP):
    skus = "".join(f"SKU-{number:02d},An article\n" for number in range(10))
    (folder / "skus.csv").write_text(f"sku,title\n{skus}", "utf-8")
    (folder / "plugins.toml").write_text(HEAD + accounts, "utf-8")


def entrepot(folder, *words):
    return CliRunner().invoke(main, ["--config", str(folder / "plugins.toml"), *words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder, MARKET + WEBSHOP + PRODUCTION)
    return folder


@pytest.fixture(scope="module")
def day(folder):
    return entrepot(folder, "demo", "--seed", "3", "--format", "json")


@pytest.fixture
def report(day):
    return json.loads(day.stdout)


def stored(folder, work):
    return Home(folder / "demo" / "plugins.toml").read(work)


def test_stdout_is_one_object_with_the_promised_keys(day, report):
    assert day.exit_code == 0, day.output
    assert list(report) == [*KEYS, "database"]
    assert report["orders"].keys() == {"market", "stored", "differing", "fields"}
    assert report["published"].keys() == {"sent", "effective"}
    assert report["calls"].keys() == {"market", "webshop"}
    assert report["calls"]["market"]["fetch_orders"].keys() == {"made", "allowed"}


def test_every_order_of_the_markets_is_in_the_database(folder, report):
    orders = stored(folder, lambda tx: sum(number for _, number, _ in tx.orders.counts()))
    assert report["orders"]["market"] == report["orders"]["stored"] == orders > 40


def test_published_quantities_agree_with_the_attempts(folder, report):
    def accepted(tx):
        attempts = [tx.offers.attempts_of(offer.account, offer.external_id, 1000) for offer in tx.offers.all()]
        return sum(item.result == "" for found in attempts for _, item in found)

    assert report["published"]["sent"] == stored(folder, accepted) >= report["published"]["effective"] > 10


def test_calls_stay_within_what_is_allowed_and_agree_with_the_store(folder, report):
    counts = stored(folder, lambda tx: tx.quota.counts())
    for account, calls in report["calls"].items():
        for operation, one in calls.items():
            made = sum(count.made for count in counts if (count.account, count.operation) == (account, operation))
            assert one["made"] == made <= one["allowed"]
    assert report["throttled"] == sum(count.throttled for count in counts) == 0


def test_problems_are_those_that_the_command_shows(folder, report):
    listed = entrepot(folder / "demo", "problems", "--format", "json")
    assert report["problems"] == len(stored(folder, lambda tx: tx.problems.all()))
    assert listed.exit_code == (1 if report["problems"] else 0)


def test_the_same_seed_brings_the_same_figures_on_another_day(folder, report, monkeypatch):
    class Later:
        def now(self):
            return datetime(2027, 2, 3, 4, 5, tzinfo=UTC) + timedelta(seconds=6.7)

    monkeypatch.setattr("entrepot.cli.context.SystemClock", Later)
    again = json.loads(entrepot(folder, "demo", "--seed", "3", "--format", "json").stdout)
    assert again == report


def test_accounts_without_a_simulator_are_left_out_with_their_secrets(folder, day):
    staged = tomllib.loads((folder / "demo" / "plugins.toml").read_text("utf-8"))
    assert staged["accounts"].keys() == {"market", "webshop"}
    assert not (folder / "of-production.db").exists()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_next_commands_work_as_printed(tmp_path, monkeypatch, columns):
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    told = CliRunner().invoke(main, ["demo"])
    assert told.exit_code == 0, told.output
    commands = [line.strip().split("   ")[0].split()[1:] for line in told.stdout.splitlines() if " --config " in line]
    assert [words[2] for words in commands] == ["offers", "orders"]
    for words in commands:
        assert CliRunner().invoke(main, words).exit_code in {0, 1}, words


def test_the_report_fits_a_terminal_and_has_no_colors_in_a_pipe(tmp_path, monkeypatch):
    write_shop(tmp_path, MARKET + WEBSHOP + ACCOUNT.format(name="amazon-eu"))
    monkeypatch.setenv("COLUMNS", "80")
    told = entrepot(tmp_path, "demo").stdout
    figures, _, commands = told.partition("The database stays")
    assert commands
    assert max(len(line) for line in figures.splitlines()) <= 80
    assert [line for line in figures.splitlines() if line.startswith("orders in the market / stored")]
    assert "market" in figures
    assert "\x1b" not in told


# Beside the clock


@pytest.fixture
def fast(folder, tmp_path):
    """The same shop; its day takes half a second."""
    write_shop(tmp_path, MARKET.replace("[accounts.market]", "[accounts.market]\ntime_scale = 200_000") + WEBSHOP)
    return tmp_path


def test_a_day_beside_the_clock_is_the_same_day(fast, report):
    began = SystemClock().now()
    day = entrepot(fast, "demo", "--real-time", "--seed", "3", "--format", "json")
    assert SystemClock().now() - began > timedelta(hours=24.5) / 200_000
    assert day.exit_code == 0, day.output
    assert json.loads(day.stdout) == report | {"database": str(fast / "demo" / "entrepot.db")}
    assert day.stderr.splitlines()[0].startswith("0 s at time_scale = 200000. Ctrl-C ends the day")


def test_a_day_beside_the_clock_tells_what_is_sold_and_shown(fast):
    told = entrepot(fast, "demo", "--real-time", "--seed", "3").stderr
    assert " market   sold " in told
    assert " webshop  now shows " in told
    assert "\x1b" not in told


def test_a_faulty_time_scale_is_told(tmp_path):
    write_shop(tmp_path, MARKET + "time_scale = 0\n")
    assert "E105" in entrepot(tmp_path, "demo", "--real-time").stderr


# Plugins


def listen(monkeypatch, observer):
    """Enable a plugin with this observer in what is loaded from now on."""
    entry = offer(monkeypatch, "listener", order_changed=hookimpl(observer, specname="order_changed"))
    found = [*entry_points(group="entrepot.plugins"), entry]
    load = context.plugins.load
    monkeypatch.setattr(context.plugins, "load", lambda enabled, **how: load(enabled, entry_points=found, **how))
    monkeypatch.setattr("tests.cli.test_demo.HEAD", HEAD.replace("[plugins]", '[plugins]\nlistener = "*"'))


def test_observers_of_plugins_are_told(tmp_path, monkeypatch):
    heard = []

    async def observer(event):
        await asyncio.sleep(1)
        heard.append((event.name, event.key))

    listen(monkeypatch, observer)
    write_shop(tmp_path, MARKET)
    assert entrepot(tmp_path, "demo").exit_code == 0
    events = stored(tmp_path, lambda tx: tx.outbox.after(0, 10_000))
    assert heard == [(event.name, event.key) for event in events if event.name == "order_changed"] != []


def test_an_observer_that_needs_a_thread_is_told_of(tmp_path, monkeypatch):
    async def observer(event):
        await asyncio.to_thread(print, event)

    listen(monkeypatch, observer)
    write_shop(tmp_path, MARKET)
    told = entrepot(tmp_path, "demo")
    assert told.exit_code == 2
    assert "virtual time" in told.stderr
    assert told.stderr.endswith("Next: leave it out of [plugins]\n")


# Failed calls


def test_calls_that_fail_alike_are_told_once_and_counted(tmp_path, monkeypatch):
    """Not "no call refused", and not a line for each."""

    @route("GET /v1/stock")
    def refuse(_shop, _call):
        raise Refusal(400, "too_many")

    monkeypatch.setattr(MockShop, "list_stock", refuse)
    write_shop(tmp_path, MARKET)
    told = entrepot(tmp_path, "demo")
    lines = told.stderr.splitlines()
    [first] = [line for line in lines if "call_failed " in line]
    [again] = [line for line in lines if "call_failed_again" in line]
    assert "too_many" in first
    times = int(re.search(r"times=(\d+)", again)[1])
    assert times > 10
    assert f"offer wrong in the end.\n{times + 1} calls failed: " in told.stdout
    assert "refused for frequency" not in told.stdout
    assert told.exit_code == 1


def test_a_refusal_for_frequency_is_no_failed_call():
    failed = FailedCalls()
    failed(None, "", {"event": "call_failed", "throttled": True})
    failed(None, "", {"event": "call_failed", "throttled": False})
    failed(None, "", {"event": "lease_lost"})
    assert failed.others == 1


def test_an_earlier_database_is_replaced(tmp_path):
    write_shop(tmp_path, MARKET)
    for _ in range(2):
        report = json.loads(entrepot(tmp_path, "demo", "--format", "json").stdout)
        assert report["orders"]["market"] == report["orders"]["stored"] > 0


def test_without_simulators_the_demo_says_what_to_do(tmp_path):
    write_shop(tmp_path, PRODUCTION)
    told = entrepot(tmp_path, "demo")
    assert told.exit_code == 2
    assert told.stdout == ""
    assert 'environment = "simulator"' in told.stderr
    assert not (tmp_path / "demo" / "plugins.toml").exists(), "no command is to find what nobody played on"


def test_a_faulty_file_ends_with_its_faults(tmp_path):
    write_shop(tmp_path, MARKET.replace('"mock"', '"mok"'))
    told = entrepot(tmp_path, "demo")
    assert told.exit_code == 78
    assert "mok" in told.stderr


# The report, without a day


def figures_of(sold_in, failed=0, **changes):
    one = Account(sold_in, Published(3, 2), 1, AtRest(5, 5), {"fetch_orders": Calls(1, 1000)}, 0)
    report = Report({AccountId("amazon-eu"): one}, {}, (), (), {ProblemKind.PUSH_REJECTED: 2}, None, None)
    config = SimpleNamespace(database=Path("demo/entrepot.db"), time_zone=ZoneInfo("Europe/Berlin"))
    stage = SimpleNamespace(config=config, path=Path("demo/plugins.toml"))
    out = Console(width=80)
    with out.capture() as captured:
        render(out, stage, Plan(7, END, {"TEA": 1}, {}, ()), evolve(report, **changes), failed)
    return captured.get()


def test_marketplaces_are_told_apart_where_there_are_several():
    told = figures_of({"DE": Orders(412, 411), "NL": Orders(168, 168)})
    rows = [line.split("  ") for line in told.splitlines()]
    cells = {line[0].strip() or line[1]: line[-1].strip() for line in rows if len(line) > 1}
    assert cells["orders in the market / stored"] == "580 / 579"
    assert (cells["in DE"], cells["in NL"]) == ("412 / 411", "168 / 168")
    assert "1 order lost." in told
    assert "in DE" not in figures_of({"DE": Orders(1, 1)})


def test_an_order_that_is_stored_otherwise_is_not_called_lost():
    told = figures_of({"DE": Orders(11, 11, 2, ("status", "changed_at"))})
    assert "2 stored orders differ from the market's (in status, changed_at)." in told
    assert "lost" not in told


def test_a_day_that_was_ended_before_anybody_bought_has_a_report(monkeypatch):
    monkeypatch.setattr("sys.argv", ["entrepot"])  # a longer name of the program breaks the line
    told = figures_of({}, lived=timedelta(minutes=4))
    assert told.startswith("4 min of a day of trade, ended early (seed 7, times of Europe/Berlin)\n")
    assert "No order was lost" in told
    assert "Now try" not in told
    assert "--config" not in told.rpartition("\n\n")[0]


def test_the_last_line_tells_the_open_problems_by_kind_and_the_command_that_lists_them():
    """Covers P8."""
    told = figures_of({}).splitlines()[-1]
    assert told.startswith("2 problems are open (push_rejected 2): ")
    assert told.endswith(" --config demo/plugins.toml problems")
    assert figures_of({}, problems={}).splitlines()[-1] == "No problem is open."


def test_offers_that_are_wrong_in_the_end_are_told_in_words(tmp_path, monkeypatch):
    """A shop that shows no quantity that it takes: 10 / 9 among twenty figures is overlooked (covers P5)."""

    @route("PUT /v1/stock")
    def forget(_shop, _call):
        return {"refused": {}}

    monkeypatch.setattr(MockShop, "set_stock", forget)
    write_shop(tmp_path, MARKET)
    told = entrepot(tmp_path, "demo")
    assert told.exit_code == 1
    assert "nothing oversold by us" not in told.stdout
    assert "1 offer wrong in the end." in told.stdout
    [words] = re.findall(r"1 of 10 offers on market shows another number than it should: (.*)\n", told.stdout)
    assert words.endswith(" offers diff market")
    document = json.loads(entrepot(tmp_path, "demo", "--format", "json").stdout)
    assert document["at_rest"] == {"market": {"offers": 10, "right": 9, "wrong": 1}}


def test_an_account_that_is_not_live_has_no_wrong_offers(tmp_path):
    write_shop(tmp_path, MARKET.replace('"live"', '"shadow"'))
    told = entrepot(tmp_path, "demo", "--format", "json")
    report = json.loads(told.stdout)
    assert report["at_rest"]["market"]["right"] < 10
    assert report["at_rest"]["market"]["wrong"] == 0
