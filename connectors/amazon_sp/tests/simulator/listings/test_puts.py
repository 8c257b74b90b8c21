"""Listings that are put and deleted, in one store after another (FACTS 8)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import (
    EFFECT,
    PRICE,
    UNITS,
    WHOLE,
    default,
    put,
    shown,
    whole,
)
from entrepot.simulation import SoldOut


def test_put_makes_a_listing_in_one_store_a_little_later():
    async def make(seller):
        answer = await put(seller, "NEW", whole(fulfillment_availability=UNITS, purchasable_offer=[PRICE]))
        at_once = await shown(seller, "NEW")
        await asyncio.sleep(EFFECT)
        every = "summaries,attributes,offers,fulfillmentAvailability"
        here, there = [await shown(seller, "NEW", includedData=every, marketplaceIds=store) for store in (DE, NL)]
        [order] = await seller.sell({"NEW": 1}, "DE")
        return answer.json(), at_once.status_code, here.json(), there.status_code, order

    answer, at_once, here, there, order = ask(make)
    assert (answer["status"], at_once, there) == ("ACCEPTED", 404, 404)
    assert here["summaries"][0]["productType"] == "KETTLE"
    assert here["attributes"]["item_name"] == WHOLE["item_name"]
    assert here["offers"][0]["price"] == {"currencyCode": "EUR", "amount": "12.34"}
    assert here["fulfillmentAvailability"] == default(7)
    assert str(order.lines[0].gross.amount) == "12.34"


def test_put_replaces_what_it_does_not_name():
    async def again(seller):
        await put(seller, "NEW", whole(fulfillment_availability=UNITS, color=[{"value": "red"}]))
        await put(seller, "NEW", whole())
        await asyncio.sleep(EFFECT)
        return (await shown(seller, "NEW", includedData="attributes")).json()["attributes"]

    attributes = ask(again)
    assert set(attributes) == {"condition_type", "item_name", "fulfillment_availability"}
    assert attributes["fulfillment_availability"][0]["quantity"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"productType": "KETTLE", "attributes": {"item_name": [{"value": "x"}]}}, "90220"),
        (whole(fake_attribute=[{"value": "x"}]), "90000900"),
        (whole(purchasable_offer=[{"marketplace_id": DE, "our_price": []}]), "99022"),
        (whole(fulfillment_availability=[{"fulfillment_channel_code": "DEFAULT", "quantity": -1}]), "4000001"),
    ],
)
def test_put_that_lacks_something_is_invalid(body, code):
    async def make(seller):
        answer = await put(seller, "NEW", body)
        await asyncio.sleep(EFFECT)
        return answer.json(), "NEW" in seller.amazon.stock

    answer, made = ask(make)
    assert (answer["status"], answer["issues"][0]["code"], made) == ("INVALID", code, False)


@pytest.mark.parametrize(
    ("sku", "body", "query"),
    [
        ("NEW", {}, {}),
        ("NEW", {"productType": "KETTLE"}, {}),
        ("NEW", whole() | {"requirements": "SOME"}, {}),
        ("TEA", whole("SUBMARINE"), {}),
        ("NEW", whole(), {"marketplaceIds": f"{DE},{NL}"}),
    ],
)
def test_what_is_no_put_is_a_bad_request(sku, body, query):
    """FACTS 8: one store only, and the product type of the listing."""
    answer = ask(lambda seller: put(seller, sku, body, **query))
    assert (answer.status_code, error(answer)["code"]) == (400, "BAD_REQUEST")


def test_preview_of_a_put_makes_nothing():
    async def make(seller):
        query = {"mode": "VALIDATION_PREVIEW", "includedData": "issues,identifiers"}
        answer = await put(seller, "NEW", whole(), **query)
        await asyncio.sleep(EFFECT)
        return answer.json(), "NEW" in seller.amazon.stock

    answer, made = ask(make)
    assert (answer["status"], answer["identifiers"], made) == ("VALID", [], False)


def test_delete_takes_the_listing_out_of_one_store_after_another():
    async def take_down(seller):
        first = await seller.delete(seller.item("TEA"), marketplaceIds=DE)
        await asyncio.sleep(EFFECT)
        here, there = [(await shown(seller, marketplaceIds=store)).status_code for store in (DE, NL)]
        with pytest.raises(SoldOut):
            await seller.sell({"TEA": 1}, "DE")
        await seller.delete(seller.item("TEA"), marketplaceIds=NL)
        await asyncio.sleep(EFFECT)
        again = await seller.delete(seller.item("TEA"), marketplaceIds=NL)
        return first.json()["status"], here, there, "TEA" in seller.amazon.stock, again.json()["status"]

    assert ask(take_down) == ("ACCEPTED", 404, 200, False, "INVALID")
