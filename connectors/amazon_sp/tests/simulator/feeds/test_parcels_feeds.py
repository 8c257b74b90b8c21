"""Feeds of parcels: orders are shipped, and failures are in the report (FACTS 10)."""

from xml.etree import ElementTree as ET

import pytest

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import process
from connectors.amazon_sp.tests.simulator.test_models import MODELS

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

XML_TYPE = "text/xml; charset=UTF-8"


def fulfillment(*orders, items="", carrier="<CarrierCode>DHL</CarrierCode>"):
    messages = "".join(
        f"""<Message><MessageID>{number}</MessageID><OrderFulfillment><AmazonOrderID>{order}</AmazonOrderID>
        <FulfillmentDate>2030-01-01T08:00:00+00:00</FulfillmentDate><FulfillmentData>{carrier}
        <ShipperTrackingNumber>T-1</ShipperTrackingNumber></FulfillmentData>{items}</OrderFulfillment></Message>"""
        for number, order in enumerate(orders, 1)
    )
    return f"<AmazonEnvelope><MessageType>OrderFulfillment</MessageType>{messages}</AmazonEnvelope>".encode()


def counts(report):
    summary = ET.fromstring(report).find("Message/ProcessingReport/ProcessingSummary")  # noqa: S314 - our own
    return [int(each.text) for each in summary]


def test_parcels_by_feed_ship_orders_and_failures_are_in_the_report():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2, "MUG": 1})
        content = fulfillment(order.external_id, "302-0000000-0000000", order.external_id)
        ended, report = await process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE)
        return ended["processingStatus"], report, seller.amazon.orders[order.external_id]

    status, report, order = ask(ship)
    assert (status, counts(report)) == ("DONE", [3, 1, 2, 0])
    assert order.status == "shipped"
    [parcel] = order.packages
    assert (parcel.carrier, parcel.tracking_number) == ("DHL", "T-1")


def test_parcel_of_some_items_leaves_the_others():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2, "MUG": 1})
        line = order.lines[0].external_id
        item = f"<Item><AmazonOrderItemCode>{line}</AmazonOrderItemCode><Quantity>1</Quantity></Item>"
        content = fulfillment(order.external_id, items=item, carrier="<CarrierName>Nobody</CarrierName>")
        await process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE)
        return seller.amazon.orders[order.external_id]

    order = ask(ship)
    assert ([line.shipped for line in order.lines], order.packages[0].carrier) == ([1, 0], "Nobody")


@pytest.mark.parametrize("content", [b"<a", b"<AmazonEnvelope/>"])
def test_what_is_no_document_of_parcels_ends_fatal_with_a_report(content):
    ended, report = ask(lambda seller: process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE))
    assert (ended["processingStatus"], counts(report)[0]) == ("FATAL", 0)
