"""Units that lie with Amazon: of offers that it sends, as far as the market has them."""

from collections.abc import Iterator
from datetime import datetime
from zlib import crc32

from attrs import define, frozen

from entrepot.model import Fulfillment, Order
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.inventory import Inventory
from entrepot_amazon_sp.simulator.listings import Listing


@frozen
class Units:
    """`fulfillable` are for sale, `reserved` are ordered and not sent. Nothing is inbound, damaged or researched."""

    listing: Listing
    fulfillable: int
    reserved: int
    changed_at: datetime

    @property
    def total(self) -> int:
        return self.fulfillable + self.reserved

    @property
    def fn_sku(self) -> str:
        return f"X00{crc32(self.listing.sku.encode()) % 10**7:07d}"


@define
class _Movement:
    reserved: int = 0
    changed_at: datetime | None = None

    def note(self, at: datetime, reserved: int) -> None:
        self.reserved += reserved
        self.changed_at = max(at, self.changed_at or at)


class FbaStock:
    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._market = account.market
        self._inventory = inventory

    def units(self, places: list[Place]) -> list[Units]:
        """By SKU, of the listings that one of the stores has. One pool may show in several stores: do not add them."""
        movements = self._movements()
        found = []
        for view in self._inventory.views(places):
            if view.listing.is_sent_by_amazon:
                moved = movements.get(view.listing.sku, _Movement())
                at = max(view.listing.changed_at, moved.changed_at or view.listing.changed_at)
                found.append(Units(view.listing, view.quantity, moved.reserved, at))
        return sorted(found, key=lambda units: units.listing.sku)

    def _movements(self) -> dict[str, _Movement]:
        movements: dict[str, _Movement] = {}
        for write in self._market.stock.writes:
            movements.setdefault(write.offer, _Movement()).note(write.at, 0)
        for order in self._market.orders.values():
            for offer, open_units in _lines(order):
                movements.setdefault(offer, _Movement()).note(order.changed_at, open_units)
        return movements


def _lines(order: Order) -> Iterator[tuple[str, int]]:
    """The units that each line holds back."""
    sent_by_amazon = order.fulfillment is Fulfillment.CHANNEL
    for line in order.lines:
        yield line.offer, line.unfinished if sent_by_amazon else 0
