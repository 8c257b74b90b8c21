"""The simulator against itself: the same seed is the same run, and all that it tells is one truth."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest

from connectors.amazon_sp.tests.simulator.asking import ask, instant
from connectors.amazon_sp.tests.simulator.feeding import listings_feed, patch_message, process
from connectors.amazon_sp.tests.simulator.seller_days import CODES, ORDER_REPORT, SKUS, lived
from connectors.amazon_sp.tests.simulator.test_reports import download, look, request, table
from entrepot.simulation import Server, SimTransport, stream
from entrepot.simulation.serving import Served
from entrepot.simulation.world import EveryHost
from entrepot_amazon_sp.simulator.faults import AmazonFault

ROOT = Path(__file__).parents[4]
SCRIPT = "connectors.amazon_sp.tests.simulator.seller_days"


def trace_in_a_process(seed, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", SCRIPT, "1", str(seed)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - ours
    return done.stdout.decode().strip()


def test_same_seed_is_the_same_run_in_any_process():
    first, again, other = trace_in_a_process(1, "0"), trace_in_a_process(1, "4711"), trace_in_a_process(2, "0")
    assert len(first) == 64
    assert first == again
    assert first != other


async def order_report(seller):
    await asyncio.sleep(10)
    start, end = "2029-12-31T00:00:00Z", instant(seller.clock.now())
    report = (await request(seller, ORDER_REPORT, dataStartTime=start, dataEndTime=end)).json()["reportId"]
    await asyncio.sleep(300)
    document = (await look(seller, report))["reportDocumentId"]
    return table((await download(seller, document))[0]), seller.amazon


@pytest.mark.parametrize("seed", range(3))
def test_orders_are_the_order_report_and_the_movements_of_stock(seed):
    rows, amazon = lived(1, seed, order_report)
    told = Counter((row["amazon-order-id"], row["sku"], row["quantity"]) for row in rows)
    kept = Counter(
        (order.external_id, line.offer, str(line.ordered - line.cancelled))
        for order in amazon.orders.values()
        for line in order.lines
    )
    assert told == kept
    assert len(amazon.orders) > 50
    last = {write.offer: write for write in amazon.stock.writes}
    for sku, shown in amazon.stock.items():
        assert shown == expected(amazon, sku, last.get(sku))


def expected(amazon, sku, write):
    """The last quantity that was set, less what was sold since; what was cancelled since came back."""
    since = write.at if write else amazon.sales[0].at
    sold = sum(sale.units for sale in amazon.sales if sale.offer == sku and sale.at >= since)
    back = sum(
        line.cancelled
        for order in amazon.orders.values()
        for line in order.lines
        if line.offer == sku and order.changed_at >= since
    )
    return (write.quantity if write else SKUS[sku]) - sold + back


def test_inspector_tells_all_or_one_truth_and_counts_for_no_limit():
    async def inspect(seller):
        seller.amazon.faults.plan(AmazonFault.SILENT_FEED)
        [order] = await seller.sell({"TEA": 1})
        seller.amazon.ask_to_cancel(order.external_id, "changed their mind")
        seller.amazon.ship(order.external_id)
        seller.amazon.deliver(order.external_id)
        seller.amazon.take_back(order.external_id, {order.lines[0].external_id: 1}, "unwanted")
        await process(seller, listings_feed(patch_message(1, "TEA", 3)))
        network = SimTransport(EveryHost(Server(Served(seller.amazon), seller.clock)), stream(1, "inspector"))
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
    assert told["stock"]["TEA"] == 9
    assert (told["calls"]["createFeed"], told["throttled"], told["trace"]) == (1, {}, amazon.trace)
    assert told["without_effect"] == [{"feed": "50000000001", "sku": "TEA"}]
    [number] = amazon.orders
    assert [(asked["order"], asked["reason"]) for asked in told["cancel_requests"]] == [(number, "changed their mind")]
    assert [parcel["order"] for parcel in told["deliveries"]] == [number]
    assert [(back["offer"], back["units"], back["sellable"]) for back in told["returns"]] == [("TEA", 1, True)]
    assert told["faults"] == {"silent_feed": 1}
    assert told["truth"]["stock"] == told["stock"]
