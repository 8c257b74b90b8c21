"""`status`, `events` and `quota`."""

import io

from attrs import evolve
from rich.console import Console

from entrepot.channel import AccountDescription
from entrepot.cli import events
from entrepot.cli.quota import Spending, _render
from entrepot.model import Marketplace
from entrepot.store.records import BucketRow
from entrepot.sync.description import dump_description
from tests.cli.shop import NOW, SHOP, before, document, morning, take


def failing(tx):
    (stream,) = tx.streams.of_account(SHOP)
    held = tx.streams.claim(stream.id, "d", NOW, NOW)
    tx.streams.release(evolve(held, failures=4, failing_since=before(minutes=9), last_error="503 from the shop"))


def test_status_tells_progress_lag_and_what_fails(entrepot, ask, fill):
    """Covers P8."""
    fill(morning, failing, lambda tx: take(tx, document("W-8", "two")))
    lines = entrepot("status").stdout.splitlines()
    assert lines[1].split() == [SHOP, "2", "-", "11:41:05", "11:41:20", "30", "s", "1", "0", "live"]
    assert lines[6].split() == [SHOP, "orders", "11:32:50", "4", "503", "from", "the", "shop"]
    assert lines[-1] == "1 problem open: entrepot problems"
    told = ask("status")
    assert (told["problems"], told["accounts"][0]["failing"][0]["stream"]) == (1, "orders")


def test_status_says_whose_day_today_is(entrepot, ask, fill):
    """Covers R91: the marketplace's for orders, the configured one for calls. Placed at 09:41 and counted at NOW."""
    mock = AccountDescription((Marketplace("MOCK", "EUR", "Europe/Berlin", "mock"),))

    def calls(tx):
        tx.accounts.describe(SHOP, dump_description(mock))
        tx.quota.count(SHOP, "fetch_orders", NOW.date(), made=5, throttled=0)

    fill(morning, calls)
    lines = entrepot("status").stdout.splitlines()
    assert lines[1].split()[:3] == [SHOP, "2", "2"]
    assert lines[3] == (
        "Orders of today are those of each marketplace's own day (Europe/Berlin), "
        "calls those of the day in Europe/Berlin."
    )
    told = ask("status")
    (shop,) = told["accounts"]
    assert shop["today"] == [{"marketplace": "MOCK", "time_zone": "Europe/Berlin", "day": "2026-11-24", "orders": 2}]
    assert (told["time_zone"], shop["calls_today"]) == ("Europe/Berlin", 5)
    assert "Days are those of Europe/Berlin." in entrepot("quota").stdout


def test_status_names_accounts_that_left_and_those_that_wait(entrepot, folder, fill):
    fill(morning, lambda tx: tx.accounts.park(SHOP, NOW))
    assert entrepot("status").stdout.splitlines()[1].endswith("parked")
    fill(lambda tx: tx.accounts.detach_others([], NOW))
    assert entrepot("status").stdout.splitlines()[1].endswith("detached")
    text = (folder / "plugins.toml").read_text().replace("accounts.webshop", "accounts.market")
    (folder / "plugins.toml").write_text(text)
    assert entrepot("status").stdout.splitlines()[2].endswith("not started yet")


def test_events_are_told_in_the_order_of_commits(entrepot, ask, fill):
    fill(morning)
    names = [event["name"] for event in ask("events", "tail")]
    assert names.count("order_changed") == 2
    assert [event["id"] for event in ask("events", "tail", "--limit", "2")] == [len(names) - 1, len(names)]
    assert entrepot("events", "tail", "--limit", "1").stdout.splitlines()[0].split()[:2] == ["id", "at"]


def test_events_are_followed_one_document_a_line(entrepot, fill, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    fill(morning)
    monkeypatch.setattr(events.asyncio, "sleep", interrupt)
    lines = entrepot("events", "tail", "--limit", "2", "--follow", "--format", "json").stdout.splitlines()
    assert [line[:6] for line in lines] == ['{"id":', '{"id":']


def test_quota_shows_calls_beside_limits(entrepot, ask, fill):
    def spend(tx):
        tx.quota.count(SHOP, "fetch_orders", NOW.date(), made=5, throttled=1)
        tx.quota.count(SHOP, "fetch_orders", before(days=1).date(), made=99, throttled=0)
        tx.quota.save(SHOP, "orders", BucketRow(1.0, before(seconds=2), None))

    fill(morning, spend)
    told = {one["operation"]: one for one in ask("quota")}
    orders = told["fetch_orders"]
    assert (orders["made"], orders["throttled"]) == (5, 1)
    assert [orders[name] for name in ("limit", "per_second", "burst", "level")] == ["orders", 2, 10, 5.0]
    assert told["check"]["made"] == 0
    assert "1 in 2 s" in entrepot("quota").stdout


def test_calls_that_spend_from_two_limits_are_shown_once():
    twice = [Spending(SHOP, "push_stock", 8, 0, limit, 5, 10, 10.0) for limit in ("read", "write")]
    console = Console(width=120, record=True, file=io.StringIO())
    _render(console, twice, "UTC")
    _, first, second, *_ = console.export_text().splitlines()
    assert first.split()[:4] == ["webshop", "push_stock", "8", "0"]
    assert second.split()[0] == "write"


def test_no_number_is_cut_where_nobody_sees_the_width(entrepot, fill, monkeypatch):
    fill(morning)
    whole = entrepot("quota").stdout
    monkeypatch.setenv("COLUMNS", "40")
    assert entrepot("quota").stdout.partition("\n\n")[0] == whole.partition("\n\n")[0]
    assert "tokens now" in whole.splitlines()[0]
