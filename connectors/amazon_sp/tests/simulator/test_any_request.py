"""Whatever is asked, the simulator answers: no request makes it fail, at once or when its work is due."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.amazon_sp.tests.simulator.asking import DE, ITEMS, ask
from connectors.amazon_sp.tests.simulator.authorization.test_restricted import CREATE
from connectors.amazon_sp.tests.simulator.feeds.feeding import DOCUMENTS, FEEDS, JSON_FEED, listings_feed, process
from connectors.amazon_sp.tests.simulator.notifications.notified import (
    DESTINATIONS,
    SCOPE,
    SUBSCRIPTIONS,
    TO_BUS,
    TO_QUEUE,
    create_destination,
)
from connectors.amazon_sp.tests.simulator.orders.test_orders_v0 import OLD, package
from connectors.amazon_sp.tests.simulator.reports.asked_for import LISTINGS, REPORTS, SCHEDULES

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "x", DE, "DEFAULT", "PRODUCT", "TEA", "LISTING", "2030-01-01T00:00:00Z", LISTINGS, JSON_FEED]
    )
)
INNER = st.text(max_size=3)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INNER, inner, max_size=3), max_leaves=6
)

VALUE = {"fulfillment_channel_code": "DEFAULT", "quantity": 3, "marketplace_id": DE}
PATCH = {"productType": "PRODUCT", "patches": [{"op": "merge", "path": "/attributes/item_name", "value": [VALUE]}]}
WORDS = {"item_name": [VALUE], "condition_type": [VALUE]}
PUT = {"productType": "PRODUCT", "requirements": "LISTING", "attributes": WORDS}
FEED = {"feedType": JSON_FEED, "marketplaceIds": [DE], "inputFeedDocumentId": "x"}
REPORT = {"reportType": LISTINGS, "marketplaceIds": [DE], "dataStartTime": "2030-01-01T00:00:00Z", "period": "P1D"}
WISH = {"restrictedResources": [{"method": "GET", "path": "/orders/v0/orders", "dataElements": ["buyerInfo"]}]}
MESSAGE = {"messageId": 1, "sku": "TEA", "operationType": "PATCH"} | PATCH


@st.composite
def spoiled(draw, document):
    """The document, with something else at one place."""
    way, inner = [], document
    while isinstance(inner, dict | list) and inner and draw(st.booleans() | st.just(not way)):
        way.append(draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner)))))
        inner = inner[way[-1]]
    return put_at(document, way, draw(ANYTHING))


def put_at(document, way, value):
    if not way:
        return value
    copied = dict(document) if isinstance(document, dict) else list(document)
    copied[way[0]] = put_at(document[way[0]], way[1:], value)
    return copied


async def answered(seller, method, path, body, **query):
    token = await seller.grantless(SCOPE) if path == DESTINATIONS else ""
    answer = await seller._ask(method, path, None, token, query, json=body)
    await asyncio.sleep(400)
    await seller.get(f"{ITEMS}/TEA", marketplaceIds=DE, includedData="summaries,attributes,offers")
    return answer.status_code, seller.network.app_errors


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("PATCH", f"{ITEMS}/TEA", PATCH, {"marketplaceIds": DE}),
        ("PUT", f"{ITEMS}/TEA", PUT, {"marketplaceIds": DE}),
        ("POST", DOCUMENTS, {"contentType": "x"}, {}),
        ("POST", FEEDS, FEED, {}),
        ("POST", REPORTS, REPORT, {}),
        ("POST", SCHEDULES, REPORT, {}),
        ("POST", DESTINATIONS, {"name": "x", "resourceSpecification": TO_QUEUE}, {}),
        ("POST", DESTINATIONS, {"name": "x", "resourceSpecification": TO_BUS}, {}),
        ("POST", CREATE, WISH, {}),
    ],
)
@settings(max_examples=25)
@given(data=st.data())
def test_any_body_is_answered(method, path, body, query, data):
    spoilt = data.draw(spoiled(body))
    status, errors = ask(lambda seller: answered(seller, method, path, spoilt, **query))
    assert errors == []
    assert status in {200, 201, 202, 400, 403, 501}


PRICED = {"marketplace_id": DE, "currency": "EUR", "our_price": [{"schedule": [{"value_with_tax": 5}]}]}


@settings(max_examples=40)
@given(op=st.sampled_from(["add", "replace", "merge", "delete"]), data=st.data())
def test_any_patch_of_any_attribute_is_answered(op, data):
    """By the schema of its product type, however deep it is spoiled."""
    patches = [
        {"op": op, "path": "/attributes/purchasable_offer", "value": [PRICED]},
        {
            "op": op,
            "path": "/attributes/fulfillment_availability",
            "value": [VALUE | {"lead_time_to_ship_max_days": 2}],
        },
        {"op": op, "path": "/attributes/brand", "value": [{"value": "x", "language_tag": "de_DE"}]},
    ]
    body = {"productType": "PRODUCT", "patches": data.draw(spoiled(patches))}
    status, errors = ask(lambda seller: answered(seller, "PATCH", f"{ITEMS}/TEA", body, marketplaceIds=DE))
    assert errors == []
    assert status in {200, 400}


TEXTS = st.sampled_from(
    ["", ",", "x", DE, "TEA", "ASIN", "SKU", "summaries", "-1", "1", "LATEST", "Ym9n", "de_DE", "ä"]
)
NAMES = [
    *("marketplaceIds", "includedData", "identifiers", "identifiersType", "keywords", "pageSize", "pageToken"),
    *("sellerId", "locale", "requirements", "itemName", "productTypeVersion", "brandNames"),
]


@pytest.mark.parametrize(
    "path",
    [
        "/catalog/2022-04-01/items",
        "/catalog/2022-04-01/items/B0",
        "/definitions/2020-09-01/productTypes",
        "/definitions/2020-09-01/productTypes/TEA",
    ],
)
@settings(max_examples=25)
@given(query=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=6))
def test_any_query_is_answered(path, query):
    async def look(seller):
        return (await seller.get(path, **({"marketplaceIds": DE} | query))).status_code, seller.network.app_errors

    status, errors = ask(look)
    assert errors == []
    assert status in {200, 400, 403, 404}


@settings(max_examples=25)
@given(st.data())
def test_any_parcel_is_answered(data):
    async def confirm(seller):
        [order] = await seller.sell({"TEA": 1})
        body = data.draw(spoiled(package(order)))
        status, errors = await answered(seller, "POST", f"{OLD}/{order.external_id}/shipmentConfirmation", body)
        await seller.get(f"{OLD}/{order.external_id}")
        return status, errors

    status, errors = ask(confirm)
    assert errors == []
    assert status in {204, 400}


@settings(max_examples=25)
@given(st.data())
def test_any_subscription_is_answered(data):
    wanted = {"eventFilterType": "ORDER_CHANGE", "marketplaceIds": [DE], "orderChangeTypes": ["OrderStatusChange"]}

    async def wish(seller):
        made = (await create_destination(seller)).json()["payload"]["destinationId"]
        body = {"payloadVersion": "1.0", "destinationId": made, "processingDirective": {"eventFilter": wanted}}
        spoilt = data.draw(spoiled(body))
        status, errors = await answered(seller, "POST", f"{SUBSCRIPTIONS}/ORDER_CHANGE", spoilt)
        await seller.sell({"TEA": 1})
        return status, [*errors, *seller.network.app_errors]

    status, errors = ask(wish)
    assert errors == []
    assert status in {200, 400, 403, 404, 501}


@settings(max_examples=25)
@given(st.data())
def test_any_feed_is_processed(data):
    message = data.draw(spoiled(MESSAGE))

    async def feed(seller):
        ended, _ = await process(seller, listings_feed(message))
        await asyncio.sleep(61)
        await seller.get(f"{ITEMS}/TEA", marketplaceIds=DE, includedData="attributes,offers")
        return ended["processingStatus"], seller.network.app_errors

    assert ask(feed) == ("DONE", [])
