"""Feeds of listings: what they do, and what their reports say that they did (FACTS 10)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import NL, SELLER, ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import (
    DONE,
    EFFECT,
    MANY,
    checked,
    create,
    download,
    listings_feed,
    message,
    patch_message,
    process,
    quantities,
    upload,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def test_accepted_messages_take_effect_and_the_report_counts_them():
    async def feed(seller):
        whole = {
            "condition_type": [{"value": "new_new"}],
            "item_name": [{"value": "A kettle", "language_tag": "de_DE"}],
        }
        units = {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}]}
        content = listings_feed(
            patch_message(1, "TEA", 3),
            message(2, "NEW", "UPDATE", productType="KETTLE", requirements="LISTING", attributes=whole | units),
            message(3, "A/B C", "DELETE"),
            message(4, "MUG", "PARTIAL_UPDATE", productType="PRODUCT", attributes=units),
        )
        ended, report = await process(seller, content)
        before = quantities(seller, "TEA", "NEW", "A/B C", "MUG")
        await asyncio.sleep(EFFECT)
        return ended, report, before, quantities(seller, "TEA", "NEW", "A/B C", "MUG")

    ended, report, _, after = ask(feed)
    report = checked(report)
    assert (ended["processingStatus"], report["issues"]) == ("DONE", [])
    assert report["header"] == {"sellerId": SELLER, "version": "2.0", "feedId": ended["feedId"]}
    assert (report["summary"]["messagesAccepted"], report["summary"]["messagesInvalid"]) == (4, 0)
    assert after == [3, 4, None, 4]


def test_done_is_not_success():
    """FACTS 10: what is wrong with a message stands in the report alone."""

    async def feed(seller):
        bad = patch_message(1, "TEA", -1)
        content = listings_feed(
            bad,
            message(2, "MUG", productType="SUBMARINE", patches=bad["patches"]),
            message(2, "MUG", "DELETE"),
            message(2, "MUG", "DELETE"),
            message(4, "MUG", "UPDATE"),
            message(5, "MUG", "MOVE"),
            {"messageId": 0, "sku": "", "operationType": "DELETE"},
            "no message",
            patch_message(9, "A/B C", 8),
        )
        ended, report = await process(seller, content)
        await asyncio.sleep(EFFECT)
        return ended, report, quantities(seller, "TEA", "A/B C")

    ended, report, shown = ask(feed)
    report = checked(report)
    assert (ended["processingStatus"], shown) == ("DONE", [10, 8])
    assert report["issues"][0] | {"message": ""} == {
        "messageId": 1,
        "sku": "TEA",
        "code": "4000001",
        "severity": "ERROR",
        "message": "",
        "attributeName": "fulfillment_availability",
    }
    assert report["summary"]["messagesProcessed"] == 9
    assert (report["summary"]["messagesAccepted"], report["summary"]["messagesInvalid"]) == (1, 8)


def test_unknown_sku_is_accepted_and_nothing_happens():
    """R62: selling-partner-api-models issue 4402."""

    async def feed(seller):
        _, report = await process(seller, listings_feed(patch_message(1, "NEVER", 3)))
        return report, seller.amazon.inventory.without_effect, quantities(seller, "NEVER")

    report, truth, shown = ask(feed)
    assert checked(report)["summary"]["messagesAccepted"] == 1
    assert ([each.sku for each in truth], shown) == (["NEVER"], [None])


@pytest.mark.parametrize(
    "content",
    [
        b"{ no json",
        b"\xff\xfe",
        b"[]",
        listings_feed(),
        listings_feed(patch_message(1, "TEA", 3), sellerId="A2OTHER"),
        listings_feed(patch_message(1, "TEA", 3), version="1.0"),
        listings_feed(*[patch_message(number, "TEA", 3) for number in range(1, 25_002)]),
    ],
    ids=["json", "utf-8", "list", "empty", "seller", "version", "25,001 messages"],
)
def test_what_is_no_feed_ends_fatal_with_an_issue_of_no_message(content):
    ended, report = ask(lambda seller: process(seller, content))
    assert ended["processingStatus"] == "FATAL"
    [issue] = checked(report)["issues"]
    assert "messageId" not in issue


def test_items_that_were_asked_for_come_with_the_report():
    async def feed(seller):
        report = {"includedData": ["summaries", "fulfillmentAvailability"], "apiVersion": "2021-08-01"}
        return (await process(seller, listings_feed(patch_message(1, "TEA", 3), report=report)))[1]

    [item] = checked(ask(feed))["items"]
    assert (item["sku"], set(item)) == ("TEA", {"sku", "summaries", "fulfillmentAvailability"})


def test_larger_report_is_compressed():
    async def feed(seller):
        bad = [patch_message(number, sku, -1) for number, sku in enumerate(MANY, 1)]
        ended, report = await process(seller, listings_feed(*bad))
        document = ended["resultFeedDocumentId"]
        return (
            report,
            await download(seller, document),
            await download(seller, document, enableContentEncodingUrlHeader="true"),
        )

    report, (plain, told, packed), (inflated, _, encoded) = ask(feed, skus=MANY)
    assert len(checked(report)["issues"]) == 40
    assert told.json()["compressionAlgorithm"] == "GZIP"
    assert "content-encoding" not in packed.headers
    assert encoded.headers["content-encoding"] == "gzip"
    assert plain == inflated == report


def test_two_stores_of_a_feed_are_one_listing():
    async def feed(seller):
        document = await upload(seller, listings_feed(patch_message(1, "TEA", 3)))
        await create(seller, document, stores=[NL])
        await asyncio.sleep(DONE + EFFECT)
        return quantities(seller, "TEA")

    assert ask(feed) == [3]
