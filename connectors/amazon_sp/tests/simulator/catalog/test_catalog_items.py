"""Items of the catalog: one for each offer, found by identifiers and by words, page by page."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, SELLER, US, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import EFFECT, UNITS, put, whole
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults, keys, published
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, brand_of, upc_of

ITEMS = "/catalog/2022-04-01/items"
EVERY_GROUP = ",".join(
    [
        *("attributes", "classifications", "dimensions", "identifiers", "images", "productTypes", "relationships"),
        *("salesRanks", "summaries", "vendorDetails"),
    ]
)
MANY = {f"SKU-{number:02d}": 1 for number in range(25)}
MODEL = "catalogItems_2022-04-01.json"


def search(skus=MANY, **query):
    return ask(lambda seller: seller.get(ITEMS, **({"marketplaceIds": DE} | query)), skus=skus)


def get(asin, **query):
    return ask(lambda seller: seller.get(f"{ITEMS}/{asin}", **({"marketplaceIds": DE} | query)))


def asins(answer):
    return [item["asin"] for item in answer.json()["items"]]


def test_item_of_an_offer_has_the_data_sets_that_are_asked_for():
    item = get(asin_of("TEA"), includedData="summaries,identifiers", marketplaceIds=f"{DE},{NL}").json()
    assert set(item) == {"asin", "summaries", "identifiers"}
    assert [each["marketplaceId"] for each in item["summaries"]] == [DE, NL]
    assert item["summaries"][0]["brand"] == brand_of("TEA")
    assert set(get(asin_of("TEA")).json()) == {"asin", "summaries"}


def test_item_that_there_is_not():
    answer = get("B000000000")
    assert (answer.status_code, error(answer)["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ASIN", asin_of),
        ("SKU", str),
        ("UPC", upc_of),
        ("EAN", lambda sku: "0" + upc_of(sku)),
        ("JAN", lambda sku: "0" + upc_of(sku)),
        ("GTIN", lambda sku: "00" + upc_of(sku)),
    ],
)
def test_search_by_every_kind_of_identifier(kind, name):
    wanted = ["SKU-03", "SKU-17"]
    found = search(identifiers=",".join(map(name, [*wanted, "NEVER"])), identifiersType=kind, sellerId=SELLER)
    assert sorted(asins(found)) == sorted(map(asin_of, wanted))
    assert "refinements" not in found.json()


@pytest.mark.parametrize("sku", MANY)
def test_numbers_have_their_check_digit(sku):
    digits = [int(digit) for digit in upc_of(sku)]
    assert (3 * sum(digits[::2]) + sum(digits[1::2])) % 10 == 0


def test_pages_lead_to_everything_and_back():
    async def read(seller):
        pages, token = [], {}
        while True:
            answer = await seller.get(ITEMS, marketplaceIds=DE, keywords="simulated", **token)
            pages.append(answer.json())
            if "nextToken" not in answer.json()["pagination"]:
                return pages
            token = {"pageToken": answer.json()["pagination"]["nextToken"]}
            await asyncio.sleep(1)

    pages = ask(read, skus=MANY)
    assert [len(page["items"]) for page in pages] == [10, 10, 5]
    assert {page["numberOfResults"] for page in pages} == {25}
    assert {item["asin"] for page in pages for item in page["items"]} == set(map(asin_of, MANY))
    assert set(pages[2]["pagination"]) == {"previousToken"}


def test_words_brands_and_classifications_narrow_a_search():
    everything = search(keywords="simulated").json()["refinements"]
    assert sum(brand["numberOfResults"] for brand in everything["brands"]) == 25
    brand, branch = everything["brands"][0], everything["classifications"][0]
    by_brand = search(keywords="simulated", brandNames=brand["brandName"])
    assert by_brand.json()["numberOfResults"] == brand["numberOfResults"]
    by_branch = search(keywords="simulated", classificationIds=branch["classificationId"])
    assert by_branch.json()["numberOfResults"] == branch["numberOfResults"]
    assert asins(search(keywords="simulated,sku-07")) == [asin_of("SKU-07")]
    assert search(keywords="samsung,tv").json()["numberOfResults"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"keywords": "tea", "identifiers": "x", "identifiersType": "ASIN"},
        {"identifiers": "x"},
        {"identifiers": "x", "identifiersType": "NAME"},
        {"identifiers": "TEA", "identifiersType": "SKU"},
        {"identifiers": "x", "identifiersType": "ASIN", "brandNames": "y"},
        {"identifiers": ",".join(["x"] * 21), "identifiersType": "ASIN"},
        {"keywords": "tea", "marketplaceIds": f"{DE},{NL}"},
        {"keywords": "tea", "pageSize": "21"},
        {"keywords": "tea", "pageToken": "never-given"},
        {"keywords": "tea", "includedData": "everything"},
    ],
    ids=str,
)
def test_bad_searches(query):
    answer = search(**query)
    assert (answer.status_code, error(answer)["code"]) == (400, "400")


def test_other_regions_and_other_sellers_are_denied():
    assert search(keywords="tea", marketplaceIds=US).status_code == 403
    assert search(identifiers="TEA", identifiersType="SKU", sellerId="A3OTHER").status_code == 403


def test_new_listing_is_an_item_with_its_facts_and_stays_one():
    async def live(seller):
        brand = [{"value": "Potts", "marketplace_id": DE, "language_tag": "de_DE"}]
        await put(seller, "NEW", whole(brand=brand, fulfillment_availability=UNITS))
        await asyncio.sleep(EFFECT)
        path, every = f"{ITEMS}/{asin_of('NEW')}", {"marketplaceIds": DE, "includedData": EVERY_GROUP}
        there = (await seller.get(path, **every)).json()
        await seller.delete(seller.item("NEW"), marketplaceIds=DE)
        await asyncio.sleep(EFFECT)
        named = {"identifiers": "NEW", "identifiersType": "SKU", "sellerId": SELLER, "marketplaceIds": DE}
        return there, (await seller.get(path, **every)).status_code, (await seller.get(ITEMS, **named)).json()

    there, later, by_sku = ask(live)
    assert (there["summaries"][0]["brand"], there["summaries"][0]["itemName"]) == ("Potts", "A kettle")
    assert set(there["attributes"]) == {"brand", "item_name"}
    assert there["productTypes"] == [{"marketplaceId": DE, "productType": "KETTLE"}]
    assert (later, by_sku["items"]) == (200, [])


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
@pytest.mark.parametrize("code", ["DE", "US"])
def test_answers_have_only_what_the_model_defines(code):
    store = {"DE": DE, "US": US}[code]

    async def read(seller):
        item = await seller.get(f"{ITEMS}/{asin_of('TEA')}", marketplaceIds=store, includedData=EVERY_GROUP)
        found = await seller.get(ITEMS, marketplaceIds=store, includedData=EVERY_GROUP, keywords="sim", pageSize=1)
        return item.json(), found.json()

    item, found = ask(read, codes=(code,))
    assert faults(MODEL, "Item", item) == []
    assert faults(MODEL, "ItemSearchResults", found) == []


OTHERS = {"vendorDetails", "contributors", "modelNumber", "partNumber", "releaseDate", "style"}
"""Keys of the published item that a simulated one does not have: of vendors, of books, of what nobody invented."""
OF_FAMILIES = {"parentAsins", "variationTheme", "theme", "type"}


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_every_published_item_has_its_like():
    said = set(keys(get(asin_of("TEA"), includedData=EVERY_GROUP).json())) | {"color", "size"}
    [case] = published(MODEL, "get", f"{ITEMS}/{{asin}}")
    assert (
        set(keys({name: value for name, value in case.items() if name not in OTHERS})) - said - OTHERS - OF_FAMILIES
        == set()
    )
