"""Units that lie with Amazon: of offers that it sends, as far as the market has them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from attrs import define, frozen

from entrepot.model import Fulfillment, Order
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.catalog.facts import fn_sku_of
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.listings.listing import Listing, View


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
    reserved: int = 0
    unsellable: int = 0
    changed_at: datetime | None = None

    def note(self, at: datetime, reserved: int) -> None:
        self.reserved += reserved
        self.changed_at = max(at, self.changed_at or at)


class FbaStock:
    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._market = account.market
        self._inventory = inventory
        self._movements: defaultdict[str, _Movement] = defaultdict(_Movement)
        self._returns_read = 0

    def units(self, places: Sequence[Place]) -> list[Units]:
        """By SKU, of the listings that one of the stores has. One pool may show in several stores: do not add them."""
        self._read_returns()
        views = self._inventory.views(places, self._inventory.sent_by_amazon())
        found = [_units(view, self._movements) for view in views]
        return sorted(filter(None, found), key=lambda units: units.listing.sku)

    def units_of(self, sku: str, places: Sequence[Place]) -> Units | None:
        """None unless Amazon sends it."""
        self._read_returns()
        view = self._inventory.view(sku, places)
        return None if view is None else _units(view, self._movements)

    def offer_changes(self, sku: str) -> None:
        self._movements[sku].note(self._market.now(), 0)

    def order_changed(self, before: Order | None, order: Order) -> None:
        for offer, open_units in _lines(before) if before else ():
            self._movements[offer].reserved -= open_units
        for offer, open_units in _lines(order):
            self._movements[offer].note(order.changed_at, open_units)

    def _read_returns(self) -> None:
        """What came back since the last time. The shelf announces it."""
        returns = self._market.happened.returns
        for back in islice(returns, self._returns_read, None):
            by_amazon = self._market.orders[back.order].fulfillment is Fulfillment.CHANNEL
            self._movements[back.offer].unsellable += back.units if by_amazon and not back.sellable else 0
        self._returns_read = len(returns)


def _units(view: View, movements: Mapping[str, _Movement]) -> Units | None:
    if not view.listing.is_sent_by_amazon:
        return None
    moved = movements.get(view.listing.sku, _Movement())
    at = max(view.listing.changed_at, moved.changed_at or view.listing.changed_at)
    return Units(view.listing, view.quantity, moved.reserved, moved.unsellable, at)


def _lines(order: Order) -> Iterator[tuple[str, int]]:
    """The units that each line holds back."""
    sent_by_amazon = order.fulfillment is Fulfillment.CHANNEL
    for line in order.lines:
        yield line.offer, order.open_units(line) if sent_by_amazon else 0
