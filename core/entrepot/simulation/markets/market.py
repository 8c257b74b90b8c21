"""A small market: buyers' orders, the quantities on show, and the truth about both.

What happened is in `orders`, `happened` and `stock.writes`. Judge a run by these, never by what a store says.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from attrs import evolve

from entrepot.model import Cancellation, Fulfillment, Marketplace, Order, OrderLine, OrderStatus, Package
from entrepot.runtime import Clock, Rng
from entrepot.simulation.markets import order_changes
from entrepot.simulation.markets.agenda import Agenda
from entrepot.simulation.markets.habits import PLAIN, Habits
from entrepot.simulation.markets.happened import BUYER, Arrival, CancelRequest, CustomerReturn, Happened, Sale
from entrepot.simulation.markets.order_book import OrderBook
from entrepot.simulation.markets.paging import Found, PageFault, Pager
from entrepot.simulation.markets.prices import charged, price
from entrepot.simulation.markets.releases import Releases
from entrepot.simulation.markets.shelf import Shelf


class Market:
    """The channel's side of one account.

    Lists show a change after a lag of up to `settle_lag`, drawn once for each change; single orders are always current.
    The instants of an order are cut to `resolution`, the finest that the channel writes. `partial` is False where an
    order is sent or cancelled as a whole only, `unpaid` where it is not shown before it is paid; `priced_early`: it has
    its prices before that. Taxes are at one of `tax_rates`, in percent, where there are any. `awaiting` is the word for
    an order that waits for a release, `habits` are those of the buyers on a port and in hostile worlds.
    """

    # What is not public has two underscores: subclasses are written by others, and must not meet it by chance.

    resolution: ClassVar[timedelta] = timedelta.resolution
    partial: ClassVar[bool] = True
    unpaid: ClassVar[bool] = True
    priced_early: ClassVar[bool] = False
    tax_rates: ClassVar[Sequence[str]] = ()
    awaiting: ClassVar[str] = "awaiting_release"
    habits: ClassVar[Habits] = PLAIN

    def __init__(
        self,
        quantities: Mapping[str, int],
        clock: Clock,
        rng: Rng,
        *,
        settle_lag: timedelta = timedelta(),
        cursor_lifetime: timedelta | None = None,
    ) -> None:
        self.__rng = rng
        self.__settle_lag = settle_lag
        self.__pager = Pager(cursor_lifetime)
        self.__agenda = Agenda(clock)
        self.__shelf = Shelf(quantities, self.now)
        self.__book = OrderBook(self.now)
        self.__releases = Releases(self.awaiting)
        self.__happened = Happened()

    # Time

    def now(self) -> datetime:
        """The clock's time, or the instant of the deferred action that is running."""
        return self.__agenda.now()

    def later(self, delay: timedelta, action: Callable[[], object]) -> datetime:
        """Let `action` take effect after `delay`, before anything that happens after that. Returns when that is."""
        at = self.now() + delay
        self.__agenda.add(at, action)
        return at

    def catch_up(self) -> None:
        """Run the deferred actions that are due, each at its own instant, and none in the midst of another."""
        self.__agenda.catch_up()

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
        self.catch_up()
        return self.__book.orders

    @property
    def happened(self) -> Happened:
        """What buyers did that no order tells."""
        return self.__happened

    @property
    def sales(self) -> list[Sale]:
        """Units that buyers took, oldest first; a cancellation takes none away."""
        return self.__happened.sales

    # How the channel numbers things

    def order_number(self, marketplace: Marketplace, place: int) -> str:
        """The number of the market's order number `place`, counted from 1."""
        return f"{marketplace.id}-{place:06d}"

    def line_number(self, order: str, place: int) -> str:  # noqa: ARG002 - other channels' lines bear their order's
        return str(place)

    def number_changes(self, first: int, apart: int) -> None:
        """The numbers of changes from now on, for a channel with a log of them."""
        self.__book.number_changes(first, apart)

    def parcel_number(self, order: str, place: int) -> str:
        return f"{order}/{place}"

    def fulfillment_of(self, offer: str) -> Fulfillment:  # noqa: ARG002 - some channels send some offers themselves
        """Who sends what is ordered of it from now on."""
        return Fulfillment.MERCHANT

    def title_of(self, offer: str) -> str:  # noqa: ARG002 - as above
        """What a buyer reads of it, if the market knows."""
        return ""

    def unit_price(self, offer: str, marketplace: str) -> Decimal:  # noqa: ARG002 - others price by place
        """In major units, tax included."""
        return price(offer)

    # What buyers, the merchant and the channel do

    def sell_ahead(self, offer: str, span: timedelta) -> None:
        """The offer comes out after `span`. It can be ordered at once, and what is ordered waits for the release."""
        self.__releases.sell_ahead(offer, self.later(span, partial(self.__release, offer)))

    def place(self, units: Mapping[str, int], marketplace: Marketplace) -> Order:
        """A buyer orders, and takes the units off the shelf at once. Raises SoldOut, and ValueError for two senders.

        It is paid at once where `unpaid` is False; else it has no prices yet, but for `priced_early`.
        """
        self.stock.check(units)
        sender = order_changes.sender({offer: self.fulfillment_of(offer) for offer in units})
        number = self.order_number(marketplace, len(self.orders) + 1)
        wishes = enumerate(units.items(), 1)
        lines = [
            OrderLine(self.line_number(number, place), offer, wanted, title=self.title_of(offer))
            for place, (offer, wanted) in wishes
        ]
        for line in lines:
            self.sales.append(Sale(self.now(), number, line.offer, line.ordered, self.stock[line.offer]))
            self.stock.move(line.offer, -line.ordered)
        at = self.__stamp()
        status = OrderStatus.PENDING if self.unpaid else OrderStatus.UNSHIPPED
        order = Order(number, marketplace.id, status, at, at, tuple(lines), fulfillment=sender)
        if self.priced_early or not self.unpaid:
            order = evolve(order, **charged(order, marketplace.currency, Decimal(0), self.unit_price, self.tax_rates))
        return self.put(self.__releases.judged(order))

    def pay(self, number: str, currency: str, discount: Decimal = Decimal(0)) -> Order:
        """The prices become known. `discount` is a share of them, 0 to 1."""
        amounts = charged(self.orders[number], currency, discount, self.unit_price, self.tax_rates)
        return self.change(number, status=OrderStatus.UNSHIPPED, **amounts)

    def ship(self, number: str, units: Mapping[str, int] | None = None) -> Order:
        """`units` by line id, or all that is left, are sent in one parcel. What is gone already stays so."""
        order = self.orders[number]
        left, wanted = order_changes.left(order), order_changes.chosen(order, units, partial=self.partial)
        sent = {line: min(count, left.get(line, 0)) for line, count in wanted.items()}
        if not any(sent.values()):
            return order
        name = self.parcel_number(number, len(order.packages) + 1)
        return self.change(number, **order_changes.sent(order, Package(name, shipped_at=self.__stamp(), lines=sent)))

    def deliver(self, number: str) -> Order:
        """All parcels of the order that are on their way are at the buyer's."""
        order = self.orders[number]
        arrived = order_changes.on_the_way(order)
        self.happened.arrivals.extend(Arrival(self.now(), number, parcel.external_id) for parcel in arrived)
        return self.change(number, **order_changes.delivered(order)) if arrived else order

    def ask_to_cancel(self, number: str, reason: str = "") -> Order:
        """The buyer does not want any more what was not sent yet. To cancel it is the merchant's to do, or not."""
        order = self.orders[number]
        if not order_changes.left(order):
            return order
        self.happened.cancel_requests.append(CancelRequest(self.now(), number, reason))
        return self.change(number, **order_changes.unwanted(order, Cancellation(BUYER, reason)))

    def cancel(self, number: str, units: Mapping[str, int] | None = None, why: Cancellation | None = None) -> Order:
        """`units` by line id, or all that is left, will not be sent, and are for sale again."""
        order = self.orders[number]
        void = order_changes.chosen(order, units, partial=self.partial)
        self.__put_back(order, void)
        return self.change(number, **order_changes.voided(order, void, why))

    def give_up(self, number: str) -> Order:
        """The channel cannot send an order that it was to send; what is left is for sale again. Raises ValueError."""
        order = self.orders[number]
        unsent = order_changes.given_up(order)
        self.__put_back(order, order_changes.left(order))
        return self.change(number, **unsent)

    def take_back(self, number: str, units: Mapping[str, int], reason: str = "", *, sellable: bool = True) -> None:
        """The buyer sends `units` by line id back. The order stays as it is.

        Where the channel keeps the goods, sellable ones are for sale again at once. Raises ValueError for units that
        were not sent, or are back already.
        """
        order, now = self.orders[number], self.now()
        for line in order.lines:
            if back := units.get(line.external_id, 0):
                self.stock.announce(line.offer)
                told = CustomerReturn(now, number, line.external_id, line.offer, back, reason, sellable)
                self.happened.note_return(told, sent=line.shipped)
                kept = order.fulfillment is self.fulfillment_of(line.offer) is Fulfillment.CHANNEL
                self.stock.move(line.offer, back if sellable and kept else 0)

    def change(self, number: str, **changes: Any) -> Order:
        """Whatever else may change; without `changes` only the time of the last change does."""
        return self.put(evolve(self.orders[number], changed_at=self.__stamp(), **changes))

    def put(self, order: Order, *, late: timedelta = timedelta()) -> Order:
        """Show an order, or a new version of it, exactly as it is: no sale, no effect on stock.

        Its `revision` becomes the number of this change. Lists show it `late`, against all promises.
        """
        self.catch_up()
        return self.__book.put(order, self.__rng.uniform(0, 1) * self.__settle_lag + late)

    def __release(self, offer: str) -> None:
        for number in self.__releases.release(offer):
            if self.orders[number].status is OrderStatus.PENDING:
                self.change(number, status_text="")

    def __put_back(self, order: Order, units: Mapping[str, int]) -> None:
        for line in order.lines:
            if self.fulfillment_of(line.offer) is order.fulfillment:  # else its shelf is no more
                self.stock.move(line.offer, units.get(line.external_id, 0))

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
        shown = partial(self.__book.behind, end, keep)
        return self.__pager.page(shown, start=start, after=after, size=size, now=self.now())

    def changed_at_offset(self, start: datetime, end: datetime, skip: int, size: int) -> Found:
        """As `changed_between`, for a channel that pages by offset: `size` orders behind the first `skip` ones.

        Such a list moves under its reader, tells its `total`, and has no empty page before its end.
        """
        found = self.changed_between(start, end, None, skip + size)
        while found.more and not found.orders:
            found = self.changed_between(start, end, found.cursor, skip + size)
        return evolve(found, orders=found.orders[skip:], total=self.__book.count(start, end))

    def logged_after(self, number: int, size: int) -> Found:
        """For a channel with a log of changes: orders whose last change has a greater number, in that sequence.

        Each is told as it is now, with that number as its `revision`. The cursor is the number to go on from. Numbers
        have gaps, and lie in the sequence in which changes happen: `settle_lag` is zero.
        """
        self.catch_up()
        span = (datetime.min.replace(tzinfo=UTC), self.now())
        return self.__pager.log(self.__book.logged(number), number, size, span)

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
        self.__book.unhide()

    def changes_of(self, number: str) -> list[datetime]:
        """When an order was placed and each time it changed."""
        return self.__book.changes_of(number)

    def hide(self, number: str, span: timedelta) -> None:
        """Lists leave the order out for so long, against all promises."""
        self.__book.hide(number, self.now() + span)
