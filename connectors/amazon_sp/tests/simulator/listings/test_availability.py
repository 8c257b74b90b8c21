"""Who sends an offer, and how many units are left when that changes (FACTS 8)."""

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, ask, market_of
from connectors.amazon_sp.tests.simulator.fba.test_fba_inventory import found
from connectors.amazon_sp.tests.simulator.listings.listing import availability, default, patch, put, send, shown, whole
from entrepot.simulation import SoldOut

AMAZONS = {"fulfillment_channel_code": "AMAZON_EU"}
OWN = {"fulfillment_channel_code": "DEFAULT"}
NOBODY = {"fulfillmentAvailability": [], "summaries": ["DISCOVERABLE"], "fba": []}


async def look(seller):
    """What is told of TEA."""
    listing = (await shown(seller, includedData="fulfillmentAvailability,summaries")).json()
    told = {
        "fulfillmentAvailability": listing["fulfillmentAvailability"],
        "summaries": listing["summaries"][0]["status"],
    }
    return told | {"fba": [units["totalQuantity"] for units in await found(seller, sellerSku="TEA")]}


@pytest.mark.parametrize("by_amazon", [False, True])
def test_without_a_channel_there_is_nothing_to_buy_and_nothing_lies_with_amazon(by_amazon):
    async def delete(seller):
        if by_amazon:
            seller.amazon.inventory.send_by_amazon("TEA")
        [order] = await seller.sell({"TEA": 1})
        await send(seller, patch(AMAZONS if by_amazon else OWN, "delete"))
        seller.amazon.cancel(order.external_id)
        with pytest.raises(SoldOut):
            seller.amazon.place({"TEA": 1}, market_of("DE"))
        attributes = (await shown(seller, includedData="attributes")).json()["attributes"]
        return await look(seller), "fulfillment_availability" in attributes

    assert ask(delete) == (NOBODY, False)


def test_an_offer_without_a_channel_is_the_merchants_again_as_soon_as_he_has_units():
    async def delete(seller):
        await send(seller, patch(OWN, "delete"))
        _, _, later = await send(seller, availability(4))
        return later, seller.amazon.inventory.converted

    assert ask(delete) == (default(4), [])


def test_a_channel_that_the_offer_has_not_is_no_loss():
    _, _, later = ask(lambda seller: send(seller, patch(AMAZONS, "delete")))
    assert later == default(10)


@pytest.mark.parametrize("op", ["merge", "replace"])
def test_units_of_the_merchant_do_not_lie_with_amazon_when_it_takes_over(op):
    async def convert(seller):
        [order] = await seller.sell({"TEA": 3})
        await send(seller, patch(AMAZONS, op))
        seller.amazon.cancel(order.external_id)
        empty = await look(seller)
        seller.amazon.stock.move("TEA", 6)  # inbound
        return empty, await look(seller)

    empty, stocked = ask(convert)
    assert empty == {"fulfillmentAvailability": [{"fulfillmentChannelCode": "AMAZON_EU"}]} | {
        "summaries": ["DISCOVERABLE"],
        "fba": [0],
    }
    assert (stocked["summaries"], stocked["fba"]) == (["BUYABLE", "DISCOVERABLE"], [6])


def test_units_of_amazon_are_not_the_merchants_when_he_takes_over():
    async def convert(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        _, _, later = await send(seller, patch(OWN))
        return later, seller.amazon.inventory.converted

    assert ask(convert) == (default(0), ["TEA"])


def test_what_comes_back_to_amazon_is_not_the_merchants_to_sell():
    async def convert(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        [order] = await seller.sell({"TEA": 2})
        seller.amazon.ship(order.external_id)
        await send(seller, availability(3))
        seller.amazon.take_back(order.external_id, {order.lines[0].external_id: 1}, "unwanted")
        return (await shown(seller)).json()["fulfillmentAvailability"]

    assert ask(convert) == default(3)


def test_amazon_keeps_its_units_when_it_is_named_again():
    async def repeat(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        await send(seller, patch(AMAZONS, "replace"))
        await put(seller, "TEA", whole(product="TEA", fulfillment_availability=[AMAZONS]))
        await send(seller, patch(AMAZONS, "merge"))
        return (await look(seller))["fba"]

    assert ask(repeat) == [10]


@pytest.mark.parametrize(("op", "left"), [("replace", 0), ("add", 0), ("merge", 10)])
def test_a_replacement_without_a_quantity_has_none(op, left):
    _, _, later = ask(lambda seller: send(seller, patch(OWN, op)))
    assert later == default(left)


def test_what_a_submission_says_last_counts():
    """The quantity of the first patch stays with a second one that merges."""

    async def both(seller):
        body = availability(5, op="replace")
        body["patches"] += patch(OWN | {"lead_time_to_ship_max_days": 2})["patches"]
        return await send(seller, body)

    assert ask(both)[2] == default(5)


def test_a_new_offer_that_amazon_sends_has_no_units():
    async def list_new(seller):
        await put(seller, "NEW", whole(fulfillment_availability=[AMAZONS]))
        await send(seller, availability(1))
        return [units["totalQuantity"] for units in await found(seller, sellerSku="NEW", granularityId=DE)]

    assert ask(list_new) == [0]
