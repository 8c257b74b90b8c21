"""A seller's day with `python-amazon-sp-api`: `python ... sync|async URL`, steps on stdin.

Tokens are asked for where the documented `auth_token_client_class` says. The endpoint is an attribute of each client;
its Host header is cut from an address that begins with https, so a subclass says it as it is. Where no marketplace is
named it adds its own, under four names.
"""

import asyncio
import io
import sys
from functools import cache
from urllib.parse import urlsplit

import sp_api.api
import sp_api.asyncio.api
from drivers.talk import answer_steps
from sp_api.asyncio.auth import AccessTokenClient as AsyncAccessTokenClient
from sp_api.auth import AccessTokenClient
from sp_api.auth.exceptions import AuthorizationError
from sp_api.base import Marketplaces, SellingApiException
from sp_api.base.credential_provider import CredentialProvider

MODE, URL = sys.argv[1:]
HOST = urlsplit(URL).netloc
CREDENTIALS = {"lwa_app_id": "judge", "lwa_client_secret": "of the judge", "refresh_token": "refresh of the judge"}


class AtSimulator:
    def _request(self, path, *, headers=None, **more):
        return super()._request(path, headers={**(headers or self.headers), "host": HOST}, **more)


class AsyncAtSimulator:
    async def _request(self, path, *, headers=None, **more):
        headers = headers or await self._get_headers()
        return await super()._request(path, headers={**headers, "host": HOST}, **more)


if MODE == "async":
    API, TOKENS, AT, finish = sp_api.asyncio.api, AsyncAccessTokenClient, AsyncAtSimulator, asyncio.Runner().run
else:
    API, TOKENS, AT, finish = sp_api.api, AccessTokenClient, AtSimulator, lambda answer: answer

Tokens = type("Tokens", (TOKENS,), {"scheme": "http://", "host": HOST})


@cache
def client(kind):
    local = type(kind, (AT, getattr(API, kind)), {})
    made = local(Marketplaces.DE, credentials=CREDENTIALS, auth_token_client_class=Tokens)
    made.endpoint = URL
    return made


def call(kind, method, *words, **named):
    return finish(getattr(client(kind), method)(*words, **named)).payload


class Seller:
    refusals = (SellingApiException, AuthorizationError)

    def consent(self, code):
        tokens = Tokens(credentials=CredentialProvider(credentials=CREDENTIALS).credentials)
        CREDENTIALS["refresh_token"] = finish(tokens.authorize_auth_code(code))["refresh_token"]
        client.cache_clear()

    def authorize(self):
        return [each["marketplace"]["id"] for each in call("Sellers", "get_marketplace_participation")]

    def search_orders(self, since, store):
        found = call("OrdersV20260101", "search_orders", lastUpdatedAfter=since)
        return [order["orderId"] for order in found["orders"]]

    def search_orders_v0(self, since, store):
        found = call("OrdersV0", "get_orders", LastUpdatedAfter=since)
        return [order["AmazonOrderId"] for order in found["Orders"]]

    def order_items(self, order):
        items = call("OrdersV0", "get_order_items", order)["OrderItems"]
        return [{"sku": item["SellerSKU"], "quantity": item["QuantityOrdered"]} for item in items]

    def confirm_shipment(self, order, store, item, quantity, shipped):
        package = {
            "packageReferenceId": "1",
            "carrierCode": "DHL",
            "trackingNumber": "T1",
            "shipDate": shipped,
            "orderItems": [{"orderItemId": item, "quantity": quantity}],
        }
        call("OrdersV0", "confirm_shipment", order, marketplaceId=store, packageDetail=package)

    def patch_listing(self, seller, sku, store, body):
        return call("ListingsItemsV20210801", "patch_listings_item", seller, sku, marketplaceIds=[store], body=body)[
            "status"
        ]

    def put_listing(self, seller, sku, store, body):
        return call("ListingsItemsV20210801", "put_listings_item", seller, sku, marketplaceIds=[store], body=body)[
            "status"
        ]

    def upload(self, content, content_type):
        document = call("FeedsV20210630", "create_feed_document", io.BytesIO(content.encode()), content_type)
        return document["feedDocumentId"]

    def create_feed(self, kind, store, document):
        return call("FeedsV20210630", "create_feed", kind, document, marketplaceIds=[store])["feedId"]

    def feed(self, feed):
        told = call("FeedsV20210630", "get_feed", feed)
        return {"status": told["processingStatus"], "document": told.get("resultFeedDocumentId")}

    def feed_document(self, document):
        return finish(client("FeedsV20210630").get_feed_document(document))

    def create_report(self, kind, store, since):
        return call("Reports", "create_report", reportType=kind, marketplaceIds=[store], dataStartTime=since)[
            "reportId"
        ]

    def report(self, report):
        told = call("Reports", "get_report", report)
        return {"status": told["processingStatus"], "document": told.get("reportDocumentId")}

    def report_document(self, document):
        return call("Reports", "get_report_document", document, download=True)["document"]

    def fba_inventory(self, store):
        found = call("Inventories", "get_inventory_summary_marketplace", details=True, marketplaceIds=[store])
        return {
            each["sellerSku"]: each["inventoryDetails"]["fulfillableQuantity"] for each in found["inventorySummaries"]
        }

    def create_destination(self, name, arn):
        return call("Notifications", "create_destination", name, arn=arn)["destinationId"]

    def destinations(self):
        return [each["destinationId"] for each in call("Notifications", "get_destinations")]

    def create_subscription(self, kind, destination):
        return call("Notifications", "create_subscription", kind, destination_id=destination)["subscriptionId"]

    def subscription(self, kind):
        return call("Notifications", "get_subscription", kind)["subscriptionId"]


answer_steps(Seller())
