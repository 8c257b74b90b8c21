"""`quota`: what was called, what is allowed, and what waits."""

import csv
import io
from datetime import date

import pytest

from entrepot.store.records import BucketRow, StreamKind, WaitingRow
from tests.cli.shop import NOW, SHOP, before, morning


def spend(tx):
    tx.quota.count(SHOP, "fetch_orders", NOW.date(), made=5, throttled=1, gets=5, records=400)
    tx.quota.count(SHOP, "fetch_orders", before(days=3).date(), made=95, gets=95, records=3600)
    tx.quota.count(SHOP, "fetch_orders", date(2026, 10, 31), made=7, gets=7, records=7)
    tx.quota.count(SHOP, "push_stock", NOW.date(), made=2, records=2)
    tx.quota.save(SHOP, "orders", BucketRow(1.0, before(seconds=2), None, told=4.0, share=0.5))


def waits(tx):
    stream = next(one for one in tx.streams.of_account(SHOP) if one.kind is StreamKind.ORDERS)
    tx.quota.wait(SHOP, "orders", WaitingRow(stream.id, NOW, 1, NOW))
    tx.quota.wait(SHOP, "orders", WaitingRow(99, NOW, 1, before(minutes=5)))  # it never came


def budget(folder, allowed=100):
    text = (folder / "plugins.toml").read_text()
    (folder / "plugins.toml").write_text(
        text.replace('publish = "live"', f'publish = "live"\n    monthly_gets = {allowed}')
    )


def test_calls_are_told_by_account_operation_and_object(ask, fill):
    """Covers R14: today, in this month, and how many requests a thousand orders cost."""
    fill(morning, spend)
    told = ask("quota")
    calls = {one["operation"]: one for one in told["calls"]}
    orders = calls["fetch_orders"]
    assert (told["day"], told["month"], orders["account"], orders["about"]) == ("2026-11-24", "2026-11", SHOP, "order")
    assert orders["today"] == {"made": 5, "refused": 1, "gets": 5, "records": 400}
    assert orders["month"] == {"made": 100, "refused": 1, "gets": 100, "records": 4000}
    assert (orders["calls_per_1000"], orders["spends"]) == (25.0, ["orders"])
    assert (calls["push_stock"]["about"], calls["push_stock"]["month"]["records"]) == ("offer", 2)
    assert (calls["check"]["today"]["made"], calls["check"]["calls_per_1000"]) == (0, None)


def test_calls_are_exported_day_by_day(entrepot, fill):
    """Covers R14: every stored day, for a spreadsheet."""
    fill(morning, spend)
    lines = list(csv.DictReader(io.StringIO(entrepot("quota", "--format", "csv").stdout)))
    assert [(line["day"], line["operation"], line["gets"]) for line in lines] == [
        ("2026-10-31", "fetch_orders", "7"),
        ("2026-11-21", "fetch_orders", "95"),
        ("2026-11-24", "fetch_orders", "5"),
        ("2026-11-24", "push_stock", "0"),
    ]
    assert lines[2] == {
        "day": "2026-11-24",
        "account": SHOP,
        "operation": "fetch_orders",
        "about": "order",
        "calls": "5",
        "refused": "1",
        "gets": "5",
        "records": "400",
    }


def test_a_limit_shows_its_rate_and_why_its_tokens_and_who_waits(entrepot, ask, fill):
    fill(morning, spend, waits)
    limit = next(one for one in ask("quota")["limits"] if one["limit"] == "orders")
    assert [limit[name] for name in ("owner", "published", "told", "share", "in_force")] == [SHOP, 2, 4, 0.5, 2]
    assert (limit["tokens"], limit["waiting"]) == (5.0, ["orders"])
    line = next(line for line in entrepot("quota").stdout.splitlines() if "told by the channel" in line)
    assert line.split() == (
        f"{SHOP} orders 2 a second told by the channel, slowed to 50% by refusals 10 5.0 orders".split()
    )


def test_the_budget_of_the_month_is_shown(entrepot, ask, fill, folder):
    budget(folder, 400)
    fill(morning, spend)
    assert ask("quota")["budgets"] == [{"accounts": [SHOP], "used": 100, "allowed": 400}]
    assert f"{SHOP}: 100 of 400 GET requests (25%) are used of this month's." in entrepot("quota").stdout


def test_no_number_is_cut_where_nobody_sees_the_width(entrepot, fill, monkeypatch):
    fill(morning)
    whole = entrepot("quota").stdout
    monkeypatch.setenv("COLUMNS", "40")
    assert entrepot("quota").stdout.partition("\n\n")[0] == whole.partition("\n\n")[0]
    assert "calls per 1000" in whole.splitlines()[0]


@pytest.mark.parametrize("written", ["0", '"many"'])
def test_a_budget_that_is_no_number_from_one_is_refused(entrepot, folder, written):
    budget(folder, written)
    assert "E105" in entrepot("quota", code=78).output
