"""The complaints that the simulator can play, each beside its truth."""

import asyncio
import json
from collections import Counter

from connectors.amazon_sp.tests.simulator.asking import DE, ORDERS, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, process
from connectors.amazon_sp.tests.simulator.notifications.notified import received, subscribe
from connectors.amazon_sp.tests.simulator.reports.asked_for import LISTINGS, REPORTS
from entrepot.simulation import EPOCH
from entrepot_amazon_sp.simulator import scenarios

HOUR = 3600


async def listed(seller):
    window = {"lastUpdatedAfter": instant(EPOCH), "includedData": "FULFILLMENT"}
    return {order["orderId"] for order in (await seller.get(ORDERS, **window)).json()["orders"]}


def test_orders_that_exist_are_missing_from_lists_for_a_day():
    """R29, R30."""

    async def scenario(seller):
        truth = scenarios.orders_missing_from_lists(seller.amazon, "TEA", market_of("DE"), listed=2, missing=7)
        await asyncio.sleep(300)
        found = await listed(seller)
        single = [(await seller.get(f"{ORDERS}/{number}")).status_code for number in truth.missing]
        await asyncio.sleep(24 * HOUR)
        return truth, found, single, await listed(seller)

    truth, found, single, later = ask(scenario)
    assert (len(truth.listed), len(truth.missing)) == (2, 7)
    assert found == truth.listed
    assert single == [200] * 7
    assert later == truth.listed | truth.missing


def test_feeds_that_do_nothing_are_told_from_those_that_do():
    """R61, R62."""

    async def scenario(seller):
        scenarios.submissions_without_effect(seller.amazon, 1)
        nobodys = scenarios.unknown_sku(seller.amazon)
        messages = [patch_message(1, "TEA", 3), patch_message(2, "MUG", 4), patch_message(3, nobodys, 5)]
        _, report = await process(seller, listings_feed(*messages))
        await asyncio.sleep(HOUR)
        stock = {sku: seller.amazon.stock[sku] for sku in ("TEA", "MUG")}
        return json.loads(report)["summary"], stock, seller.amazon.truths()["without_effect"], nobodys

    summary, stock, truth, nobodys = ask(scenario)
    assert (summary["messagesAccepted"], summary["errors"]) == (3, 0)
    assert stock == {"TEA": 10, "MUG": 4}
    assert [entry["sku"] for entry in truth] == ["TEA", nobodys]


async def ended(seller, **changes):
    """The status of a report that is asked for now, ten minutes later, and its id."""
    body = {"reportType": LISTINGS, "marketplaceIds": [DE]} | changes
    id_ = (await seller.post(REPORTS, body)).json()["reportId"]
    await asyncio.sleep(600)
    return (await seller.get(f"{REPORTS}/{id_}")).json()["processingStatus"], id_


def test_reports_that_look_the_same_have_their_causes():
    """R74, R75."""

    async def scenario(seller):
        told = [await ended(seller), await ended(seller)]
        await asyncio.sleep(HOUR)
        scenarios.report_cancelled_despite_data(seller.amazon)
        told.append(await ended(seller))
        await asyncio.sleep(HOUR)
        scenarios.report_fatal_when_asked_again(seller.amazon)
        told.append(await ended(seller))
        await asyncio.sleep(5 * HOUR)
        seller.amazon.stock.clear()
        told.append(await ended(seller))
        causes = seller.amazon.truths()["report_causes"]
        return [(status, causes[id_]) for status, id_ in told]

    assert ask(scenario) == [
        ("DONE", "written"),
        ("CANCELLED", "too_soon"),
        ("CANCELLED", "fault"),
        ("FATAL", "asked_again"),
        ("CANCELLED", "no_data"),
    ]


def test_one_notification_is_delivered_ten_times():
    """R92."""

    async def scenario(seller):
        await subscribe(seller, "ORDER_CHANGE")
        scenarios.notification_delivered_ten_times(seller.amazon)
        await seller.sell({"TEA": 1})
        await asyncio.sleep(HOUR)
        seller.amazon.catch_up()
        return received(seller), seller.amazon.truths()["notifications"]

    messages, [copied, other] = ask(scenario)
    ids = Counter(message["NotificationMetadata"]["NotificationId"] for message in messages)
    assert ids == {copied["id"]: 10, other["id"]: 1}
    assert [len(notice["sent_at"]) for notice in (copied, other)] == [10, 1]
