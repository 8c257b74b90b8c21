"""The request of every static case of Amazon's sandbox, for the operations that are simulated (FACTS 19).

The sandbox knows nothing: its cases name orders, feeds and tokens that nobody made, and magic words. Here these become
ones that exist; everything else of a request is as published, and is answered with the published status.
"""

import asyncio
from urllib.parse import quote

import pytest

from connectors.amazon_sp.tests.sandbox_judge import operations_of
from connectors.amazon_sp.tests.simulator.asking import SELLER, US, ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import listings_feed, patch_message, send, upload
from connectors.amazon_sp.tests.simulator.notifications.notified import ARN, VERSIONS, create_destination, subscribe
from connectors.amazon_sp.tests.simulator.test_models import MODELS
from entrepot.simulation import limits_of
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.authorization.tokens import scope_of
from entrepot_amazon_sp.simulator.catalog.facts import asin_of
from entrepot_amazon_sp.simulator.double import APIS

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

SIMULATED = {
    "orders_2026-01-01": "searchOrders getOrder",
    "ordersV0": "getOrders getOrder getOrderItems getOrderBuyerInfo getOrderAddress getOrderItemsBuyerInfo"
    " confirmShipment",
    "listingsItems_2021-08-01": "getListingsItem searchListingsItems patchListingsItem putListingsItem"
    " deleteListingsItem",
    "feeds_2021-06-30": "createFeedDocument createFeed getFeed getFeeds cancelFeed getFeedDocument",
    "reports_2021-06-30": "createReport getReport getReports cancelReport getReportDocument createReportSchedule"
    " getReportSchedule getReportSchedules cancelReportSchedule",
    "notifications": "createDestination getDestinations getDestination deleteDestination createSubscription"
    " getSubscription getSubscriptions getSubscriptionById deleteSubscriptionById",
    "sellers": "getMarketplaceParticipations",
    "catalogItems_2022-04-01": "searchCatalogItems getCatalogItem",
    "definitionsProductTypes_2020-09-01": "searchDefinitionsProductTypes getDefinitionsProductType",
    "tokens_2021-03-01": "createRestrictedDataToken",
}

MAGIC = {"Invalid Request", "BadSKU", "SellerId", "902-1106328-1059050"}
"""What makes Amazon's sandbox say 400. Here such a SKU, seller or order does not exist, and that is said otherwise."""

NOT_SIMULATED = "'reportType': 'FEE_DISCOUNTS_REPORT'"


NAMED = ("feedId", "reportId", "destinationId", "notificationType")
"""What an operation may name otherwise than the others do."""


def cases():
    for model, names in SIMULATED.items():
        for operation in operations_of(MODELS / f"{model}.json"):
            if operation.operation["operationId"] in names.split():
                yield from ((operation, case) for case in operation.cases)


def name(entry):
    operation, case = entry
    return f"{operation.operation['operationId']}-{case.status}-{operation.cases.index(case)}"


PUBLISHED = list(cases()) if MODELS.exists() else []


async def make_live(seller):
    """What the requests may name, by parameter or key."""
    seller.amazon.granted = frozenset({"BUYER", "RECIPIENT"})
    [order] = await seller.sell({"TEA": 1})
    feed = await send(seller, listings_feed(patch_message(1, "TEA", 9)))
    report = (await seller.post("/reports/2021-06-30/reports", _report())).json()["reportId"]
    schedule = (await seller.post("/reports/2021-06-30/schedules", _report(period="P1D"))).json()
    await seller.sell({"MUG": 1}, count=2)
    await asyncio.sleep(400)
    done = (await seller.get(f"/feeds/2021-06-30/feeds/{feed}")).json()
    written = (await seller.get(f"/reports/2021-06-30/reports/{report}")).json()
    document = await upload(seller, listings_feed(patch_message(1, "TEA", 8)))
    queued = await send(seller, listings_feed(patch_message(1, "TEA", 9)))
    again = (await seller.post("/reports/2021-06-30/reports", _report(marketplaceIds=[CA]))).json()["reportId"]
    return {
        "orderId": order.external_id,
        "orderItemId": order.lines[0].external_id,
        "feedId": feed,
        "cancelFeed": queued,
        "reportId": report,
        "cancelReport": again,
        "reportScheduleId": schedule["reportScheduleId"],
        "feedDocumentId": done["resultFeedDocumentId"],
        "reportDocumentId": written["reportDocumentId"],
        "inputFeedDocumentId": document,
        **await _subscribed(seller),
        "sku": "TEA",
        "productType": "LUGGAGE",
        "asin": asin_of("TEA"),
        "sellerId": SELLER,
        "marketplaceIds": [US],
        "marketplaceId": US,
        "dataStartTime": "2029-12-31T00:00:00Z",
        **dict.fromkeys(("CreatedAfter", "createdAfter", "lastUpdatedAfter"), "2029-12-31T00:00:00Z"),
    }


async def _subscribed(seller):
    """What is named by requests about notifications; by an operation's name, what it alone may name."""
    kind = "ORDER_CHANGE"
    [subscription] = await subscribe(seller, kind)
    used = (await seller.get(f"/notifications/v1/subscriptions/{kind}")).json()["payload"]["destinationId"]
    unused = (await create_destination(seller, {"sqs": {"arn": f"{ARN}-2"}})).json()["payload"]["destinationId"]
    created = {"createSubscription": "FEED_PROCESSING_FINISHED", "deleteDestination": unused}
    return {"destinationId": used, "subscriptionId": subscription, "notificationType": kind} | created


CA = PLACES["CA"].id


def _report(**more):
    return {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "marketplaceIds": [US]} | more


async def with_token(seller, operation, asked):
    """The token of a first page that was asked for in the same way."""
    names = {"NextToken": ("MaxResultsPerPage", "payload"), "paginationToken": ("maxResultsPerPage", "pagination")}
    for parameter, (size, where) in names.items():
        if parameter in asked:
            others = {each: text for each, text in asked.items() if each != parameter}
            page = (await seller.get(operation.url, **(others | {size: "1"}))).json()[where]
            asked[parameter] = page.get("NextToken") or page["nextToken"]
    return asked


def replaced(value, live):
    """The same value, with keys that name something that exists."""
    if isinstance(value, dict):
        return {key: live.get(key, replaced(inner, live)) for key, inner in value.items()}
    return [replaced(inner, live) for inner in value] if isinstance(value, list) else value


def body_of(operation, case, live):
    """Where any body will do, one that does."""
    id_ = operation.operation["operationId"]
    if id_ == "createDestination":
        made = case.response["payload"]
        return {"name": made["name"], "resourceSpecification": made["resource"]}
    if id_ == "createSubscription":
        return {"payloadVersion": VERSIONS[live[id_]], "destinationId": live["destinationId"]}
    known = {"patchListingsItem": _patch(), "putListingsItem": _put()}
    if id_ not in known:
        return replaced(case.expected.get("body"), live)
    wrong = "INVALID" in str(case.response.get("status"))
    return (
        _patch("fake_attribute") if wrong and id_ == "patchListingsItem" else {} if case.status == 400 else known[id_]
    )


def _patch(attribute="fulfillment_availability"):
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 3}]
    return {"productType": "PRODUCT", "patches": [{"op": "merge", "path": f"/attributes/{attribute}", "value": value}]}


def _put():
    words = {"condition_type": [{"value": "new_new"}], "item_name": [{"value": "Tea", "language_tag": "en_US"}]}
    return {"productType": "PRODUCT", "attributes": words}


async def ask_as_published(seller, operation, case):
    live = await make_live(seller)
    id_ = operation.operation["operationId"]
    live |= {name: live[id_] for name in NAMED if id_ in live and name in operation.url}
    given = {name: value for name, value in case.expected.items() if name != "body"}
    if case.status < 400:
        given = {name: live.get(name, value) for name, value in given.items()}
    needed = {name for name, each in operation.declared.items() if each.get("required")} - {"body", "payload"}
    given |= {name: live[name] for name in needed - given.keys() if name in live}
    path = operation.url
    for parameter in [each for each in given if f"{{{each}}}" in path]:
        path = path.replace(f"{{{parameter}}}", quote(str(given.pop(parameter)), safe=""))
    query = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in given.items()}
    query = await with_token(seller, operation, query) if case.status < 400 else query
    content = {"json": body_of(operation, case, live)} if operation.method in ("post", "put", "patch") else {}
    scope = scope_of(id_)
    token = await seller.grantless(scope) if scope else ""
    return await seller._ask(operation.method.upper(), path, None, token, query, **content)


def is_judged(entry):
    _, case = entry
    said = str(case.expected)
    if case.status < 400:
        return NOT_SIMULATED not in said
    return bool(case.expected) and not any(word in said for word in MAGIC)


@pytest.mark.parametrize("entry", [entry for entry in PUBLISHED if is_judged(entry)], ids=name)
def test_published_request_is_answered_with_the_published_status(entry):
    operation, case = entry
    answer = ask(lambda seller: ask_as_published(seller, operation, case), codes=("US", "CA"))
    assert answer.status_code == case.status, answer.text


def test_every_simulated_operation_of_the_models_is_judged():
    judged = {operation.operation["operationId"] for operation, _ in filter(is_judged, PUBLISHED)}
    simulated = {limit.rpartition(".")[2] for limit in limits_of(APIS)}
    # The sandbox of one is dynamic; that of the other refuses everything, see test_application.py.
    assert simulated - judged == {"getInventorySummaries", "rotateApplicationClientSecret"}


def test_type_that_is_not_simulated_is_told_so():
    [entry] = [entry for entry in PUBLISHED if name(entry) == "createReportSchedule-201-0"]
    answer = ask(lambda seller: ask_as_published(seller, *entry), codes=("US", "CA"))
    assert answer.status_code == 501
