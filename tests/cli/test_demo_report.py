"""What `entrepot demo` says of its day: figures, calls that failed, offers that are wrong in the end."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from attrs import evolve
from rich.console import Console

from entrepot.cli.demo.failed_calls import FailedCalls
from entrepot.cli.demo.figures import render
from entrepot.model import AccountId, ProblemKind
from entrepot.simulation import Refusal, route
from entrepot.simulation.worlds.report import Account, AtRest, Calls, Orders, Published, Report
from entrepot.simulation.worlds.trading_day import Plan
from entrepot_mock_channel.shop import MockShop
from tests.cli.demo_shop import MARKET, entrepot, write_shop

END = datetime(2027, 2, 3, tzinfo=UTC)


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
