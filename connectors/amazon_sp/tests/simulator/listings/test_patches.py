"""Patches of listings: accepted first, applied a little later, or invalid with a reason (FACTS 8)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import PRICE, availability, default, patch, send, shown


def test_accepted_is_not_applied():
    [answer], at_once, later = ask(lambda seller: send(seller, availability(3)))
    assert (answer.status_code, answer.json()["status"], answer.json()["issues"]) == (200, "ACCEPTED", [])
    assert answer.json()["submissionId"]
    assert (at_once, later) == (default(10), default(3))


def test_patches_of_one_sku_take_effect_in_their_sequence():
    _, _, later = ask(lambda seller: send(seller, *[availability(quantity) for quantity in (9, 8, 7, 6)]))
    assert later == default(6)


def test_one_quantity_serves_all_stores_of_europe():
    async def both(seller):
        await send(seller, availability(3))
        return (await shown(seller, marketplaceIds=NL)).json()

    assert ask(both)["fulfillmentAvailability"] == default(3)


def test_preview_changes_nothing():
    [answer], _, later = ask(
        lambda seller: send(seller, availability(3), mode="VALIDATION_PREVIEW", includedData="issues,identifiers")
    )
    assert (answer.json()["status"], later) == ("VALID", default(10))
    assert answer.json()["identifiers"][0]["marketplaceId"] == DE


@pytest.mark.parametrize(
    "body",
    [
        availability(-1),
        availability("5"),
        availability(2.5),
        availability(True),
        patch({"quantity": 5}),
        patch({"fulfillment_channel_code": "AMAZON_NA"}),
        patch({"fulfillment_channel_code": "AMAZON_EU", "quantity": 5}),
        patch({"value": "x"}, path="/attributes/fake_attribute"),
    ],
    ids=str,
)
def test_what_cannot_be_set_is_invalid_with_a_reason(body):
    [answer], _, later = ask(lambda seller: send(seller, body))
    assert (answer.status_code, answer.json()["status"]) == (200, "INVALID")
    assert answer.json()["issues"][0]["severity"] == "ERROR"
    assert later == default(10)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"productType": "PRODUCT", "patches": []},
        availability(3) | {"productType": "SUBMARINE"},
        availability(3, op="test"),
        patch({}, path="/attributes/fulfillment_availability/0"),
        patch({}, path="fulfillment_availability"),
    ],
    ids=str,
)
def test_what_is_no_patch_is_a_bad_request(body):
    [answer], _, later = ask(lambda seller: send(seller, body))
    assert (answer.status_code, error(answer)["code"], later) == (400, "BAD_REQUEST", default(10))


def test_unknown_sku_is_invalid():
    async def look(seller):
        return await seller.patch(seller.item("NEVER"), availability(3), marketplaceIds=DE)

    assert ask(look).json()["status"] == "INVALID"


def test_own_product_type_fits():
    [answer], _, later = ask(lambda seller: send(seller, availability(3) | {"productType": "TEA"}))
    assert (answer.json()["status"], later) == ("ACCEPTED", default(3))


def lead_time(op, **members):
    async def look(seller):
        await send(seller, availability(5, lead_time_to_ship_max_days=4))
        await send(seller, availability(6, op=op, **members))
        attributes = (await shown(seller, includedData="attributes")).json()["attributes"]
        return attributes["fulfillment_availability"]

    return ask(look)


def test_merge_keeps_the_lead_time_and_replace_drops_it():
    kept = {"fulfillment_channel_code": "DEFAULT", "lead_time_to_ship_max_days": 4, "quantity": 6}
    assert lead_time("merge") == [kept]
    for op in ("replace", "add"):
        assert lead_time(op) == [{"fulfillment_channel_code": "DEFAULT", "quantity": 6}]


def test_quantity_for_an_offer_that_amazon_sends_takes_it_away_from_amazon():
    async def look(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        before = (await shown(seller)).json()["fulfillmentAvailability"]
        [answer], _, later = await send(seller, availability(3))
        return before, answer.json()["status"], later, seller.amazon.inventory.converted

    before, status, later, converted = ask(look)
    assert before == [{"fulfillmentChannelCode": "AMAZON_EU"}]
    assert (status, later, converted) == ("ACCEPTED", default(3), ["TEA"])


def test_merge_keeps_entries_with_other_selectors():
    async def merge(seller):
        other = PRICE | {"marketplace_id": NL, "our_price": [{"schedule": [{"value_with_tax": 20}]}]}
        for value in (PRICE, other, PRICE | {"our_price": [{"schedule": [{"value_with_tax": 9.5}]}]}):
            await send(seller, patch(value, path="/attributes/purchasable_offer"))
        offers = (await shown(seller, includedData="offers", marketplaceIds=f"{DE},{NL}")).json()["offers"]
        await send(seller, patch({"marketplace_id": NL, "currency": "EUR"}, "delete", "/attributes/purchasable_offer"))
        left = (await shown(seller, includedData="attributes")).json()["attributes"]["purchasable_offer"]
        return [offer["price"]["amount"] for offer in offers], [entry["marketplace_id"] for entry in left]

    assert ask(merge) == (["9.50", "20.00"], [DE])


def test_throttled_patch_names_its_bucket():
    """FACTS 5: put and patch alone say more than that a quota is exceeded."""

    async def exhaust(seller):
        await seller.token()
        path = seller.item("TEA")
        patches = [seller.patch(path, availability(3), marketplaceIds=DE) for _ in range(30)]
        reads = [shown(seller) for _ in range(40)]
        return await asyncio.gather(*patches), await asyncio.gather(*reads)

    patches, reads = (next(each for each in answers if each.status_code == 429) for answers in ask(exhaust))
    assert error(patches)["code"] == error(reads)["code"] == "QuotaExceeded"
    assert "frequency of requests is greater than allowed for the application" in error(patches)["message"]
    assert "frequency" not in error(reads)["message"]
