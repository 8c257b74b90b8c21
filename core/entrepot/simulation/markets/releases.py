"""Offers that come out later, and the orders that wait for them."""

from datetime import datetime

from attrs import define, evolve, field

from entrepot.model import Order, TimeRange

PREORDER = "preorder"
"""In `Order.programs` of one that was placed before the release of an offer."""


@define
class _Release:
    at: datetime
    orders: list[str] = field(factory=list)


class Releases:
    """`awaiting` is the word for an order that waits, its `status_text`."""

    def __init__(self, awaiting: str) -> None:
        self._awaiting = awaiting
        self._ahead: dict[str, _Release] = {}

    def sell_ahead(self, offer: str, at: datetime) -> None:
        self._ahead[offer] = _Release(at)

    def judged(self, order: Order) -> Order:
        """A new order, waiting where one of its offers is not out yet: for the last of them."""
        ahead = [self._ahead[line.offer] for line in order.lines if line.offer in self._ahead]
        if not ahead:
            return order
        last = max(ahead, key=lambda release: release.at)
        last.orders.append(order.external_id)
        return evolve(order, status_text=self._awaiting, programs=(PREORDER,), ship_by=TimeRange(last.at))

    def release(self, offer: str) -> list[str]:
        """The offer comes out. Returns the orders that waited for it."""
        return self._ahead.pop(offer).orders
