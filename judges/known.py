"""What exists at the simulator, by the names that Amazon's parameters and fields have."""

import time
from collections.abc import Mapping, Sequence

import httpx

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.catalog.facts import asin_of
from judges.simulated import CLIENT, CUP, REFRESH, SETTINGS, STORE, TEA, Account

FEEDS, REPORTS = "/feeds/2021-06-30", "/reports/2021-06-30"
JSON_TYPE, REPORT = "application/json; charset=UTF-8", "GET_MERCHANT_LISTINGS_ALL_DATA"
PATH, QUANTITY = "/attributes/fulfillment_availability", {"fulfillment_channel_code": "DEFAULT", "quantity": 3}
INSTANT = "2026-01-01T00:00:00Z"

SPAN = 0.2
"""Seconds in which feeds and reports end where time runs 3,600 times as fast."""

ALWAYS: Mapping[str, Sequence[Json]] = {
    "sellerId": [SETTINGS.seller_id],
    "sku": [TEA, CUP],
    "sellerSku": [CUP],
    "sellerSkus": [CUP],
    "identifiers": [TEA],
    "identifiersType": ["SKU"],
    "productType": ["PRODUCT"],
    "path": [PATH, "/orders/v0/orders"],
    "method": ["GET"],
    "dataElements": [["buyerInfo"]],
    "value": [[QUANTITY]],
    "granularityType": ["Marketplace"],
    **{name: [STORE] for name in ("marketplaceId", "marketplaceIds", "granularityId")},
    **{name: ["JSON_LISTINGS_FEED"] for name in ("feedType", "feedTypes")},
    **{name: [REPORT] for name in ("reportType", "reportTypes")},
    **{name: [INSTANT] for name in ("createdAfter", "lastUpdatedAfter", "shipDate", "dataStartTime", "dataEndTime")},
    "contentType": [JSON_TYPE],
    **{name: ["ORDER_CHANGE"] for name in ("notificationType", "notificationTypes")},
    "payloadVersion": ["1.0"],
    "arn": ["arn:aws:sqs:eu-west-1:123456789012:judge"],
    "keywords": [TEA],
    "asin": [asin_of(TEA)],
    **{name: ["1"] for name in ("carrierCode", "trackingNumber", "packageReferenceId")},
    "quantity": [1],
}


def what_exists(account: Account) -> Mapping[str, Sequence[Json]]:
    """A feed and a report that have ended, a document that waits for its feed, and the orders."""
    with httpx.Client(base_url=account.url) as client:
        token = {"x-amz-access-token": client.post("/auth/o2/token", data=CLIENT | REFRESH).json()["access_token"]}
        used, unused = _uploaded(client, token), _uploaded(client, token)
        feed = client.post(f"{FEEDS}/feeds", json=_about("feed") | {"inputFeedDocumentId": used}, headers=token)
        report = client.post(f"{REPORTS}/reports", json=_about("report"), headers=token)
    time.sleep(SPAN)
    ids = {"feedId": feed.json()["feedId"], "reportId": report.json()["reportId"], "inputFeedDocumentId": unused}
    orders = account.truth("orders")
    lines = [line[0] for order in orders.values() for line in order["lines"]]
    return {**ALWAYS, **{name: [id_] for name, id_ in ids.items()}, "orderId": [*orders], "orderItemId": lines}


def _uploaded(client: httpx.Client, token: Mapping[str, str]) -> str:
    document = client.post(f"{FEEDS}/documents", json={"contentType": JSON_TYPE}, headers=token).json()
    client.put(document["url"], content=b"{}", headers={"content-type": JSON_TYPE}).raise_for_status()
    return document["feedDocumentId"]


def _about(noun: str) -> Mapping[str, Json]:
    return {f"{noun}Type": ALWAYS[f"{noun}Type"][0], "marketplaceIds": [STORE]}
