"""What the rows of a report are made from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import frozen

from entrepot.model import Order
from entrepot_amazon_sp.places import BY_ID, PLACES, Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.fba.stock import FbaStock
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.orders.searches import END_OF_TIME, EVER

Row = dict[str, str]


@frozen
class Data:
    """What a report may tell of, of some stores and a time with both its ends."""

    account: Account
    inventory: Inventory
    stock: FbaStock
    stores: Sequence[str] = ()
    start: datetime = EVER
    end: datetime = END_OF_TIME

    @property
    def places(self) -> list[Place]:
        return [BY_ID[id_] for id_ in self.stores]

    def covers(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def orders(self) -> Iterator[Order]:
        """Of these stores, of any time."""
        orders = self.account.market.orders.values()
        return (order for order in orders if PLACES[order.marketplace].id in self.stores)
