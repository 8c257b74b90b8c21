"""What the seller says of a parcel, by confirmShipment or by feed, and what it makes of the order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from entrepot.channel import Json
from entrepot.model import Fulfillment, Order, OrderLine, OrderStatus, Package
from entrepot.simulation import Market
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator import times
from entrepot_amazon_sp.simulator.refusals import invalid

SHIPPABLE = frozenset({OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED})
"""One that is shipped can be edited."""

TEXTS = ("packageReferenceId", "carrierCode", "trackingNumber", "shipDate")


def read_package(order: Order, body: Json) -> Package:
    """The body of confirmShipment. Raises AmazonRefusal."""
    detail = body.get("packageDetail") if isinstance(body, Mapping) else None
    if not isinstance(detail, Mapping) or not all(isinstance(detail.get(name), str) and detail[name] for name in TEXTS):
        raise invalid(f"packageDetail needs {', '.join(TEXTS)} and orderItems.")
    place = PLACES[order.marketplace]
    if body.get("marketplaceId") != place.id:
        raise invalid(f"marketplaceId is not the order's, {place.id}.")
    if "codCollectionMethod" in body and place.code != "JP":
        raise invalid("codCollectionMethod is for the store of Japan.")
    if detail["carrierCode"] == "Other" and not isinstance(detail.get("carrierName"), str):
        raise invalid("carrierName is required where carrierCode is Other.")
    reference = detail["packageReferenceId"]
    if not reference.isdecimal() or int(reference) == 0:
        raise invalid("packageReferenceId is a positive number.")
    return Package(
        reference,
        carrier=detail["carrierName"] if detail["carrierCode"] == "Other" else detail["carrierCode"],
        tracking_number=detail["trackingNumber"],
        shipped_at=read_time(detail["shipDate"]),
        lines=_units(detail.get("orderItems")),
    )


def read_time(text: str) -> datetime:
    try:
        return times.read(text)
    except ValueError:
        raise invalid(f"{text!r:.40} is no time in ISO 8601.") from None


def confirm(market: Market, order: Order, package: Package) -> None:
    """A package that bears the reference of an earlier one takes its place (a guess).

    Raises AmazonRefusal for units that are not there to be sent, and for an order that the seller does not send.
    """
    if order.fulfillment is not Fulfillment.MERCHANT or order.status not in SHIPPABLE:
        raise invalid(f"Order {order.external_id} is not the seller's to ship now.")
    earlier = next((each for each in order.packages if each.external_id == package.external_id), None)
    before = dict(earlier.lines) if earlier else {}
    if not package.lines:
        raise invalid(f"Nothing of order {order.external_id} is left to ship.")
    if package.lines.keys() - {line.external_id for line in order.lines}:
        raise invalid("orderItemId is not of this order.")
    lines = tuple(_sent(line, package, before.get(line.external_id, 0)) for line in order.lines)
    packages = [each for each in order.packages if each is not earlier]
    market.change(order.external_id, lines=lines, status=_status(lines), packages=(*packages, package))


def _sent(line: OrderLine, package: Package, before: int) -> OrderLine:
    units = package.lines.get(line.external_id, 0) - before
    if units > line.unfinished:
        raise invalid(f"Item {line.external_id} has {line.unfinished} units left to ship.")
    return evolve(line, shipped=line.shipped + units)


def _status(lines: tuple[OrderLine, ...]) -> OrderStatus:
    return OrderStatus.PARTIALLY_SHIPPED if any(line.unfinished for line in lines) else OrderStatus.SHIPPED


def _units(items: Any) -> Mapping[str, int]:
    try:
        units = {item["orderItemId"]: item["quantity"] for item in items}
    except (KeyError, TypeError):
        raise invalid("Each of orderItems has orderItemId and quantity.") from None
    if any(type(quantity) is not int or quantity < 1 for quantity in units.values()):
        raise invalid("quantity is a number of units.")
    return units
