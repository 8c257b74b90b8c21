"""Listings: looked up, searched, and patched (FACTS 8)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, ITEMS, NL, US, ask, error
from entrepot.simulation import SoldOut
from entrepot_amazon_sp.simulator.catalog.facts import product_type_of

EFFECT = 61


def availability(quantity, op="merge", **members):
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": quantity} | members
    return patch({name: given for name, given in value.items() if given is not None}, op)


def patch(value, op="merge", path="/attributes/fulfillment_availability", product="PRODUCT"):
    return {"productType": product, "patches": [{"op": op, "path": path, "value": [value]}]}


def shown(seller, sku="TEA", **query):
    return seller.get(seller.item(sku), **({"marketplaceIds": DE, "includedData": "fulfillmentAvailability"} | query))


async def send(seller, *bodies, sku="TEA", **query):
    """The answers, and what is shown at once and a minute later."""
    answers = [await seller.patch(seller.item(sku), body, marketplaceIds=f"{DE},{NL}", **query) for body in bodies]
    at_once = (await shown(seller, sku)).json()["fulfillmentAvailability"]
    await asyncio.sleep(EFFECT)
    return answers, at_once, (await shown(seller, sku)).json()["fulfillmentAvailability"]


def default(quantity):
    return [{"fulfillmentChannelCode": "DEFAULT", "quantity": quantity}]


def test_listing_is_shown_for_each_store_that_was_named():
    async def look(seller):
        every = "summaries,attributes,issues,offers,fulfillmentAvailability,relationships,productTypes"
        return (await shown(seller, marketplaceIds=f"{DE},{NL}", includedData=every)).json()

    item = ask(look)
    assert [each["marketplaceId"] for each in item["summaries"]] == [DE, NL]
    assert item["summaries"][0]["productType"] == product_type_of("TEA")
    assert item["fulfillmentAvailability"] == default(10)
    assert [each["marketplaceId"] for each in item["productTypes"]] == [DE, NL]


def test_summaries_are_what_comes_unasked():
    item = ask(lambda seller: seller.get(seller.item("TEA"), marketplaceIds=DE)).json()
    assert set(item) == {"sku", "summaries"}


def test_sku_with_a_slash_is_found_where_it_is_encoded():
    item = ask(lambda seller: shown(seller, "A/B C")).json()
    assert (item["sku"], item["fulfillmentAvailability"]) == ("A/B C", default(1))


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"marketplaceIds": ""}, 400, "BAD_REQUEST"),
        ({"marketplaceIds": "invalid"}, 400, "BAD_REQUEST"),
        ({"marketplaceIds": US}, 403, "Unauthorized"),
        ({"includedData": "everything"}, 400, "BAD_REQUEST"),
    ],
)
def test_bad_requests(query, status, code):
    answer = ask(lambda seller: shown(seller, **query))
    assert (answer.status_code, error(answer)["code"]) == (status, code)


def test_unknown_sku_is_not_found():
    answer = ask(lambda seller: shown(seller, "NEVER"))
    assert (answer.status_code, error(answer)["code"]) == (404, "NOT_FOUND")


def test_other_sellers_are_denied():
    answer = ask(lambda seller: seller.get("/listings/2021-08-01/items/A2OTHER/TEA", marketplaceIds=DE))
    assert answer.status_code == 403


# Search

MANY = {f"SKU-{number:02d}": number for number in range(25)}


def find(seller, **query):
    return seller.get(ITEMS, **({"marketplaceIds": DE} | query))


def test_search_by_sku_leaves_out_what_is_not_listed():
    async def look(seller):
        return (await find(seller, identifiers="SKU-03,NEVER,SKU-01", identifiersType="SKU")).json()

    found = ask(look, skus=MANY)
    assert {item["sku"] for item in found["items"]} == {"SKU-01", "SKU-03"}
    assert found["numberOfResults"] == 2
    assert "pagination" not in found


def test_page_has_ten_items_unless_asked_otherwise():
    async def look(seller):
        skus = ",".join(list(MANY)[:20])
        ten = (await find(seller, identifiers=skus, identifiersType="SKU")).json()
        rest = await find(seller, identifiers=skus, identifiersType="SKU", pageToken=ten["pagination"]["nextToken"])
        return ten, rest.json(), (await find(seller, identifiers=skus, identifiersType="SKU", pageSize=20)).json()

    ten, rest, twenty = ask(look, skus=MANY)
    assert [len(found["items"]) for found in (ten, rest, twenty)] == [10, 10, 20]
    assert (ten["numberOfResults"], set(ten["pagination"]), set(rest["pagination"])) == (
        20,
        {"nextToken"},
        {"previousToken"},
    )


def test_search_of_everything_leads_to_a_thousand_items():
    async def read(seller):
        told, token = 0, {}
        while True:
            page = (await find(seller, pageSize=20, **token)).json()
            told += len(page["items"])
            if "nextToken" not in page.get("pagination", {}):
                return told, page["numberOfResults"]
            token = {"pageToken": page["pagination"]["nextToken"]}
            await asyncio.sleep(1)

    assert ask(read, skus={f"SKU-{number}": 1 for number in range(1030)}) == (1000, 1030)


@pytest.mark.parametrize(
    "query",
    [
        {"identifiers": "SKU-01"},
        {"identifiersType": "SKU"},
        {"identifiers": ",".join(["SKU-01"] * 21), "identifiersType": "SKU"},
        {"identifiers": "SKU-01", "identifiersType": "NAME"},
        {"pageSize": "21"},
        {"pageToken": "never-given"},
        {"marketplaceIds": "invalid"},
    ],
    ids=str,
)
def test_bad_searches(query):
    answer = ask(lambda seller: find(seller, **query))
    assert (answer.status_code, error(answer)["code"]) == (400, "BAD_REQUEST")


# Patch


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
    [answer], _, later = ask(lambda seller: send(seller, availability(3) | {"productType": product_type_of("TEA")}))
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


def test_later_issues_stand_at_the_listing():
    async def look(seller):
        issue = {"code": "18155", "message": "Price", "severity": "ERROR", "categories": [], "marketplaceIds": [NL]}
        seller.amazon.inventory.kept("TEA").issues.append(issue)
        here = await shown(seller, includedData="issues")
        there = await shown(seller, includedData="issues", marketplaceIds=NL)
        return here.json()["issues"], there.json()["issues"]

    here, there = ask(look)
    assert (here, len(there)) == ([], 1)


def test_sales_lower_what_is_shown():
    async def look(seller):
        await seller.sell({"TEA": 2})
        return (await shown(seller)).json()

    assert ask(look)["fulfillmentAvailability"] == default(8)


# Put and delete

WHOLE = {
    "condition_type": [{"value": "new_new", "marketplace_id": DE}],
    "item_name": [{"value": "A kettle", "marketplace_id": DE, "language_tag": "de_DE"}],
}
PRICE = {"marketplace_id": DE, "currency": "EUR", "our_price": [{"schedule": [{"value_with_tax": 12.34}]}]}
UNITS = [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}]


def whole(product="KETTLE", **attributes):
    return {"productType": product, "requirements": "LISTING", "attributes": WHOLE | attributes}


def put(seller, sku, body, **query):
    return seller.put(seller.item(sku), body, **({"marketplaceIds": DE} | query))


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


# Suppression


def test_suppressed_listing_cannot_be_ordered_and_says_why():
    async def suppress(seller):
        seller.amazon.inventory.suppress("TEA", DE)
        item = (await shown(seller, includedData="summaries,issues", marketplaceIds=f"{DE},{NL}")).json()
        with pytest.raises(SoldOut):
            await seller.sell({"TEA": 1}, "DE")
        await seller.sell({"TEA": 1}, "NL")
        return item

    item = ask(suppress)
    assert [each["status"] for each in item["summaries"]] == [["DISCOVERABLE"], ["BUYABLE", "DISCOVERABLE"]]
    assert item["issues"][0]["enforcements"]["actions"] == [{"action": "LISTING_SUPPRESSED"}]


def test_search_filters_and_sorts():
    async def look(seller):
        seller.amazon.inventory.suppress("MUG")
        await send(seller, availability(3))
        queries = [
            {},
            {"sortBy": "sku", "sortOrder": "ASC"},
            {"withStatus": "BUYABLE", "sortBy": "sku"},
            {"withoutStatus": "BUYABLE"},
            {"withIssueSeverity": "ERROR"},
            {"lastUpdatedAfter": "2030-01-01T00:00:01Z"},
            {"createdAfter": "2030-01-01T00:00:01Z"},
        ]
        found = [(await find(seller, **query)).json()["items"] for query in queries]
        return [[item["sku"] for item in items] for items in found]

    newest, sorted_, buyable, others, wrong, changed, created = ask(look)
    assert newest[0] == "TEA"
    assert (sorted_, buyable) == (["A/B C", "MUG", "TEA"], ["TEA", "A/B C"])
    assert (others, wrong, changed, created) == (["MUG"], ["MUG"], ["TEA"], [])


def test_filter_that_is_not_simulated_is_told():
    answer = ask(lambda seller: find(seller, variationParentSku="X"))
    assert (answer.status_code, error(answer)["code"]) == (501, "NotSimulated")
