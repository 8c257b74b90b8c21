"""`entrepot demo`: its answer is measured, is all that stdout holds, and agrees with the database that stays."""

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from entrepot.cli import main
from entrepot.cli.context import Home

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
KEYS = ["orders", "published", "calls", "throttled", "oversold_by_us", "oversold_by_lag", "problems", "database"]


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
    assert list(report) == KEYS
    assert report["orders"].keys() == {"market", "stored"}
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


def test_the_next_commands_work_as_printed(tmp_path, monkeypatch):
    write_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    told = CliRunner().invoke(main, ["demo"])
    assert told.exit_code == 0, told.output
    commands = [line.split("   ")[0].split()[1:] for line in told.stdout.splitlines() if " --config " in line]
    assert [words[2] for words in commands] == ["offers", "orders", "problems"]
    for words in commands:
        assert CliRunner().invoke(main, words).exit_code in {0, 1}, words


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


def test_a_faulty_file_ends_with_its_faults(tmp_path):
    write_shop(tmp_path, MARKET.replace('"mock"', '"mok"'))
    told = entrepot(tmp_path, "demo")
    assert told.exit_code == 78
    assert "mok" in told.stderr
