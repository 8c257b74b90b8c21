"""`status` and `events`."""

from attrs import evolve

from entrepot.channel import AccountDescription
from entrepot.cli import events
from entrepot.model import Marketplace
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
    assert "Days are those of Europe/Berlin;" in entrepot("quota").stdout


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
