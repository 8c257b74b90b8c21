"""A channel's orders: as they are, as its lists show them a little later, and the log of their changes."""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from attrs import evolve, frozen

from entrepot.model import Order
from entrepot.simulation.markets.paging import Place

APART = 1000
"""Between the numbers of two changes: a channel's log holds other things, too."""


@frozen
class _Version:
    visible_at: datetime
    order: Order


class OrderBook:
    """`orders` by number, as they are now, in the sequence in which they were placed.

    A version that lists can show no more is forgotten. What is left of it is the time of the change.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.orders: dict[str, Order] = {}
        self._now = now
        self._unsettled: dict[str, list[_Version]] = {}  # the version on show, and those that are not yet
        self._settles: list[tuple[datetime, str]] = []  # a heap: when an order's newest version is on show
        self._changes: dict[str, tuple[datetime, ...]] = {}
        self._places: list[Place] = []  # ordered; with places that orders have left since
        self._left = 0
        self._revisions = count(APART, APART)
        self._log: list[tuple[int, str]] = []  # ordered
        self._hidden: dict[str, datetime] = {}

    def put(self, order: Order, lag: timedelta) -> Order:
        """A new version, on show `lag` after its change. Its `revision` becomes the number of this change."""
        self._settle()
        number = order.external_id
        revision = next(self._revisions)
        insort(self._log, (revision, number))
        order = evolve(order, revision=revision)
        self._show(order, order.changed_at + lag)
        self._changes[number] = (*self._changes.get(number, ()), order.changed_at)
        self._enter((order.changed_at, number))
        self.orders[number] = order
        self._tidy()
        return order

    def number_changes(self, first: int, apart: int) -> None:
        self._revisions = count(first, apart)

    def changes_of(self, number: str) -> list[datetime]:
        return list(self._changes[number])

    def hide(self, number: str, until: datetime) -> None:
        self._hidden[number] = until

    def unhide(self) -> None:
        self._hidden.clear()

    def behind(self, end: datetime, keep: Callable[[Order], bool], place: Place) -> Iterator[Order]:
        """What lists show behind a place, of changes before `end`, ordered by (changed_at, number)."""
        for index in range(bisect_right(self._places, place), len(self._places)):
            changed_at, number = self._places[index]
            if changed_at >= end:
                return
            order = self._shown(number)
            if order and order.changed_at == changed_at and keep(order):
                yield order

    def count(self, start: datetime, end: datetime) -> int:
        """Orders of the whole list."""
        return sum(1 for _ in self.behind(end, lambda _: True, (start, "")))

    def logged(self, after: int) -> Iterator[Order]:
        """Orders whose last change has a greater number, in that sequence."""
        for index in range(bisect_right(self._log, after, key=lambda change: change[0]), len(self._log)):
            revision, number = self._log[index]
            order = self._shown(number)
            if order and order.revision == revision:
                yield order

    def _show(self, order: Order, visible_at: datetime) -> None:
        """Not before the version that it replaces."""
        number = order.external_id
        known = self.orders.get(number)
        # One whose newest version was on show has that alone: it never leaves before its successor is.
        earlier = self._unsettled.get(number) or ([_Version(known.changed_at, known)] if known else [])
        visible_at = max([visible_at, *(version.visible_at for version in earlier[-1:])])
        self._unsettled[number] = [*earlier, _Version(visible_at, order)]
        heapq.heappush(self._settles, (visible_at, number))

    def _settle(self) -> None:
        now = self._now()
        while self._settles and self._settles[0][0] <= now:
            _, number = heapq.heappop(self._settles)
            versions = self._unsettled.get(number)
            if versions and versions[-1].visible_at <= now:
                del self._unsettled[number]

    def _enter(self, place: Place) -> None:
        self._left += place[1] in self.orders
        index = bisect_left(self._places, place)
        if self._places[index : index + 1] != [place]:
            self._places.insert(index, place)

    def _tidy(self) -> None:
        """Drop the places that orders have left, once they are the most."""
        if self._left * 2 > len(self._places):
            self._places = [place for place in self._places if self._is_taken(place)]
            self._left = 0

    def _is_taken(self, place: Place) -> bool:
        changed_at, number = place
        versions = self._unsettled.get(number, ())
        return self.orders[number].changed_at == changed_at or any(v.order.changed_at == changed_at for v in versions)

    def _shown(self, number: str) -> Order | None:
        now = self._now()
        if self._hidden.get(number, now) > now:
            return None
        versions = self._unsettled.get(number)
        if versions is None:
            return self.orders[number]
        index = bisect_right(versions, now, key=lambda version: version.visible_at)
        return versions[index - 1].order if index else None
