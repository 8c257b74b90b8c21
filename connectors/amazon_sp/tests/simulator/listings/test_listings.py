"""Listings: looked up and searched (FACTS 8)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, US, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import MANY, availability, default, find, send, shown
from entrepot.simulation import SoldOut


def test_listing_is_shown_for_each_store_that_was_named():
    async def look(seller):
        every = "summaries,attributes,issues,offers,fulfillmentAvailability,relationships,productTypes"
        return (await shown(seller, marketplaceIds=f"{DE},{NL}", includedData=every)).json()

    item = ask(look)
    assert [each["marketplaceId"] for each in item["summaries"]] == [DE, NL]
    assert item["summaries"][0]["productType"] == "TEA"
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
