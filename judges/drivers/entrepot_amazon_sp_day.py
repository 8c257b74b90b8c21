"""A seller's day with our client: `python ... URL`, steps on stdin."""

import asyncio
import logging
import sys
import warnings

from drivers.talk import answer_steps

from entrepot.channel import ChannelError, Environment, Secret
from entrepot.runtime import SystemClock
from entrepot_amazon_sp import AmazonSettings, SellingPartner
from entrepot_amazon_sp.authorization import Consent
from entrepot_amazon_sp.authorization.consent import CODE_LIFETIME

URL = sys.argv[1]
SETTINGS = AmazonSettings(
    "A2JUDGE",
    "judge",
    Secret("of the judge"),
    Secret("refresh of the judge"),
    redirect_uri="https://judge.example/callback",
)

finish = asyncio.Runner().run
client = SellingPartner(SETTINGS, region="EU", environment=Environment.SIMULATOR, simulator=URL)


def call(operation, **given):
    return finish(client.call(operation, **given))


async def content(operation, **given):
    async with client.document(operation, **given) as document:
        return b"".join([piece async for piece in document]).decode()


class Seller:
    refusals = (ChannelError,)

    def consent(self, code):
        given = Consent(SETTINGS.seller_id, Secret(code), SystemClock().now() + CODE_LIFETIME)
        finish(client.authorize(given))

    def authorize(self):
        told = call("getMarketplaceParticipations")
        return [each["marketplace"]["id"] for each in told["payload"]]

    def search_orders(self, since, store):
        found = call("searchOrders", lastUpdatedAfter=since, marketplaceIds=[store])
        return [order["orderId"] for order in found["orders"]]

    def search_orders_v0(self, since, store):
        found = call("ordersV0.getOrders", LastUpdatedAfter=since, MarketplaceIds=[store])["payload"]
        return [order["AmazonOrderId"] for order in found["Orders"]]

    def order_items(self, order):
        items = call("getOrderItems", orderId=order)["payload"]["OrderItems"]
        return [{"sku": item["SellerSKU"], "quantity": item["QuantityOrdered"]} for item in items]

    def confirm_shipment(self, order, store, item, quantity, shipped):
        package = {
            "packageReferenceId": "1",
            "carrierCode": "DHL",
            "trackingNumber": "T1",
            "shipDate": shipped,
            "orderItems": [{"orderItemId": item, "quantity": quantity}],
        }
        call("confirmShipment", orderId=order, body={"marketplaceId": store, "packageDetail": package})

    def patch_listing(self, seller, sku, store, body):
        return call("patchListingsItem", sellerId=seller, sku=sku, marketplaceIds=[store], body=body)["status"]

    def put_listing(self, seller, sku, store, body):
        return call("putListingsItem", sellerId=seller, sku=sku, marketplaceIds=[store], body=body)["status"]

    def upload(self, content, content_type):
        return finish(client.upload(content, content_type))

    def create_feed(self, kind, store, document):
        body = {"feedType": kind, "marketplaceIds": [store], "inputFeedDocumentId": document}
        return call("createFeed", body=body)["feedId"]

    def feed(self, feed):
        told = call("getFeed", feedId=feed)
        return {"status": told["processingStatus"], "document": told.get("resultFeedDocumentId")}

    def feed_document(self, document):
        return finish(content("getFeedDocument", feedDocumentId=document))

    def create_report(self, kind, store, since):
        body = {"reportType": kind, "marketplaceIds": [store], "dataStartTime": since}
        return call("createReport", body=body)["reportId"]

    def report(self, report):
        told = call("getReport", reportId=report)
        return {"status": told["processingStatus"], "document": told.get("reportDocumentId")}

    def report_document(self, document):
        return finish(content("getReportDocument", reportDocumentId=document))

    def fba_inventory(self, store):
        asked = {"granularityType": "Marketplace", "granularityId": store, "marketplaceIds": [store]}
        found = call("getInventorySummaries", details=True, **asked)["payload"]["inventorySummaries"]
        return {each["sellerSku"]: each["inventoryDetails"]["fulfillableQuantity"] for each in found}

    def create_destination(self, name, arn):
        body = {"name": name, "resourceSpecification": {"sqs": {"arn": arn}}}
        return call("createDestination", body=body)["payload"]["destinationId"]

    def destinations(self):
        return [each["destinationId"] for each in call("getDestinations")["payload"]]

    def create_subscription(self, kind, destination):
        body = {"payloadVersion": "1.0", "destinationId": destination}
        return call("createSubscription", notificationType=kind, body=body)["payload"]["subscriptionId"]

    def subscription(self, kind):
        return call("getSubscription", notificationType=kind)["payload"]["subscriptionId"]


logging.disable()  # the day has its faults
warnings.simplefilter("ignore")  # Orders v0 has an end
answer_steps(Seller())
