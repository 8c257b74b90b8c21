"""What notifications say, by Amazon's own schemas, and the two spellings of their keys (FACTS 17)."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import jsonschema_rs
import pytest
from attrs import evolve

from connectors.amazon_sp.tests.simulator.asking import DE, NL, SELLER, ask, market_of
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, process
from connectors.amazon_sp.tests.simulator.notifications.notified import (
    BUS,
    LISTINGS,
    VERSIONS,
    events,
    received,
    subscribe,
)
from connectors.amazon_sp.tests.simulator.reports.asked_for import request
from connectors.amazon_sp.tests.simulator.test_models import closed
from entrepot.model import Cancellation

SCHEMAS = Path(__file__).parents[6] / "shared/spapi/schemas/notifications"

FILES = {
    "FBA_INVENTORY_AVAILABILITY_CHANGES": "FBAInventoryAvailabilityChangeNotification",
    "FEED_PROCESSING_FINISHED": "FeedProcessingFinishedNotification",
    "LISTINGS_ITEM_ISSUES_CHANGE": "ListingsItemIssuesChangeNotification_2023-12-13",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE": "ListingsItemMfnQuantityChange",
    "LISTINGS_ITEM_STATUS_CHANGE": "ListingsItemStatusChangeNotification",
    "ORDER_CHANGE": "OrderChangeNotification",
    "REPORT_PROCESSING_FINISHED": "ReportProcessingFinishedNotification",
}
"""Amazon publishes none for ACCOUNT_STATUS_CHANGED."""

CAMEL = {"FEED_PROCESSING_FINISHED", "REPORT_PROCESSING_FINISHED"}


async def busy_day(seller):
    """Every type has something to tell."""
    await subscribe(seller, *VERSIONS)
    amazon = seller.amazon
    amazon.inventory.send_by_amazon("MUG")
    await seller.sell({"TEA": 1})
    [sent_by_amazon] = await seller.sell({"MUG": 1})
    amazon.ship(sent_by_amazon.external_id)
    await process(seller, listings_feed(patch_message(1, "TEA", 0)))
    amazon.inventory.suppress("TEA", NL)
    await asyncio.sleep(60)
    amazon.inventory.clear_issues("TEA")
    await request(seller, "GET_MERCHANT_LISTINGS_ALL_DATA")
    await asyncio.sleep(300)
    amazon.notifications.change_account_status("AT_RISK")
    return received(seller), events(seller)


def told():
    """Messages by type, and the events around those of EventBridge."""
    messages, around = ask(busy_day)
    by_type = {}
    for message in [*messages, *(event["detail"] for event in around)]:
        by_type.setdefault(message.get("NotificationType") or message["notificationType"], []).append(message)
    return by_type, around


def test_every_type_has_its_message_in_its_place():
    by_type, around = told()
    assert by_type.keys() == VERSIONS.keys()
    assert {event["detail-type"] for event in around} == set(LISTINGS)


def faults(kind, message):
    schema = closed(json.loads((SCHEMAS / f"{FILES[kind]}.json").read_text("utf-8")))
    if kind == "LISTINGS_ITEM_STATUS_CHANGE":  # the schema's enum is at odds with its own example and Amazon's pages
        del schema["properties"]["NotificationType"]["enum"]
    checker = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
    return [f"{fault.instance_path}: {fault.message}" for fault in checker.iter_errors(message)]


@pytest.mark.skipif(not SCHEMAS.exists(), reason="Amazon's schemas are not here (../shared/spapi/schemas)")
@pytest.mark.parametrize("kind", FILES)
def test_messages_have_only_what_amazons_schema_defines(kind):
    for message in told()[0][kind]:
        assert faults(kind, message) == []


@pytest.mark.skipif(not SCHEMAS.exists(), reason="Amazon's schemas are not here (../shared/spapi/schemas)")
def test_a_key_of_another_spelling_would_be_found():
    [message, *_] = told()[0]["FEED_PROCESSING_FINISHED"]
    assert faults("FEED_PROCESSING_FINISHED", {name.title(): value for name, value in message.items()})


@pytest.mark.parametrize("kind", VERSIONS)
def test_envelope_has_one_of_two_spellings(kind):
    keys = {"NotificationVersion", "NotificationType", "PayloadVersion", "EventTime", "Payload"}
    inner = {"ApplicationId", "SubscriptionId", "PublishTime", "NotificationId"}
    has_metadata = kind != "FBA_INVENTORY_AVAILABILITY_CHANGES"
    expected = keys | ({"NotificationMetadata"} if has_metadata else set())
    if kind in CAMEL:
        expected, inner = ({name[0].lower() + name[1:] for name in names} for names in (expected, inner))
    for message in told()[0][kind]:
        assert message.keys() == expected
        metadata = message.get("NotificationMetadata") or message.get("notificationMetadata")
        assert (metadata is None) != has_metadata
        assert metadata is None or metadata.keys() == inner


def test_event_bridge_wraps_a_notification_in_an_event_of_aws():
    for event in told()[1]:
        detail = event.pop("detail")
        assert event.keys() == {"version", "id", "detail-type", "source", "account", "time", "region", "resources"}
        assert (event["source"], event["account"], event["region"]) == (BUS, "123456789012", "eu-west-1")
        assert datetime.fromisoformat(event["time"]) <= datetime.fromisoformat(
            detail["NotificationMetadata"]["PublishTime"]
        )


def test_order_is_told_in_the_old_spelling_and_without_personal_data():
    told_of = [message["Payload"]["OrderChangeNotification"] for message in told()[0]["ORDER_CHANGE"]]
    statuses = [each["Summary"]["OrderStatus"] for each in told_of]
    assert statuses == ["Pending", "Unshipped", "Pending", "Unshipped", "Shipped"]
    assert [each["Summary"]["FulfillmentType"] for each in told_of] == ["MFN", "MFN", "AFN", "AFN", "AFN"]
    assert {each["SellerId"] for each in told_of} == {SELLER}
    assert {each["Summary"]["DestinationPostalCode"] for each in told_of} == {None}
    assert {each["OrderChangeType"] for each in told_of} == {"OrderStatusChange"}


def test_units_that_are_sent_in_parts_are_told_by_item():
    async def part(seller):
        await subscribe(seller, "ORDER_CHANGE")
        [order] = await seller.sell({"TEA": 3})
        for _ in range(2):
            await asyncio.sleep(60)
            seller.amazon.ship(order.external_id, {order.lines[0].external_id: 1})
        await asyncio.sleep(60)
        seller.amazon.change(order.external_id)  # nothing that anybody is told
        await asyncio.sleep(60)
        return [message["Payload"]["OrderChangeNotification"] for message in received(seller)]

    *_, first, second = ask(part)
    assert [each["NotificationLevel"] for each in (first, second)] == ["OrderLevel", "OrderItemLevel"]
    assert [each["Summary"]["OrderItems"][0]["QuantityShipped"] for each in (first, second)] == [1, 2]


def test_buyer_who_asks_to_cancel_is_told_by_item():
    async def ask_to_cancel(seller):
        await subscribe(seller, "ORDER_CHANGE")
        [order] = await seller.sell({"TEA": 1, "MUG": 1})
        tea, mug = order.lines
        seller.amazon.change(order.external_id, lines=(evolve(tea, cancel_request=Cancellation("buyer")), mug))
        await asyncio.sleep(2)
        return [message["Payload"]["OrderChangeNotification"] for message in received(seller)]

    *_, told = ask(ask_to_cancel)
    assert (told["OrderChangeType"], told["NotificationLevel"]) == ("BuyerRequestedChange", "OrderItemLevel")
    assert told["OrderChangeTrigger"]["ChangeReason"] == "Buyer Requested Cancel"
    assert [item["IsBuyerRequestedCancel"] for item in told["Summary"]["OrderItems"]] == [True, False]


@pytest.mark.parametrize(
    ("words", "count"),
    [({"marketplaceIds": [DE]}, 2), ({"orderChangeTypes": ["BuyerRequestedChange"]}, 0), ({}, 4)],
)
def test_filter_of_orders_keeps_others_away(words, count):
    async def filtered(seller):
        wanted = {"eventFilter": {"eventFilterType": "ORDER_CHANGE"} | words}
        await subscribe(seller, "ORDER_CHANGE", processingDirective=wanted)
        await seller.sell({"TEA": 1})
        await seller.sell({"TEA": 1}, code="NL")
        await asyncio.sleep(2)
        return len(received(seller))

    assert ask(filtered) == count


def test_listing_tells_by_store_what_is_new():
    async def change(seller):
        await subscribe(seller, *LISTINGS)
        inventory, found = seller.amazon.inventory, []
        for act in (
            lambda: inventory.suppress("TEA", NL),
            lambda: inventory.clear_issues("TEA"),
            lambda: seller.amazon.place({"A/B C": 1}, market_of("DE")),
            lambda: seller.amazon.stock.__setitem__("MUG", 4),
        ):
            act()
            await asyncio.sleep(2)
            found.append([(event["detail-type"], event["detail"]["Payload"]) for event in events(seller)])
        await seller.delete(seller.item("TEA"), marketplaceIds=NL)
        await asyncio.sleep(70)
        return [*found, [(event["detail-type"], event["detail"]["Payload"]) for event in events(seller)]]

    suppressed, cleared, sold_out, counted, gone = ask(change)
    status, issues, quantity = (
        "LISTINGS_ITEM_STATUS_CHANGE",
        "LISTINGS_ITEM_ISSUES_CHANGE",
        "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
    )
    assert [(kind, told["MarketplaceId"]) for kind, told in suppressed] == [(status, NL), (issues, NL)]
    assert suppressed[0][1]["Status"] == ["DISCOVERABLE"]
    assert (suppressed[1][1]["Severities"], suppressed[1][1]["EnforcementActions"]) == (
        ["ERROR"],
        ["LISTING_SUPPRESSED"],
    )
    assert cleared[0][1]["Status"] == ["BUYABLE", "DISCOVERABLE"]
    assert (cleared[1][1]["Severities"], cleared[1][1]["EnforcementActions"]) == (["NONE"], [])
    assert [(kind, told.get("Quantity")) for kind, told in sold_out] == [(status, None), (status, None), (quantity, 0)]
    assert [(kind, told["Sku"], told["Quantity"]) for kind, told in counted] == [(quantity, "MUG", 4)]
    assert [(kind, told["MarketplaceId"], told["Status"]) for kind, told in gone] == [(status, NL, ["DELETED"])]


def test_units_with_amazon_are_told_for_all_stores_of_the_region():
    async def sell(seller):
        await subscribe(seller, "FBA_INVENTORY_AVAILABILITY_CHANGES")
        seller.amazon.inventory.send_by_amazon("MUG")
        await seller.sell({"TEA": 1})
        [order] = await seller.sell({"MUG": 2})
        await asyncio.sleep(5)
        seller.amazon.ship(order.external_id)
        await asyncio.sleep(5)
        return [message["Payload"] for message in received(seller)]

    first, sold, shipped = ask(sell)
    assert {payload["SKU"] for payload in (first, sold, shipped)} == {"MUG"}
    assert [entry["MarketplaceId"] for entry in sold["FulfillmentInventoryByMarketplace"]] == [DE, NL]
    counts = [
        payload["FulfillmentInventoryByMarketplace"][0]["FulfillmentInventory"] for payload in (first, sold, shipped)
    ]
    assert [each["Fulfillable"] for each in counts] == [5, 3, 3]
    assert [each["ReservedQuantityBreakdown"]["PendingCustomerOrder"] for each in counts] == [0, 2, 0]


def test_account_status_is_told_with_the_one_before():
    async def fall(seller):
        await subscribe(seller, "ACCOUNT_STATUS_CHANGED")
        for status in ("AT_RISK", "DEACTIVATED"):
            seller.amazon.notifications.change_account_status(status)
        return [message["Payload"]["accountStatusChangeNotification"] for message in received(seller)]

    assert ask(fall) == [
        {"currentAccountStatus": "AT_RISK", "previousAccountStatus": "NORMAL"},
        {"currentAccountStatus": "DEACTIVATED", "previousAccountStatus": "AT_RISK"},
    ]
