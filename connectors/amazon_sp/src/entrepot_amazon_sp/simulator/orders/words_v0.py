"""An order of the market in the words of Orders API v0."""

from collections.abc import Collection, Mapping
from datetime import datetime

from entrepot.channel import Json
from entrepot.model import Cancellation, Fulfillment, Money, Order, OrderStatus, utc
from entrepot.simulation import PREORDER
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.authorization.resources import ADDRESS, BUYER
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, invented_title
from entrepot_amazon_sp.simulator.orders import money_words, people
from entrepot_amazon_sp.simulator.orders.statuses import status_word
from entrepot_amazon_sp.simulator.orders.words_2026 import DELIVER_BY, SHIP_BY, promised_from

CHANNELS: Mapping[Fulfillment, str] = {Fulfillment.MERCHANT: "MFN", Fulfillment.CHANNEL: "AFN"}

OLD_STATUSES: Mapping[str, str] = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
    "INVOICE_UNCONFIRMED": "InvoiceUnconfirmed",
}
"""From the words of Orders API 2026-01-01, in Amazon's guide for the migration."""

FLAGS = ("IsBusinessOrder", "IsPrime", "IsGlobalExpressEnabled", "IsPremiumOrder", "IsSoldByAB", "IsISPU")


def old_status(order: Order) -> str:
    word = status_word(order)
    return OLD_STATUSES.get(word, word)


def old_type(order: Order) -> str:
    return "Preorder" if PREORDER in order.programs else "StandardOrder"


def second(moment: datetime) -> str:
    """Whole seconds, as in most of Amazon's published cases."""
    return utc(moment).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def word_order(order: Order) -> Json:
    """One that is not paid has no price."""
    place = PLACES[order.marketplace]
    words = {
        "AmazonOrderId": order.external_id,
        "SellerOrderId": order.external_id,
        "PurchaseDate": second(order.placed_at),
        "LastUpdateDate": second(order.changed_at),
        "OrderStatus": old_status(order),
        "FulfillmentChannel": CHANNELS[order.fulfillment],
        "SalesChannel": place.domain.removeprefix("www.").capitalize(),
        "ShipServiceLevel": "Standard",
        "NumberOfItemsShipped": sum(line.shipped for line in order.lines),
        "NumberOfItemsUnshipped": sum(line.unfinished for line in order.lines),
        "PaymentMethod": "Other",
        "PaymentMethodDetails": ["Standard"],
        "IsReplacementOrder": False,
        "MarketplaceId": place.id,
        "ShipmentServiceLevelCategory": "Standard",
        "OrderType": old_type(order),
    }
    money = {"OrderTotal": _money(order.total)} if order.total else {}
    return words | dict.fromkeys(FLAGS, False) | money | _promises(order)


def _promises(order: Order) -> Json:
    """Of orders that the seller sends; the time of delivery is not told of those that are unpaid or cancelled."""
    if order.fulfillment is not Fulfillment.MERCHANT:
        return {}
    start = promised_from(order)
    words = {"EarliestShipDate": second(start), "LatestShipDate": second(start + SHIP_BY)}
    if order.status in {OrderStatus.PENDING, OrderStatus.CANCELLED}:
        return words
    dates = ("EarliestDeliveryDate", "LatestDeliveryDate")
    return words | {name: second(start + pause) for name, pause in zip(dates, DELIVER_BY, strict=True)}


def word_personal(order: Order, elements: Collection[str]) -> dict[str, Json]:
    """The data elements of the buyer and the address. Before payment neither is known; nobody buys for a business."""
    if order.status is OrderStatus.PENDING:
        return {}
    address = _renamed(people.word_recipient(order)["deliveryAddress"]) | {"AddressType": "Residential"}
    told = {BUYER: ("BuyerInfo", _renamed(people.word_buyer(order))), ADDRESS: ("ShippingAddress", address)}
    return {name: words for element, (name, words) in told.items() if element in elements}


def _renamed(words: Mapping[str, str]) -> Json:
    """From the names of the newer API."""
    return {name[:1].upper() + name[1:]: text for name, text in words.items()}


def word_items(order: Order) -> list[Json]:
    return [_item(order, number) for number in range(len(order.lines))]


def _item(order: Order, number: int) -> Json:
    line = order.lines[number]
    prices = {
        "ItemPrice": money_words.line_price(order, line),
        "ShippingPrice": order.shipping if number == 0 else None,
        "ItemTax": line.tax,
        "PromotionDiscount": line.discount or (line.gross and line.gross - line.gross),
    }
    words = {
        "ASIN": asin_of(line.offer),
        "SellerSKU": line.offer,
        "Title": line.title or invented_title(line.offer),
        "OrderItemId": line.external_id,
        "QuantityOrdered": line.ordered,
        "QuantityShipped": line.shipped,
        "ProductInfo": {"NumberOfItems": "1"},
        "IsGift": "false",
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
    }
    asked = {"BuyerRequestedCancel": _request(line.cancel_request)} if line.cancel_request else {}
    return words | asked | {name: _money(amount) for name, amount in prices.items() if amount is not None}


def _request(asked: Cancellation) -> Json:
    return {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": asked.reason}


def _money(money: Money) -> Json:
    return {"CurrencyCode": money.currency, "Amount": format(money.amount, "f")}
