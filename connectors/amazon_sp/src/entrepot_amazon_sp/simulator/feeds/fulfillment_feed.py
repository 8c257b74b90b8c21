"""POST_ORDER_FULFILLMENT_DATA: parcels of many orders in one XML document, and the report on them.

The feed and its report are of Amazon's older schemas (OrderFulfillment.xsd, ProcessingReport.xsd), as public clients
write and read them: Amazon's models do not have them.
"""

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from entrepot.model import Order, Package
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.jobs import Job
from entrepot_amazon_sp.simulator.orders import shipments
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid
from entrepot_amazon_sp.simulator.storage import Document

CONTENT_TYPE = "text/xml; charset=UTF-8"

Failure = tuple[str, str]
"""The id of a message, and what is wrong with it."""


def process_fulfillment(account: Account, feed: Job, document: Document) -> tuple[str, bytes | None, str]:
    """Status of the feed, its report, and the report's content type."""
    try:
        envelope = ET.fromstring(document.text())  # noqa: S314 - read by the parser of the machine whose client wrote it
    except (ET.ParseError, ValueError):
        return "FATAL", _report(feed, 0, [("0", "The document is no well-formed XML.")]), CONTENT_TYPE
    messages = envelope.findall("Message")
    if envelope.findtext("MessageType") != "OrderFulfillment" or not messages:
        return "FATAL", _report(feed, 0, [("0", "The document has no messages of OrderFulfillment.")]), CONTENT_TYPE
    failures = list(_fulfill_all(account, messages))
    return "DONE", _report(feed, len(messages), failures), CONTENT_TYPE


def _fulfill_all(account: Account, messages: list[ET.Element]) -> Iterator[Failure]:
    for message in messages:
        try:
            _fulfill(account, message)
        except AmazonRefusal as refusal:
            yield message.findtext("MessageID", "0"), refusal.details or refusal.message


def _fulfill(account: Account, message: ET.Element) -> None:
    """Without items, all that is left of the order is in the parcel."""
    number = message.findtext("OrderFulfillment/AmazonOrderID", "")
    order = account.market.orders.get(number)
    if order is None:
        raise invalid(f"Order {number} is not known.")
    shipments.confirm(account.market, order, _package(order, message))


def _package(order: Order, message: ET.Element) -> Package:
    data = "OrderFulfillment/FulfillmentData"
    carrier = message.findtext(f"{data}/CarrierCode") or message.findtext(f"{data}/CarrierName")
    if not carrier:
        raise invalid("FulfillmentData has CarrierCode or CarrierName.")
    items = message.findall("OrderFulfillment/Item")
    left = {line.external_id: line.unfinished for line in order.lines if line.unfinished}
    return Package(
        str(len(order.packages) + 1),
        carrier=carrier,
        tracking_number=message.findtext(f"{data}/ShipperTrackingNumber", ""),
        shipped_at=shipments.read_time(message.findtext("OrderFulfillment/FulfillmentDate", "")),
        lines=_units(items) if items else left,
    )


def _units(items: list[ET.Element]) -> Mapping[str, int]:
    units = {item.findtext("AmazonOrderItemCode", ""): item.findtext("Quantity", "") for item in items}
    if not all(quantity.isdecimal() for quantity in units.values()):
        raise invalid("Quantity is a number of units.")
    return {item: int(quantity) for item, quantity in units.items()}


def _report(feed: Job, processed: int, failures: list[Failure]) -> bytes:
    envelope = ET.Element("AmazonEnvelope")
    ET.SubElement(envelope, "MessageType").text = "ProcessingReport"
    report = ET.SubElement(ET.SubElement(envelope, "Message"), "ProcessingReport")
    ET.SubElement(report, "DocumentTransactionID").text = feed.id
    ET.SubElement(report, "StatusCode").text = "Complete"
    summary = ET.SubElement(report, "ProcessingSummary")
    failed = len(failures)
    counts = {"Processed": processed, "Successful": processed - failed, "WithError": failed, "WithWarning": 0}
    for name, count in counts.items():
        ET.SubElement(summary, f"Messages{name}").text = str(max(0, count))
    for message, text in failures:
        result = ET.SubElement(report, "Result")
        ET.SubElement(result, "MessageID").text = message
        ET.SubElement(result, "ResultCode").text = "Error"
        ET.SubElement(result, "ResultMessageCode").text = "18028"
        ET.SubElement(result, "ResultDescription").text = text
    return bytes(ET.tostring(envelope, encoding="UTF-8", xml_declaration=True))
