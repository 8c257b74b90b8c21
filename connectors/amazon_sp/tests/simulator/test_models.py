"""The simulator against Amazon's own models: no key that they lack, and each published success has its like."""

import asyncio
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest

from connectors.amazon_sp.tests.simulator.asking import ALL_GROUPS, DE, ITEMS, NL, ORDERS, ask, market_of

MODELS = Path(__file__).parents[5] / "shared/spapi/models"

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

EVERY_ITEM_GROUP = "summaries,attributes,issues,offers,fulfillmentAvailability,relationships,productTypes"


def model(name):
    return json.loads((MODELS / name).read_text("utf-8"))


def closed(schema):
    """The same schema, with no keys but its own. An object without any stays open."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    is_object = isinstance(schema.get("properties"), dict) and schema.get("type", "object") == "object"
    return inner | ({"additionalProperties": False} if is_object else {})


def faults(name, definition, document):
    whole = {"$ref": f"#/definitions/{definition}", "definitions": closed(model(name)["definitions"])}
    checker = jsonschema_rs.Draft4Validator(whole, validate_formats=True)
    return [f"{fault.instance_path}: {fault.message}" for fault in checker.iter_errors(document)]


def test_a_key_of_its_own_would_be_found():
    assert faults("sellers.json", "Participation", {"isParticipating": True, "hasSuspendedListings": False}) == []
    assert faults("sellers.json", "Participation", {"isParticipating": True, "hasSuspendedListings": False, "x": 1})


async def live(seller):
    """Orders in every state."""
    amazon, place = seller.amazon, market_of(seller.code)
    amazon.granted = frozenset({"BUYER", "RECIPIENT"})
    bargain = amazon.place({"TEA": 1}, place)
    amazon.pay(bargain.external_id, place.currency, Decimal("0.1"))
    amazon.place({"TEA": 1}, place)
    paid, parted, sent, gone = await seller.sell({"TEA": 1, "MUG": 1}, count=4)
    amazon.ship(parted.external_id, {parted.lines[0].external_id: 1})
    amazon.ship(sent.external_id)
    amazon.cancel(gone.external_id)
    amazon.change(paid.external_id, lines=paid.lines)
    await asyncio.sleep(180)


def account(*codes):
    async def collect(seller):
        await live(seller)
        page = await seller.get(
            ORDERS, lastUpdatedAfter="2029-12-31T00:00:00Z", includedData=ALL_GROUPS, maxResultsPerPage=5
        )
        [number, *_] = seller.amazon.orders
        return {
            "SearchOrdersResponse": page.json(),
            "GetOrderResponse": (await seller.get(f"{ORDERS}/{number}", includedData=ALL_GROUPS)).json(),
        }

    return ask(collect, codes=codes)


@pytest.mark.parametrize("code", ["DE", "US", "JP"])
def test_orders_have_only_what_the_model_defines(code):
    for definition, document in account(code).items():
        assert faults("orders_2026-01-01.json", definition, document) == []


@pytest.mark.parametrize("path", ["no-id", "302-0000000-0000000"])
def test_refusals_have_only_what_the_model_defines(path):
    answer = ask(lambda seller: seller.get(f"{ORDERS}/{path}"))
    assert faults("orders_2026-01-01.json", "ErrorList", answer.json()) == []


def listings():
    async def collect(seller):
        seller.amazon.inventory.send_by_amazon("MUG")
        stores = {"marketplaceIds": f"{DE},{NL}"}
        value = [{"fulfillment_channel_code": "DEFAULT", "quantity": -1}]
        patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
        body = {"productType": "PRODUCT", "patches": [patch]}
        whole = {"productType": "PRODUCT", "attributes": {}}
        preview = {"mode": "VALIDATION_PREVIEW", "includedData": "issues,identifiers"}
        item = seller.item("TEA")
        return [
            ("Item", await seller.get(item, **stores, includedData=EVERY_ITEM_GROUP)),
            ("ItemSearchResults", await seller.get(ITEMS, **stores, includedData=EVERY_ITEM_GROUP, pageSize=2)),
            ("ListingsItemSubmissionResponse", await seller.patch(item, body, **stores)),
            ("ListingsItemSubmissionResponse", await seller.patch(item, body, **stores, **preview)),
            ("ErrorList", await seller.patch(item, {}, **stores)),
            ("ListingsItemSubmissionResponse", await seller.put(item, whole, marketplaceIds=DE)),
            ("ListingsItemSubmissionResponse", await seller.delete(item, marketplaceIds=DE)),
        ]

    return ask(collect)


def test_listings_have_only_what_the_model_defines():
    for definition, answer in listings():
        assert faults("listingsItems_2021-08-01.json", definition, answer.json()) == []


def test_participations_have_only_what_the_model_defines():
    answer = ask(lambda seller: seller.get("/sellers/v1/marketplaceParticipations"))
    assert faults("sellers.json", "GetMarketplaceParticipationsResponse", answer.json()) == []


# Published cases

NOT_SIMULATED = {
    "associatedOrders": "replacements and exchanges",
    "associatedOrderItems": "value-added services",
    "buyerCompanyName": "business orders",
    "buyerPurchaseOrderNumber": "business orders",
    "priceDesignation": "business orders",
    "companyName": "business orders",
    "addressLine2": "one line is enough for nobody's address",
    "addressLine3": "as above",
    "districtOrCounty": "as above",
    "municipality": "as above",
    "stateOrRegion": "as above",
    "extendedFields": "addresses of Brazil",
    "taxRegistrations": "business orders, and Brazil",
    "taxInvoicing": "Brazil and Turkey",
    "taxCalculationBreakdowns": "imports into the EU",
    "acquirerId": "Brazil",
    "cardBrand": "Brazil",
    "authorizationCode": "Brazil",
    "labelPrintingWindow": "Brazil",
    "packing": "gifts",
    "serialNumbers": "offers that Amazon sends",
    "conditionNote": "used goods",
    "title": "the market has no titles unless a test puts one",
    "mainImage": "no pictures",
    "expiryDate": "exemptions that end",
    "link": "no pictures",
    "height": "no pictures",
    "width": "no pictures",
}
"""Keys of Amazon's published answers that the simulator never says, and what they belong to."""


def keys(document):
    if isinstance(document, dict):
        for name, inner in document.items():
            if name not in NOT_SIMULATED:
                yield name
                yield from keys(inner)
    elif isinstance(document, list):
        for inner in document:
            yield from keys(inner)


def published(name, method, path):
    responses = model(name)["paths"][path][method]["responses"]
    return [case["response"] for case in responses["200"]["x-amzn-api-sandbox"]["static"]]


def test_every_published_order_has_its_like():
    said = {key for code in ("DE", "US", "JP") for answer in account(code).values() for key in keys(answer)}
    said.add("createdBefore")  # of a search by creation, see test_orders
    for path in (ORDERS, ORDERS + "/{orderId}"):
        for case in published("orders_2026-01-01.json", "get", path):
            assert set(keys(case)) - said == set()


def test_every_published_listing_has_its_like():
    said = {key for _, answer in listings() for key in keys(answer.json())} | {"previousToken"}
    items = "/listings/2021-08-01/items/{sellerId}"
    item = items + "/{sku}"
    for method, path in (("get", items), ("get", item), ("patch", item), ("put", item), ("delete", item)):
        for case in published("listingsItems_2021-08-01.json", method, path):
            assert set(keys(case)) - said - {"marketplaceIds"} == set()


def test_published_participation_has_its_like():
    said = set(keys(ask(lambda seller: seller.get("/sellers/v1/marketplaceParticipations")).json()))
    [case] = published("sellers.json", "get", "/sellers/v1/marketplaceParticipations")
    assert set(keys(case)) == said


@pytest.mark.parametrize("code", ["DE", "JP"])
def test_times_are_written_as_published(code):
    """Amazon's cases have whole seconds, its pages milliseconds; both are what a reader must take."""
    order = account(code)["GetOrderResponse"]["order"]
    assert datetime.fromisoformat(order["createdTime"]).tzinfo is not None
