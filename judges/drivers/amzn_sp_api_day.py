"""A seller's day with `amzn-sp-api`, Amazon's own SDK: `python ... URL`, steps on stdin.

Both addresses are documented arguments. It has nothing for the bytes of documents, nor for the code of a consent:
links are followed with `requests`, which it brings.
"""

import gzip
import logging
import sys
from functools import cache

import requests
import spapi
from drivers.talk import answer_steps
from spapi import ApiException, SPAPIClient, SPAPIConfig
from spapi.auth.lwa_exception import LwaException

URL = sys.argv[1]
NOTIFICATIONS = "sellingpartnerapi::notifications"


@cache
def client(scope):
    asking = {"scope": scope} if scope else {"refresh_token": "refresh of the judge"}
    config = SPAPIConfig(client_id="judge", client_secret="of the judge", region="EU", **asking)
    return SPAPIClient(config, oauth_endpoint=f"{URL}/auth/o2/token", endpoint=URL).api_client


def api(kind, scope=None):
    return getattr(spapi, kind)(client(scope))


def download(told):
    content = requests.get(told.url, timeout=10).content
    return (gzip.decompress(content) if told.compression_algorithm else content).decode()


class Seller:
    refusals = (ApiException, LwaException)

    def authorize(self):
        return [each.marketplace.id for each in api("SellersApi").get_marketplace_participations().payload]

    def search_orders(self, since, store):
        found = api("SearchOrdersApi").search_orders(last_updated_after=since, marketplace_ids=[store])
        return [order.order_id for order in found.orders]

    def search_orders_v0(self, since, store):
        found = api("OrdersV0Api").get_orders([store], last_updated_after=since)
        return [order.amazon_order_id for order in found.payload.orders]

    def order_items(self, order):
        items = api("OrdersV0Api").get_order_items(order).payload.order_items
        return [{"sku": item.seller_sku, "quantity": item.quantity_ordered} for item in items]

    def confirm_shipment(self, order, store, item, quantity, shipped):
        package = {
            "packageReferenceId": "1",
            "carrierCode": "DHL",
            "trackingNumber": "T1",
            "shipDate": shipped,
            "orderItems": [{"orderItemId": item, "quantity": quantity}],
        }
        api("OrdersV0Api").confirm_shipment(order, {"marketplaceId": store, "packageDetail": package})

    def patch_listing(self, seller, sku, store, body):
        return api("ListingsApi").patch_listings_item(seller, sku, [store], body).status

    def put_listing(self, seller, sku, store, body):
        return api("ListingsApi").put_listings_item(seller, sku, [store], body).status

    def upload(self, content, content_type):
        document = api("FeedsApi").create_feed_document({"contentType": content_type})
        headers = {"content-type": content_type}
        requests.put(document.url, content.encode(), headers=headers, timeout=10).raise_for_status()
        return document.feed_document_id

    def create_feed(self, kind, store, document):
        body = {"feedType": kind, "marketplaceIds": [store], "inputFeedDocumentId": document}
        return api("FeedsApi").create_feed(body).feed_id

    def feed(self, feed):
        told = api("FeedsApi").get_feed(feed)
        return {"status": told.processing_status, "document": told.result_feed_document_id}

    def feed_document(self, document):
        return download(api("FeedsApi").get_feed_document(document))

    def create_report(self, kind, store, since):
        body = {"reportType": kind, "marketplaceIds": [store], "dataStartTime": since}
        return api("ReportsApi").create_report(body).report_id

    def report(self, report):
        told = api("ReportsApi").get_report(report)
        return {"status": told.processing_status, "document": told.report_document_id}

    def report_document(self, document):
        return download(api("ReportsApi").get_report_document(document))

    def fba_inventory(self, store):
        found = api("FbaInventoryApi").get_inventory_summaries("Marketplace", store, [store], details=True)
        summaries = found.payload.inventory_summaries
        return {each.seller_sku: each.inventory_details.fulfillable_quantity for each in summaries}

    def create_destination(self, name, arn):
        body = {"name": name, "resourceSpecification": {"sqs": {"arn": arn}}}
        return api("NotificationsApi", NOTIFICATIONS).create_destination(body).payload.destination_id

    def destinations(self):
        return [each.destination_id for each in api("NotificationsApi", NOTIFICATIONS).get_destinations().payload]

    def create_subscription(self, kind, destination):
        body = {"payloadVersion": "1.0", "destinationId": destination}
        return api("NotificationsApi").create_subscription(kind, body).payload.subscription_id

    def subscription(self, kind):
        return api("NotificationsApi").get_subscription(kind).payload.subscription_id


logging.disable()
answer_steps(Seller())
