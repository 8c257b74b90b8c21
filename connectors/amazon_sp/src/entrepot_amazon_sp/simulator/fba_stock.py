"""Units that lie with Amazon: of offers that it sends, as far as the market has them."""

from datetime import datetime
from itertools import islice

from attrs import define, frozen

from entrepot.model import Fulfillment, Order
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.catalog import fn_sku_of
from entrepot_amazon_sp.simulator.inventory import Inventory
from entrepot_amazon_sp.simulator.listings import Listing


@frozen
class Units:
    """`fulfillable` are for sale, `reserved` are ordered and not sent, `unsellable` came back damaged.

    Nothing is inbound or researched.
    """

    listing: Listing
    fulfillable: int
    reserved: int
    unsellable: int
    changed_at: datetime

    @property
    def total(self) -> int:
        return self.fulfillable + self.reserved + self.unsellable

    @property
    def fn_sku(self) -> str:
        return fn_sku_of(self.listing.sku)


@define
class _Movement:
    changed_at: datetime
    reserved: int = 0
    unsellable: int = 0


class FbaStock:
    """What moved is noted once: `note_order` for each new version of an order, the rest when it is asked for."""

    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._market = account.market
        self._inventory = inventory
        self._movements: dict[str, _Movement] = {}
        self._writes_read = 0
        self._returns_read = 0

    def units(self, places: list[Place]) -> list[Units]:
        """By SKU, of the listings that one of the stores has. One pool may show in several stores: do not add them."""
        self._read()
        found = []
        for view in self._inventory.views(places, self._inventory.sent_by_amazon()):
            listed = view.listing.changed_at
            moved = self._movements.get(view.listing.sku, _Movement(listed))
            at = max(listed, moved.changed_at)
            found.append(Units(view.listing, view.quantity, moved.reserved, moved.unsellable, at))
        return sorted(found, key=lambda units: units.listing.sku)

    def note_order(self, before: Order | None, after: Order) -> None:
        """The units that each line holds back, of orders that Amazon sends."""
        for order, sign in ((before, -1), (after, 1)):
            if order is not None and order.fulfillment is Fulfillment.CHANNEL:
                for line in order.lines:
                    self._moved(line.offer, after.changed_at).reserved += sign * order.open_units(line)

    def _read(self) -> None:
        """Quantities that were set, and what came back, since the last time."""
        writes, returns = self._market.stock.writes, self._market.happened.returns
        by_amazon = {*self._inventory.sent_by_amazon()}
        for write in islice(writes, self._writes_read, None):
            if write.offer in by_amazon:
                self._moved(write.offer, write.at)
        for back in islice(returns, self._returns_read, None):
            if self._market.orders[back.order].fulfillment is Fulfillment.CHANNEL:
                self._moved(back.offer, back.at).unsellable += 0 if back.sellable else back.units
        self._writes_read, self._returns_read = len(writes), len(returns)

    def _moved(self, offer: str, at: datetime) -> _Movement:
        moved = self._movements.setdefault(offer, _Movement(at))
        moved.changed_at = max(at, moved.changed_at)
        return moved
