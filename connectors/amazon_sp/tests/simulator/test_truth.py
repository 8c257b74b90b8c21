"""The simulator against itself: the same seed is the same run, and all that it tells is one truth."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, process
from connectors.amazon_sp.tests.simulator.month import Size, tellings
from connectors.amazon_sp.tests.simulator.seller_days import CODES
from entrepot.model import OrderStatus
from entrepot.simulation import Server, SimTransport, stream
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.serving import Served
from entrepot.simulation.markets.shelf import Shelf
from entrepot.simulation.network.transport import EveryHost
from entrepot_amazon_sp.simulator.faults import AmazonFault

ROOT = Path(__file__).parents[4]
SCRIPT = "connectors.amazon_sp.tests.simulator.seller_days"


def trace_in_a_process(days, seed, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", SCRIPT, str(days), str(seed)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - ours
    return done.stdout.decode().strip()


def test_same_seed_is_the_same_week_in_any_process():
    first, again = trace_in_a_process(7, 1, "0"), trace_in_a_process(7, 1, "4711")
    assert len(first) == 64
    assert first == again


def test_another_seed_is_another_day():
    assert trace_in_a_process(1, 1, "0") != trace_in_a_process(1, 2, "0")


@pytest.mark.parametrize("seed", range(100))
def test_orders_reports_and_the_movements_of_stock_tell_one_truth(seed):
    """A month each, by every API that tells of them."""
    said, amazon = tellings(seed)
    assert len(amazon.orders) > 20
    for telling in said.values():
        assert telling.told == telling.true


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_a_larger_seller_is_told_one_truth_too(seed):
    said, amazon = tellings(seed, Size(offers=60, units=80))
    assert len(amazon.orders) > 1500
    for telling in said.values():
        assert telling.told == telling.true


def test_such_months_have_everything_in_them():
    markets = [tellings(seed)[1] for seed in range(12)]
    orders = [order for market in markets for order in market.orders.values()]
    assert {order.status for order in orders} == set(OrderStatus) - {OrderStatus.UNKNOWN}
    parties = {line.cancellation.by for order in orders for line in order.lines if line.cancellation}
    assert parties == {"buyer", "merchant", "channel"}
    assert any("preorder" in order.programs for order in orders)
    happened = [market.happened for market in markets]
    assert sum(len(each.cancel_requests) for each in happened) > 10
    assert {back.sellable for each in happened for back in each.returns} == {True, False}
    assert sum(len(market.stock.writes) for market in markets) > 100


def test_units_that_get_lost_would_be_found(monkeypatch):
    """What is given back does not arrive on the shelf."""
    move = Shelf.move
    monkeypatch.setattr(Shelf, "move", lambda shelf, offer, units: move(shelf, offer, min(units, 0)))
    said, _ = tellings(1)
    assert {name for name, telling in said.items() if telling.told != telling.true} == {"movements"}


def test_inspector_tells_all_or_one_truth_and_counts_for_no_limit():
    async def inspect(seller):
        seller.amazon.faults.plan(AmazonFault.SILENT_FEED)
        [order] = await seller.sell({"TEA": 1})
        seller.amazon.ask_to_cancel(order.external_id, "changed their mind")
        seller.amazon.ship(order.external_id)
        seller.amazon.deliver(order.external_id)
        seller.amazon.take_back(order.external_id, {order.lines[0].external_id: 1}, "unwanted")
        await process(seller, listings_feed(patch_message(1, "TEA", 3)))
        network = SimTransport(
            EveryHost(Server(Served(seller.amazon, seller.clock, FaultScript.read("")), seller.clock)),
            stream(1, "inspector"),
        )
        client = httpx.AsyncClient(transport=network, base_url="http://127.0.0.1")
        names = ("truth", "orders", "stock", "calls", "throttled", "trace", "without_effect", "faults", "nothing")
        names += ("cancel_requests", "deliveries", "returns")
        calls = seller.amazon.calls.total()
        answers = {name: await client.get(f"/_simulator/{name}") for name in names}
        return answers, seller.amazon, seller.amazon.calls.total() - calls

    answers, amazon, counted = ask(inspect, codes=CODES)
    told = {name: answer.json() for name, answer in answers.items()}
    assert answers["nothing"].status_code == 404
    assert counted == 0
    assert list(told["orders"]) == list(amazon.orders)
    [(_, order)] = told["orders"].items()
    assert (order["sent_by"], [parcel[:3] for parcel in order["packages"]]) == ("merchant", [["1", "", ""]])
    assert told["stock"]["TEA"] == 9
    assert (told["calls"]["createFeed"], told["throttled"], told["trace"]) == (1, {}, amazon.trace)
    assert told["without_effect"] == [{"feed": "50000000001", "sku": "TEA"}]
    [number] = amazon.orders
    assert [(asked["order"], asked["reason"]) for asked in told["cancel_requests"]] == [(number, "changed their mind")]
    assert [parcel["order"] for parcel in told["deliveries"]] == [number]
    assert [(back["offer"], back["units"], back["sellable"]) for back in told["returns"]] == [("TEA", 1, True)]
    assert told["faults"] == {"silent_feed": 1}
    assert told["truth"]["stock"] == told["stock"]
