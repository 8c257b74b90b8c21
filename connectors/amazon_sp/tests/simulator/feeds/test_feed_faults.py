"""Faults of feeds: what is told, and what was done."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import (
    EFFECT,
    JSON_TYPE,
    MANY,
    checked,
    listings_feed,
    look,
    open_document,
    patch_message,
    process,
    quantities,
    send,
    upload,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS
from entrepot_amazon_sp.simulator.faults import AmazonFault

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def test_r52_feed_says_that_all_is_done_and_some_offers_keep_their_quantity():
    """R52: what the report says and what is shown, with the truth to compare with."""

    async def silent(seller):
        seller.amazon.faults.plan(AmazonFault.SILENT_FEED)
        messages = [patch_message(number, sku, 7) for number, sku in enumerate(MANY, 1)]
        ended, report = await process(seller, listings_feed(*messages))
        await asyncio.sleep(EFFECT)
        return ended, report, dict(seller.amazon.stock), seller.amazon.inventory.without_effect

    ended, report, shown, truth = ask(silent, skus=MANY)
    assert ended["processingStatus"] == "DONE"
    assert checked(report)["summary"] == {
        "errors": 0,
        "warnings": 0,
        "messagesProcessed": 40,
        "messagesAccepted": 40,
        "messagesInvalid": 0,
    }
    assert {sku for sku, quantity in shown.items() if quantity == 50} == {each.sku for each in truth}
    assert (len(truth), truth[0].feed) == (2, ended["feedId"])


def test_stuck_feed_ends_after_a_day():
    async def stuck(seller):
        seller.amazon.faults.plan(AmazonFault.STUCK_FEED)
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        await asyncio.sleep(12 * 3600)
        halfway = (await look(seller, feed))["processingStatus"]
        await asyncio.sleep(13 * 3600)
        return halfway, (await look(seller, feed))["processingStatus"]

    assert ask(stuck) == ("IN_PROGRESS", "DONE")


def test_fatal_feed_may_have_done_half_of_its_work():
    """FACTS 10: FATAL may have applied part, and have no document."""

    async def fatal(seller):
        seller.amazon.faults.plan(AmazonFault.FATAL_FEED)
        ended, report = await process(seller, listings_feed(patch_message(1, "TEA", 3), patch_message(2, "MUG", 3)))
        await asyncio.sleep(EFFECT)
        return ended["processingStatus"], report, quantities(seller, "TEA", "MUG")

    assert ask(fatal) == ("FATAL", None, [3, 5])


def test_upload_link_that_is_outdated_from_the_first():
    async def expired(seller):
        seller.amazon.faults.plan(AmazonFault.EXPIRED_UPLOAD_LINK)
        url = (await open_document(seller))["url"]
        answer = await seller.store("PUT", url, b"{}", content_type=JSON_TYPE)
        return answer.status_code, await upload(seller, b"{}"), seller.amazon.faults.happened

    status, uploaded, happened = ask(expired)
    assert (status, bool(uploaded), dict(happened)) == (403, True, {AmazonFault.EXPIRED_UPLOAD_LINK: 1})


def test_calm_forgets_what_is_planned():
    async def calm(seller):
        seller.amazon.faults.plan(AmazonFault.EXPIRED_UPLOAD_LINK)
        seller.amazon.calm()
        return await upload(seller, b"{}")

    assert ask(calm)
