"""`entrepot demo`: its answer is measured, is all that stdout holds, and agrees with the database that stays."""

import asyncio
import json
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner

from entrepot import hookimpl
from entrepot.cli import context, main
from entrepot.runtime import SystemClock
from tests.cli.demo_shop import ACCOUNT, HEAD, MARKET, PRODUCTION, WEBSHOP, entrepot, stored, write_shop
from tests.plugins.distributions import offer

KEYS = ["orders", "published", "calls", "throttled", "oversold_by_us", "oversold_by_lag", "at_rest", "problems"]


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


def listen(monkeypatch, observer):
    """Enable a plugin with this observer in what is loaded from now on."""
    entry = offer(monkeypatch, "listener", order_changed=hookimpl(observer, specname="order_changed"))
    found = [*entry_points(group="entrepot.plugins"), entry]
    load = context.plugins.load
    monkeypatch.setattr(context.plugins, "load", lambda enabled, **how: load(enabled, entry_points=found, **how))
    monkeypatch.setattr("tests.cli.demo_shop.HEAD", HEAD.replace("[plugins]", '[plugins]\nlistener = "*"'))


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
