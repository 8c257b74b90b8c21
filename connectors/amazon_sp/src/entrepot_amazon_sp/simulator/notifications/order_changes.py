"""ORDER_CHANGE: an order is new, has another status, other units of it are sent or cancelled, or a buyer asks for that.

That units are told with one status before and after is a guess; so is that new orders are.
"""

from functools import partial

from attrs import define

from entrepot.channel import Json
from entrepot.model import Order, OrderLine
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.types import ORDER_CHANGE
from entrepot_amazon_sp.simulator.orders.words_2026 import DELIVER_BY, SHIP_BY, promised_from
from entrepot_amazon_sp.simulator.orders.words_v0 import CHANNELS, old_status, old_type
from entrepot_amazon_sp.simulator.times import instant

BUYERS_WISH = "BuyerRequestedChange"
REASONS = {"OrderStatusChange": "Order Status Change", BUYERS_WISH: "Buyer Requested Cancel"}
"""By type. The first is a guess, the second that of Amazon's example."""


@define
class _Change:
    order: Order
    type: str
    level: str


class OrderChanges:
    def __init__(self, account: Account, courier: Courier) -> None:
        self._seller = account.seller
        self._courier = courier
        self._untold: dict[str, _Change] = {}

    def note(self, before: Order | None, order: Order) -> None:
        """A version of an order, and the one that it replaces. One that tells nothing new refines what is untold."""
        if not self._courier.is_awaited(ORDER_CHANGE):
            return
        if before is None or _progress(before) != _progress(order):
            change = _change(before, order)
            self._untold[order.external_id] = change
            self._courier.later(partial(self._tell, change))
        elif order.external_id in self._untold:
            self._untold[order.external_id].order = order

    def _tell(self, change: _Change) -> None:
        order, store = change.order, PLACES[change.order.marketplace].id
        if self._untold.get(order.external_id) is change:
            del self._untold[order.external_id]
        self._courier.tell(
            ORDER_CHANGE,
            order.external_id,
            order.changed_at,
            _body(change, self._seller),
            lambda subscription: subscription.filter.passes(store, change.type),
        )


def _progress(order: Order) -> object:
    return old_status(order), [(line.shipped, line.cancelled, line.cancel_request) for line in order.lines]


def _change(before: Order | None, order: Order) -> _Change:
    if before is None or old_status(before) != old_status(order):
        return _Change(order, "OrderStatusChange", "OrderLevel")
    asked = [line.cancel_request for line in before.lines] != [line.cancel_request for line in order.lines]
    return _Change(order, BUYERS_WISH if asked else "OrderStatusChange", "OrderItemLevel")


def _body(change: _Change, seller: str) -> Json:
    order = change.order
    told = {
        "NotificationLevel": change.level,
        "SellerId": seller,
        "AmazonOrderId": order.external_id,
        "OrderChangeType": change.type,
        "OrderChangeTrigger": {"TimeOfOrderChange": instant(order.changed_at), "ChangeReason": REASONS[change.type]},
        "Summary": _summary(order),
    }
    return {"OrderChangeNotification": told}


def _summary(order: Order) -> Json:
    """Without personal data: the postal code is required, and null."""
    start = promised_from(order)
    return {
        "MarketplaceId": PLACES[order.marketplace].id,
        "OrderStatus": old_status(order),
        "PurchaseDate": instant(order.placed_at),
        "DestinationPostalCode": None,
        "FulfillmentType": CHANNELS[order.fulfillment],
        "OrderType": old_type(order),
        "NumberOfItemsShipped": sum(line.shipped for line in order.lines),
        "NumberOfItemsUnshipped": sum(line.unfinished for line in order.lines),
        "EarliestDeliveryDate": instant(start + DELIVER_BY[0]),
        "LatestDeliveryDate": instant(start + DELIVER_BY[1]),
        "EarliestShipDate": instant(start),
        "LatestShipDate": instant(start + SHIP_BY),
        "OrderItems": [_item(line) for line in order.lines],
    }


def _item(line: OrderLine) -> Json:
    return {
        "OrderItemId": line.external_id,
        "SellerSKU": line.offer,
        "SupplySourceId": None,
        "OrderItemStatus": "Unshipped" if line.unfinished else "Shipped",
        "Quantity": line.ordered,
        "QuantityShipped": line.shipped,
        "IsBuyerRequestedCancel": line.cancel_request is not None,
    }
