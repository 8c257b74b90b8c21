"""A small market: buyers' orders, the quantities on show, and the truth about both.

What happened is in `orders`, `sales` and `stock.writes`. Judge a run by these, never by what a store says.
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, ClassVar

from attrs import evolve, frozen

from entrepot.model import Marketplace, Order, OrderLine, OrderStatus, Package
from entrepot.runtime import Clock, Rng
from entrepot.simulation.paging import Found, PageFault, Pager, Place
from entrepot.simulation.prices import charged, price
from entrepot.simulation.shelf import Shelf

APART = 1000
"""Between the numbers of two changes: a channel's log holds other things, too."""


class SoldOut(Exception):  # noqa: N818 - an event, not a mistake
    """The channel shows fewer units than the buyer wants."""


@frozen
class Sale:
    """Units of an offer that a buyer took. `shown` is the quantity that the buyer saw."""

    at: datetime
    order: str
    offer: str
    units: int
    shown: int


@frozen
class _Version:
    visible_at: datetime
    order: Order


class Market:
    """The channel's side of one account.

    Lists show a change after a lag of up to `settle_lag`, drawn once for each change; single orders are always current.
    The instants of an order are cut to `resolution`, the finest that the channel writes. `partial` is False where an
    order is sent or cancelled as a whole only, `unpaid` where it is not shown before it is paid.
    """

    # What is not public has two underscores: subclasses are written by others, and must not meet it by chance.

    resolution: ClassVar[timedelta] = timedelta.resolution
    partial: ClassVar[bool] = True
    unpaid: ClassVar[bool] = True

    def __init__(
        self,
        quantities: Mapping[str, int],
        clock: Clock,
        rng: Rng,
        *,
        settle_lag: timedelta = timedelta(),
        cursor_lifetime: timedelta | None = None,
    ) -> None:
        self.__clock = clock
        self.__rng = rng
        self.__settle_lag = settle_lag
        self.__pager = Pager(cursor_lifetime)
        self.__versions: dict[str, list[_Version]] = {}
        self.__changes: list[Place] = []  # ordered; with the places that orders have left since
        self.__hidden: dict[str, datetime] = {}
        self.__later: list[tuple[datetime, int, Callable[[], object]]] = []
        self.__numbers = count()
        self.__revisions = count(APART, APART)
        self.__instant: datetime | None = None
        self.__shelf = Shelf(quantities, self.now)
        self.__orders: dict[str, Order] = {}
        self.__sales: list[Sale] = []

    # Time

    def now(self) -> datetime:
        """The clock's time, or the instant of the deferred action that is running."""
        return self.__instant or self.__clock.now()

    def later(self, delay: timedelta, action: Callable[[], object]) -> None:
        """Let `action` take effect after `delay`: before anything that happens after that."""
        heapq.heappush(self.__later, (self.now() + delay, next(self.__numbers), action))

    def catch_up(self) -> None:
        """Run the deferred actions that are due, each at its own instant, and none in the midst of another."""
        if self.__instant is not None:
            return
        while self.__later and self.__later[0][0] <= self.now():
            self.__instant, _, action = heapq.heappop(self.__later)
            try:
                action()
            finally:
                self.__instant = None

    # Stock

    @property
    def stock(self) -> Shelf:
        """Offer to the quantity on show. Setting one is the merchant's write, recorded in `stock.writes`."""
        self.catch_up()
        return self.__shelf

    @stock.setter
    def stock(self, shelf: Shelf) -> None:
        self.__shelf = shelf  # what `stock |= quantities` assigns is the shelf itself

    # What was bought

    @property
    def orders(self) -> dict[str, Order]:
        """Number to order as it is now, in the sequence in which they were placed. Change them by the methods below."""
        return self.__orders

    @property
    def sales(self) -> list[Sale]:
        """Units that buyers took, oldest first; a cancellation takes none away."""
        return self.__sales

    # How the channel numbers things

    def order_number(self, marketplace: Marketplace, place: int) -> str:
        """The number of the market's order number `place`, counted from 1."""
        return f"{marketplace.id}-{place:06d}"

    def line_number(self, order: str, place: int) -> str:  # noqa: ARG002 - other channels' lines bear their order's
        return str(place)

    def number_changes(self, first: int, apart: int) -> None:
        """The numbers of changes from now on, for a channel with a log of them."""
        self.__revisions = count(first, apart)

    def parcel_number(self, order: str, place: int) -> str:
        return f"{order}/{place}"

    def unit_price(self, offer: str, marketplace: str) -> Decimal:  # noqa: ARG002 - others price by place
        """In major units, tax included."""
        return price(offer)

    # What buyers and the merchant do

    def place(self, units: Mapping[str, int], marketplace: Marketplace) -> Order:
        """A buyer orders, and pays at once where `unpaid` is False, else there are no prices yet.

        Takes the units off the shelf at once. Raises SoldOut.
        """
        for offer, wanted in units.items():
            if self.stock.get(offer, 0) < wanted:
                raise SoldOut(
                    f"{offer}: {wanted} wanted, {self.stock.get(offer, 0)} shown. Next: show more in `stock` first"
                )
        number = self.order_number(marketplace, len(self.orders) + 1)
        wishes = enumerate(units.items(), 1)
        lines = [OrderLine(self.line_number(number, place), offer, wanted) for place, (offer, wanted) in wishes]
        for line in lines:
            self.sales.append(Sale(self.now(), number, line.offer, line.ordered, self.stock[line.offer]))
            self.stock.move(line.offer, -line.ordered)
        at = self.__stamp()
        order = Order(number, marketplace.id, OrderStatus.PENDING, at, at, tuple(lines))
        if not self.unpaid:
            amounts = charged(order, marketplace.currency, Decimal(0), self.unit_price)
            order = evolve(order, status=OrderStatus.UNSHIPPED, **amounts)
        return self.put(order)

    def pay(self, number: str, currency: str, discount: Decimal = Decimal(0)) -> Order:
        """The prices become known. `discount` is a share of them, 0 to 1."""
        amounts = charged(self.orders[number], currency, discount, self.unit_price)
        return self.change(number, status=OrderStatus.UNSHIPPED, **amounts)

    def ship(self, number: str, units: Mapping[str, int] | None = None) -> Order:
        """The merchant sends `units` by line id, or all that is left, in one parcel. What is gone already stays so."""
        order = self.orders[number]
        left, wanted = _left(order), self.__units(order, units)
        sent = {line: min(count, left.get(line, 0)) for line, count in wanted.items()}
        if not any(sent.values()):
            return order
        name = self.parcel_number(number, len(order.packages) + 1)
        parcel = Package(name, shipped_at=self.__stamp(), lines=dict(sent))
        lines = tuple(evolve(line, shipped=line.shipped + sent.get(line.external_id, 0)) for line in order.lines)
        return self.change(number, lines=lines, status=_status(lines), packages=(*order.packages, parcel))

    def cancel(self, number: str, units: Mapping[str, int] | None = None) -> Order:
        """`units` by line id, or all that is left, will not be sent, and are for sale again."""
        order = self.orders[number]
        void = self.__units(order, units)
        lines = tuple(evolve(line, cancelled=line.cancelled + void.get(line.external_id, 0)) for line in order.lines)
        for line in order.lines:
            self.stock.move(line.offer, void.get(line.external_id, 0))
        status = order.status if any(line.unfinished for line in lines) else _status(lines)
        return self.change(number, lines=lines, status=status)

    def change(self, number: str, **changes: Any) -> Order:
        """Whatever else may change; without `changes` only the time of the last change does."""
        return self.put(evolve(self.orders[number], changed_at=self.__stamp(), **changes))

    def put(self, order: Order, *, late: timedelta = timedelta()) -> Order:
        """Show an order, or a new version of it, exactly as it is: no sale, no effect on stock.

        Its `revision` becomes the number of this change. Lists show it `late`, against all promises.
        """
        self.catch_up()
        order = evolve(order, revision=next(self.__revisions))
        versions = self.__versions.setdefault(order.external_id, [])
        lag = self.__rng.uniform(0, 1) * self.__settle_lag + late
        # At most the lag after the change, and not before the version that it replaces.
        visible_at = max([order.changed_at + lag, *(version.visible_at for version in versions[-1:])])
        versions.append(_Version(visible_at, order))
        place = (order.changed_at, order.external_id)
        index = bisect_left(self.__changes, place)
        if self.__changes[index : index + 1] != [place]:
            self.__changes.insert(index, place)
        self.orders[order.external_id] = order
        return order

    def __units(self, order: Order, units: Mapping[str, int] | None) -> Mapping[str, int]:
        if units is not None and not self.partial:
            message = f"{order.external_id} is sent or cancelled as a whole (`partial = False`). Next: name no units"
            raise ValueError(message)
        return _left(order) if units is None else units

    def __stamp(self) -> datetime:
        now = self.now()
        return now - (now - datetime.min.replace(tzinfo=UTC)) % self.resolution

    # What lists show

    def changed_between(
        self,
        start: datetime,
        end: datetime,
        after: str | None,
        size: int,
        keep: Callable[[Order], bool] = lambda _order: True,
    ) -> Found:
        """Orders whose last change that shows lies in [start, end), ordered by (changed_at, external id).

        Only those that pass `keep`. Raises CursorError for an `after` that is not a cursor of this list.
        """
        self.catch_up()
        shown = partial(self.__behind, end, keep)
        return self.__pager.page(shown, start=start, after=after, size=size, now=self.now())

    def changed_at_offset(self, start: datetime, end: datetime, skip: int, size: int) -> Found:
        """As `changed_between`, for a channel that pages by offset: `size` orders behind the first `skip` ones.

        Such a list moves under its reader, and has no empty page before its end.
        """
        found = self.changed_between(start, end, None, skip + size)
        while found.more and not found.orders:
            found = self.changed_between(start, end, found.cursor, skip + size)
        return evolve(found, orders=found.orders[skip:])

    def logged_after(self, number: int, size: int) -> Found:
        """For a channel with a log of changes: orders whose last change has a greater number, in that sequence.

        Each is told as it is now, with that number as its `revision`. The cursor is the number to go on from. Numbers
        have gaps, and lie in the sequence in which changes happen: `settle_lag` is zero.
        """
        self.catch_up()
        shown = [order for order in map(self.__shown, self.orders) if order and (order.revision or 0) > number]
        shown.sort(key=lambda order: order.revision or 0)
        return self.__pager.log(iter(shown), number, size, (datetime.min.replace(tzinfo=UTC), self.now()))

    def __behind(self, end: datetime, keep: Callable[[Order], bool], place: Place) -> Iterator[Order]:
        for changed_at, number in self.__changes[bisect_right(self.__changes, place) :]:
            if changed_at >= end:
                return
            order = self.__shown(number)
            if order and order.changed_at == changed_at and keep(order):
                yield order

    def script_pages(self, *faults: PageFault | None) -> None:
        """What the next pages do wrong, in turn; None for a proper one."""
        self.__pager.script(faults)

    @property
    def repeated(self) -> list[tuple[datetime, datetime]]:
        """Spans whose list was answered with the page of the time before, perhaps an end that came too early."""
        return self.__pager.repeated

    def calm(self) -> None:
        """From now on everything is answered properly, and nothing is hidden."""
        self.__pager.calm()
        self.__hidden.clear()

    def changes_of(self, number: str) -> list[datetime]:
        """When an order was placed and each time it changed."""
        return [version.order.changed_at for version in self.__versions[number]]

    def hide(self, number: str, span: timedelta) -> None:
        """Lists leave the order out for so long, against all promises."""
        self.__hidden[number] = self.now() + span

    def __shown(self, number: str) -> Order | None:
        now = self.now()
        if self.__hidden.get(number, now) > now:
            return None
        versions = self.__versions[number]
        index = bisect_right(versions, now, key=lambda version: version.visible_at)
        return versions[index - 1].order if index else None


def _left(order: Order) -> dict[str, int]:
    return {line.external_id: line.unfinished for line in order.lines if line.unfinished}


def _status(lines: Iterable[OrderLine]) -> OrderStatus:
    shipped = any(line.shipped for line in lines)
    if any(line.unfinished for line in lines):
        return OrderStatus.PARTIALLY_SHIPPED if shipped else OrderStatus.UNSHIPPED
    return OrderStatus.SHIPPED if shipped else OrderStatus.CANCELLED
