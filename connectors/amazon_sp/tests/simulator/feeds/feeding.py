"""A feed from its document to its report, as any client sends it, and what is shown after it."""

import asyncio
import json

import jsonschema_rs

from connectors.amazon_sp.tests.simulator.asking import SELLER
from connectors.amazon_sp.tests.simulator.test_models import MODELS

FEEDS = "/feeds/2021-06-30/feeds"
DOCUMENTS = "/feeds/2021-06-30/documents"
JSON_FEED, JSON_TYPE = "JSON_LISTINGS_FEED", "application/json; charset=UTF-8"
DONE = 300
SCHEMAS = MODELS.parent / "schemas/feeds"
EFFECT = 61
MANY = {f"SKU-{number:02d}": 50 for number in range(40)}


def listings_feed(*messages, **header):
    head = {"sellerId": SELLER, "version": "2.0"} | header
    return json.dumps({"header": head, "messages": [*messages]}).encode()


def message(id_, sku, operation="PATCH", **parts):
    return {"messageId": id_, "sku": sku, "operationType": operation} | parts


def patch_message(id_, sku, quantity):
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]
    patches = [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}]
    return message(id_, sku, productType="PRODUCT", patches=patches)


async def open_document(seller, content_type=JSON_TYPE):
    return (await seller.post(DOCUMENTS, {"contentType": content_type})).json()


async def upload(seller, content, content_type=JSON_TYPE):
    """The id of an uploaded document."""
    document = await open_document(seller, content_type)
    answer = await seller.store("PUT", document["url"], content, content_type=content_type)
    assert answer.status_code == 200, answer.text
    return document["feedDocumentId"]


async def create(seller, document, kind=JSON_FEED, stores=None):
    body = {"feedType": kind, "marketplaceIds": stores or seller.stores, "inputFeedDocumentId": document}
    return await seller.post(FEEDS, body)


async def send(seller, content, kind=JSON_FEED, content_type=JSON_TYPE):
    """The id of a feed that is created."""
    answer = await create(seller, await upload(seller, content, content_type), kind)
    assert answer.status_code == 202, answer.text
    return answer.json()["feedId"]


async def look(seller, feed):
    return (await seller.get(f"{FEEDS}/{feed}")).json()


async def download(seller, document, **query):
    return await seller.download(f"{DOCUMENTS}/{document}", **query)


async def process(seller, content, kind=JSON_FEED, content_type=JSON_TYPE):
    """The feed when it has ended, and its report (None without one)."""
    feed = await send(seller, content, kind, content_type)
    await asyncio.sleep(DONE)
    ended = await look(seller, feed)
    document = ended.get("resultFeedDocumentId")
    return ended, (await download(seller, document))[0] if document else None


def checked(report):
    """A processing report that Amazon's schema allows."""
    schema = json.loads((SCHEMAS / "listings-feed-processing-report-schema-v2.json").read_text("utf-8"))
    document = json.loads(report)
    assert [fault.message for fault in jsonschema_rs.Draft7Validator(schema).iter_errors(document)] == []
    return document


def quantities(seller, *skus):
    return [seller.amazon.stock.get(sku) for sku in skus]
