"""Listings as they are before anybody changes them, and what buyers read of them."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, ORDERS, ask
from connectors.amazon_sp.tests.simulator.fba.test_fba_inventory import found
from connectors.amazon_sp.tests.simulator.listings.listing import PRICE, patch, put, send, shown
from connectors.amazon_sp.tests.simulator.reports.asked_for import make, table
from entrepot_amazon_sp.places import PLACES

SKUS = {"TEA-1": 10, "X-2": 5, "X-3": 5}
TITLES = {"TEA-1": "Assam, 100 g", "X-2": "Becher, blau"}
ALL = "summaries,attributes,offers,productTypes"
ORDER_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


def told(seller, sku, codes=("DE", "NL")):
    stores = ",".join(PLACES[code].id for code in codes)
    return shown(seller, sku, marketplaceIds=stores, includedData=ALL)


def disagreements(item):
    """Stores of which attributes say another thing than summaries and offers."""
    attributes = item["attributes"]
    said = {name: {entry["marketplace_id"]: entry for entry in attributes[name]} for name in attributes}
    for summary in item["summaries"]:
        store = summary["marketplaceId"]
        if said["item_name"][store]["value"] != summary["itemName"]:
            yield store, "item_name"
        if said["condition_type"][store]["value"] != summary["conditionType"]:
            yield store, "condition_type"
    for offer in item["offers"]:
        [price] = said["purchasable_offer"][offer["marketplaceId"]]["our_price"]
        if price["schedule"][0]["value_with_tax"] != float(offer["price"]["amount"]):
            yield offer["marketplaceId"], "purchasable_offer"


@pytest.mark.parametrize("codes", [("DE", "NL"), ("US",), ("JP",)])
@pytest.mark.parametrize("sku", SKUS)
def test_attributes_say_what_summaries_and_offers_show(sku, codes):
    async def look(seller):
        item = (await told(seller, sku, codes)).json()
        del item["attributes"]["fulfillment_availability"]
        return item

    item = ask(look, codes, SKUS, titles=TITLES)
    assert len(item["offers"]) == len(codes)
    assert list(disagreements(item)) == []
    assert item["summaries"][0]["itemName"] == TITLES.get(sku, f"Simulated {sku}")


def test_they_say_so_also_when_the_seller_has_said_it_of_one_store():
    async def look(seller):
        condition = {"value": "used_good", "marketplace_id": NL}
        for value, path in ((PRICE, "purchasable_offer"), (condition, "condition_type")):
            await send(seller, patch(value, "replace", f"/attributes/{path}"), sku="TEA-1")
        item = (await told(seller, "TEA-1")).json()
        del item["attributes"]["fulfillment_availability"]
        return item

    item = ask(look, skus=SKUS)
    assert [summary["conditionType"] for summary in item["summaries"]] == ["new_new", "used_good"]
    assert item["offers"][0]["price"]["amount"] == "12.34" != item["offers"][1]["price"]["amount"]
    assert list(disagreements(item)) == []


def test_what_a_fresh_listing_says_can_be_sent_back():
    async def send_back(seller):
        attributes = (await told(seller, "TEA-1", ("DE",))).json()["attributes"]
        body = {"productType": "TEA", "requirements": "LISTING", "attributes": attributes}
        return (await put(seller, "TEA-1", body, mode="VALIDATION_PREVIEW")).json()

    answer = ask(send_back, ("DE",), SKUS, titles=TITLES)
    assert (answer["status"], answer["issues"]) == ("VALID", [])


def test_the_product_type_is_what_the_title_or_the_sku_names():
    async def look(seller):
        items = [(await told(seller, sku)).json() for sku in SKUS]
        return [(item["summaries"][0]["productType"], item["productTypes"][0]["productType"]) for item in items]

    assert ask(look, skus=SKUS, titles=TITLES) == [(kind, kind) for kind in ("TEA", "DRINKING_CUP", "PRODUCT")]


def test_the_catalog_knows_the_title_also_when_the_offer_is_gone():
    async def look(seller):
        asin = (await told(seller, "X-2")).json()["summaries"][0]["asin"]
        answers = []
        for _ in range(2):
            path = f"/catalog/2022-04-01/items/{asin}"
            answers.append((await seller.get(path, marketplaceIds=DE, includedData="summaries,productTypes")).json())
            for store in (DE, NL):
                await seller.delete(seller.item("X-2"), marketplaceIds=store)
            await asyncio.sleep(61)
        assert "X-2" not in seller.amazon.stock
        return [(item["summaries"][0]["itemName"], item["productTypes"][0]["productType"]) for item in answers]

    assert ask(look, skus=SKUS, titles=TITLES) == [(TITLES["X-2"], "DRINKING_CUP")] * 2


def test_orders_and_their_report_tell_the_title():
    async def buy(seller):
        [order] = await seller.sell({"TEA-1": 1, "X-3": 2})
        new = (await seller.get(f"{ORDERS}/{order.external_id}")).json()["order"]["orderItems"]
        old = (await seller.get(f"/orders/v0/orders/{order.external_id}/orderItems")).json()["payload"]["OrderItems"]
        await asyncio.sleep(180)
        _, content = await make(seller, ORDER_REPORT, dataStartTime="2029-12-31T00:00:00Z")
        return new, old, [row["product-name"] for row in table(content)]

    new, old, report = ask(buy, skus=SKUS, titles=TITLES)
    assert [item["product"].get("title") for item in new] == [TITLES["TEA-1"], None]
    assert [item["Title"] for item in old] == report == [TITLES["TEA-1"], "Simulated X-3"]
    assert [item["PromotionDiscount"] for item in old] == [{"CurrencyCode": "EUR", "Amount": "0.00"}] * 2


def test_amazon_sends_from_the_start_what_it_is_told_to():
    async def look(seller):
        units = {each["sellerSku"]: each["totalQuantity"] for each in await found(seller)}
        [amazons], [own] = await seller.sell({"X-2": 1}), await seller.sell({"X-3": 1})
        return units, amazons.fulfillment, own.fulfillment

    assert ask(look, skus=SKUS, sent_by_channel=frozenset({"X-2"})) == ({"X-2": 5}, "channel", "merchant")
