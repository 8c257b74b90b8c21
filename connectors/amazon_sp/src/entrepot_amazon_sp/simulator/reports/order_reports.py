"""Further reports on orders than that by last update: unpaid ones of Japan, and those that wait for their parcel.

Columns from Amazon's pages on the attributes of order reports.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from entrepot.model import Fulfillment, Order, OrderLine, OrderStatus
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.catalog.facts import invented_title
from entrepot_amazon_sp.simulator.orders.people import word_buyer, word_recipient
from entrepot_amazon_sp.simulator.reports.data import Data, Row

PENDING_COLUMNS = "order-id order-item-id purchase-date sku product-name quantity-purchased payment-type"
UNSHIPPED_COLUMNS = (
    "order-id order-item-id purchase-date payments-date reporting-date promise-date days-past-promise buyer-email"
    " buyer-phone-number sku product-name quantity-purchased quantity-shipped quantity-to-ship ship-service-level"
    " recipient-name ship-address-1 ship-address-2 ship-address-3 ship-city ship-state ship-postal-code ship-country"
    " is-business-order purchase-order-number price-designation is-prime"
)

PROMISED = timedelta(days=2)
"""From the order to the parcel."""


def pending(data: Data) -> Iterator[Row]:
    """Japan has this report, and no other store."""
    for order in data.orders():
        if order.status is OrderStatus.PENDING and order.marketplace == "JP" and data.covers(order.placed_at):
            for line in order.lines:
                yield _line(order, line) | {"payment-type": "Other"}


def unshipped(data: Data) -> Iterator[Row]:
    """Of the merchant's own parcels. By the time of the order: Amazon goes by that of its payment."""
    waiting = {OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED}
    for order in data.orders():
        if order.status in waiting and order.fulfillment is Fulfillment.MERCHANT and data.covers(order.placed_at):
            lines = [line for line in order.lines if line.unfinished]
            yield from (_parcel(order, line, data.account.market.now()) for line in lines)


def _line(order: Order, line: OrderLine) -> Row:
    return {
        "order-id": order.external_id,
        "order-item-id": line.external_id,
        "purchase-date": _time(order.placed_at),
        "sku": line.offer,
        "product-name": line.title or invented_title(line.offer),
        "quantity-purchased": str(line.ordered - line.cancelled),
    }


def _parcel(order: Order, line: OrderLine, now: datetime) -> Row:
    promised = order.placed_at + PROMISED
    address = word_recipient(order)["deliveryAddress"]
    return {
        **_line(order, line),
        "payments-date": _time(order.placed_at),
        "reporting-date": _time(now),
        "promise-date": _time(promised),
        "days-past-promise": str((now - promised).days),
        "buyer-email": word_buyer(order)["buyerEmail"],
        "buyer-phone-number": address["phone"],
        "quantity-shipped": str(line.shipped),
        "quantity-to-ship": str(line.unfinished),
        "ship-service-level": "Standard",
        "recipient-name": address["name"],
        "ship-address-1": address["addressLine1"],
        "ship-city": address["city"],
        "ship-postal-code": address["postalCode"],
        "ship-country": PLACES[order.marketplace].country,
        "is-business-order": "false",
        "is-prime": "false",
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
