"""FBA_INVENTORY_AVAILABILITY_CHANGES: how many units of an offer lie with Amazon, in all stores of the region."""

from datetime import datetime
from functools import partial

from entrepot.channel import Json
from entrepot.model import Order
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.fba.stock import FbaStock, Units
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.types import FBA_AVAILABILITY


class FbaChanges:
    """Changes within a second are told as one, with what is there at its end."""

    def __init__(self, account: Account, stock: FbaStock, courier: Courier) -> None:
        self._account = account
        self._stock = stock
        self._courier = courier
        self._untold: set[str] = set()

    def note(self, sku: str) -> None:
        """Its units are about to change."""
        if sku in self._untold or not self._courier.is_awaited(FBA_AVAILABILITY):
            return
        self._untold.add(sku)
        before, at = self._count(sku), self._account.market.now()
        self._courier.later(partial(self._tell, sku, before, at))

    def note_order(self, order: Order) -> None:
        """A version of it is about to come: what it holds back may change."""
        for line in order.lines:
            self.note(line.offer)

    def _count(self, sku: str) -> Units | None:
        return self._stock.units_of(sku, self._account.places)

    def _tell(self, sku: str, before: Units | None, at: datetime) -> None:
        self._untold.discard(sku)
        now = self._count(sku)
        if now is not None and (before is None or _amounts(before) != _amounts(now)):
            self._courier.tell(FBA_AVAILABILITY, sku, at, self._body(now))

    def _body(self, units: Units) -> Json:
        stores = [place.id for place in self._account.places if place.id in units.listing.stores]
        shown = {"ItemName": units.listing.title, "FulfillmentInventory": _inventory(units), "Stores": []}
        return {
            "SellerId": self._account.seller,
            "FNSKU": units.fn_sku,
            "ASIN": units.listing.asin,
            "SKU": units.listing.sku,
            "FulfillmentInventoryByMarketplace": [{"MarketplaceId": store} | shown for store in stores],
        }


def _amounts(units: Units) -> tuple[int, int, int]:
    return units.fulfillable, units.reserved, units.unsellable


def _inventory(units: Units) -> Json:
    reserved = {"WarehouseProcessing": 0, "WarehouseTransfer": 0, "PendingCustomerOrder": units.reserved}
    return {
        "InboundQuantityBreakdown": dict.fromkeys(("Working", "Shipped", "Receiving"), 0),
        "Fulfillable": units.fulfillable,
        "Unfulfillable": units.unsellable,
        "Researching": 0,
        "ReservedQuantityBreakdown": reserved,
        "FutureSupplyBuyable": 0,
        "PendingCustomerOrderInTransit": 0,
    }
