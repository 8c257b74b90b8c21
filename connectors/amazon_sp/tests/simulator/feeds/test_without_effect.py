"""Submissions that Amazon accepts, and that change nothing, or change it behind what came later."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, message, patch_message, process
from connectors.amazon_sp.tests.simulator.listings.listing import EFFECT, UNITS, availability, put, shown, whole
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.listings.inventory import WithoutEffect

LATE = 660


async def patch(seller, quantity):
    return (await seller.patch(seller.item("TEA"), availability(quantity), marketplaceIds=DE)).json()["status"]


def test_accepted_patch_may_change_nothing_and_the_truth_knows():
    """The scenario of R52, for a single call."""

    async def silent(seller):
        seller.amazon.faults.plan(AmazonFault.SILENT_SUBMISSION)
        statuses = [await patch(seller, 3)]
        await asyncio.sleep(EFFECT)
        untouched = seller.amazon.stock["TEA"]
        statuses.append(await patch(seller, 3))
        await asyncio.sleep(EFFECT)
        return statuses, untouched, seller.amazon.stock["TEA"], seller.amazon.inventory.without_effect

    assert ask(silent) == (["ACCEPTED", "ACCEPTED"], 10, 3, [WithoutEffect(None, "TEA")])


def test_older_patch_may_take_effect_behind_a_newer_one():
    async def late(seller):
        seller.amazon.faults.plan(AmazonFault.LATE_SUBMISSION)
        await patch(seller, 30)
        await patch(seller, 3)
        await asyncio.sleep(EFFECT)
        newer = seller.amazon.stock["TEA"]
        await asyncio.sleep(LATE)
        return newer, seller.amazon.stock["TEA"]

    assert ask(late) == (3, 30)


def test_message_of_a_feed_may_take_effect_behind_a_later_feed():
    """FACTS 10: feeds, messages and patches are not ordered among each other."""

    async def late(seller):
        seller.amazon.faults.plan(AmazonFault.LATE_SUBMISSION)
        for quantity in (30, 3):
            ended, _ = await process(seller, listings_feed(patch_message(1, "TEA", quantity)))
            assert ended["processingStatus"] == "DONE"
        newer = seller.amazon.stock["TEA"]
        await asyncio.sleep(LATE)
        return newer, seller.amazon.stock["TEA"]

    assert ask(late) == (3, 30)


NEW = whole(fulfillment_availability=UNITS)


@pytest.mark.parametrize(("hours", "status", "made"), [(1, 404, False), (23, 404, False), (25, 200, True)])
def test_deleted_sku_cannot_be_listed_again_for_a_day(hours, status, made):
    """FACTS 8: recreating a SKU soon after its end can fail, whatever the answer was."""

    async def again(seller):
        await seller.delete(seller.item("TEA"), marketplaceIds=DE)
        await asyncio.sleep(EFFECT + hours * 3600)
        answer = await put(seller, "TEA", NEW)
        await asyncio.sleep(EFFECT)
        return answer.json()["status"], (await shown(seller, "TEA")).status_code, seller.amazon.inventory

    answer, found, inventory = ask(again, codes=("DE",))
    assert (answer, found, inventory.without_effect) == (
        "ACCEPTED",
        status,
        [] if made else [WithoutEffect(None, "TEA")],
    )


def test_feed_that_lists_a_deleted_sku_again_is_known_to_the_truth():
    """FACTS 8, 10."""

    async def again(seller):
        await seller.delete(seller.item("TEA"), marketplaceIds=DE)
        await asyncio.sleep(EFFECT)
        ended, _ = await process(seller, listings_feed(message(1, "TEA", "UPDATE", **NEW)))
        await asyncio.sleep(EFFECT)
        return ended["feedId"], seller.amazon.inventory.without_effect

    feed, without_effect = ask(again, codes=("DE",))
    assert without_effect == [WithoutEffect(feed, "TEA")]
