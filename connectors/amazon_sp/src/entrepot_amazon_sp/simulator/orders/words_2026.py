"""An order of the market in the words of Orders API v2026-01-01."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from entrepot.channel import Json
from entrepot.model import Cancellation, Fulfillment, Order, OrderLine, Package, PackageStatus
from entrepot.simulation import BUYER, CHANNEL, MERCHANT
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.catalog.facts import asin_of
from entrepot_amazon_sp.simulator.orders import money_words, people
from entrepot_amazon_sp.simulator.orders.searches import FULFILLERS
from entrepot_amazon_sp.simulator.orders.statuses import status_word
from entrepot_amazon_sp.simulator.times import instant

FACILITATOR = {"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon.com, Inc."}
"""Who collects the tax where it comes on top."""

SHIP_BY, DELIVER_BY = timedelta(days=2), (timedelta(days=3), timedelta(days=6))
"""Promised to the buyer, from the order or the release on."""

PACKAGE_STATUSES = {PackageStatus.DELIVERED: {"status": "DELIVERED", "detailedStatus": "DELIVERED"}}

POINTS_STORE, POINTS_SHARE = "JP", 100
"""The only store with points, and how many yen bring one."""


def word_order(order: Order, included: frozenset[str]) -> Json:
    """With the data sets that were asked for and are granted. One that has nothing to say is left out."""
    place = PLACES[order.marketplace]
    words = {
        "orderId": order.external_id,
        "orderAliases": [{"aliasId": order.external_id, "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": instant(order.placed_at),
        "lastUpdatedTime": instant(order.changed_at),
        "programs": [program.upper() for program in order.programs],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": place.id,
            "marketplaceName": place.domain.removeprefix("www.").capitalize(),
        },
        "orderItems": [_word_item(order, number, included) for number in range(len(order.lines))],
    }
    return words | _chosen(ORDER_GROUPS, included, order)


def _word_item(order: Order, number: int, included: frozenset[str]) -> Json:
    line = order.lines[number]
    words = {
        "orderItemId": line.external_id,
        "quantityOrdered": line.ordered,
        "product": _product(order, line),
    }
    return words | _chosen(ITEM_GROUPS, included, order, number)


def _product(order: Order, line: OrderLine) -> Json:
    price = money_words.unit_price(order, line)
    words: Json = {
        "asin": asin_of(line.offer),
        "sellerSku": line.offer,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
    }
    return words | ({"title": line.title} if line.title else {}) | ({"price": {"unitPrice": price}} if price else {})


def _chosen(groups: Mapping[str, tuple[str, Callable[..., Json]]], included: frozenset[str], *about: Any) -> Json:
    said = {key: word(*about) for group, (key, word) in groups.items() if group in included}
    return {key: words for key, words in said.items() if words}


def _fulfillment(order: Order) -> Json:
    return {
        "fulfillmentStatus": status_word(order),
        "fulfilledBy": FULFILLERS[order.fulfillment],
        "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": _span(promised_from(order), promised_from(order) + SHIP_BY),
        "deliverByWindow": _span(*(promised_from(order) + pause for pause in DELIVER_BY)),
    }


def promised_from(order: Order) -> datetime:
    """When the time for sending it begins: with a release, if it waits for one."""
    return order.ship_by.earliest if order.ship_by and order.ship_by.earliest else order.placed_at


def _span(earliest: datetime, latest: datetime) -> Json:
    return {"earliestDateTime": instant(earliest), "latestDateTime": instant(latest)}


def _packages(order: Order) -> Json:
    return [_package(parcel) for parcel in order.packages] if order.fulfillment is Fulfillment.MERCHANT else []


def _package(parcel: Package) -> Json:
    words: Json = {
        "packageReferenceId": parcel.external_id,
        "packageStatus": PACKAGE_STATUSES.get(parcel.status, {"status": "SHIPPED"}),
        "packageItems": [{"orderItemId": line, "quantity": units} for line, units in parcel.lines.items()],
    }
    if parcel.shipped_at is not None:
        words |= {"createdTime": instant(parcel.shipped_at), "shipTime": instant(parcel.shipped_at)}
    told = {"carrier": parcel.carrier, "trackingNumber": parcel.tracking_number}
    return words | {key: text for key, text in told.items() if text}


def _payment(order: Order) -> Json:
    if order.total is None:
        return None
    paid = {"paymentMethod": "CreditCard", "paymentAmount": money_words.word_money(order.total)}
    return {"paymentExecutions": [paid]}


def _item_fulfillment(order: Order, number: int) -> Json:
    """What was cancelled is neither: that it still counts as ordered is a guess."""
    line = order.lines[number]
    return {"quantityFulfilled": line.shipped, "quantityUnfulfilled": line.unfinished}


def _cancellation(order: Order, number: int) -> Json:
    line = order.lines[number]
    asked, done = line.cancel_request, _execution(line)
    words = {"cancellationRequest": {"requester": "BUYER", "cancelReason": asked.reason}} if asked else {}
    if done:
        words["cancellationExecution"] = {"cancelledBy": CANCELLED_BY[done.by], "cancelReason": done.reason}
    return words


def _execution(line: OrderLine) -> Cancellation | None:
    """Where nobody said who cancelled it: the buyer before payment, the merchant afterwards."""
    if line.cancellation or not line.cancelled:
        return line.cancellation
    return Cancellation(BUYER, "Buyer cancelled") if line.gross is None else Cancellation(MERCHANT, "No inventory")


def _promotion(order: Order, number: int) -> Json:
    return {"breakdowns": [{"promotionId": "SIMULATED-COUPON"}]} if order.lines[number].discount else None


def _expense(order: Order, number: int) -> Json:
    gross = order.lines[number].gross
    if not gross or order.marketplace != POINTS_STORE:
        return None
    points = int(gross.amount) // POINTS_SHARE + 1
    value = {"amount": str(points), "currencyCode": gross.currency}
    return {"pointsCost": {"pointsGranted": {"pointsNumber": points, "pointsMonetaryValue": value}}}


def _item_tax(order: Order, number: int) -> Json:
    collected = order.marketplace in money_words.TAX_ON_TOP and order.lines[number].tax
    return {"taxCollections": [FACILITATOR]} if collected else None


CANCELLED_BY = {BUYER: "BUYER", MERCHANT: "MERCHANT", CHANNEL: "AMAZON"}

ORDER_GROUPS: Mapping[str, tuple[str, Callable[..., Json]]] = {
    "BUYER": ("buyer", people.word_buyer),
    "RECIPIENT": ("recipient", people.word_recipient),
    "PROCEEDS": ("proceeds", money_words.order_proceeds),
    "PAYMENT": ("payment", _payment),
    "FULFILLMENT": ("fulfillment", _fulfillment),
    "PACKAGES": ("packages", _packages),
}

ITEM_GROUPS: Mapping[str, tuple[str, Callable[..., Json]]] = {
    "PROCEEDS": ("proceeds", money_words.item_proceeds),
    "EXPENSE": ("expense", _expense),
    "PROMOTION": ("promotion", _promotion),
    "CANCELLATION": ("cancellation", _cancellation),
    "FULFILLMENT": ("fulfillment", _item_fulfillment),
    "TAX": ("tax", _item_tax),
}
