"""What one unit of work on orders looks up, and what it is to write."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from attrs import field, frozen

from entrepot.model import AccountId, Bundle, Event, LocationId, Movement, Order, OrderLine, Sku, Target
from entrepot.stock.ledger import shipment_time_uncertain
from entrepot.store import Tx
from entrepot.store.records import KnownOrder, LineRow, StreamKind
from entrepot.sync.composition import bundles_by_name
from entrepot.sync.order_problems import flawed_among
from entrepot.sync.source import Source
from entrepot.sync.uncertain import tell_late_orders, tell_uncertain


@frozen
class Intake:
    """One unit of work on orders: what its lines look up is read once, and what they change is gathered.

    Rows of one table are written one after the other, which SQLite does in half the time. `free`: see `Shelves`; empty
    where there is one place. `flawed`: subjects of orders whose flaws are told.
    """

    tx: Tx
    source: Source
    now: datetime
    bundles: Mapping[str, Bundle]
    places: Sequence[LocationId]
    free: dict[tuple[Sku, LocationId], int]
    flawed: set[str]
    reserved: Counter[tuple[Sku, LocationId]] = field(factory=Counter)
    shipped: defaultdict[tuple[Sku, LocationId], list[Movement]] = field(factory=lambda: defaultdict(list))
    begun: defaultdict[tuple[Sku, LocationId], list[Order]] = field(factory=lambda: defaultdict(list))
    sales: list[tuple[str, int, datetime]] = field(factory=list)
    freed: list[tuple[str, int, datetime]] = field(factory=list)
    events: list[Event] = field(factory=list)
    versions: dict[str, tuple[Order, KnownOrder, date]] = field(factory=dict)
    targets: list[tuple[str, str, tuple[Target, ...]]] = field(factory=list)
    lines: list[tuple[Order, OrderLine, LineRow]] = field(factory=list)

    @classmethod
    def of(cls, tx: Tx, source: Source, orders: Sequence[Order], now: datetime) -> "Intake":
        offers = sorted({line.offer for order in orders for line in order.lines})
        bundles = dict(tx.offers.bundles(source.account, offers))
        others = [offer for offer in offers if offer not in bundles]
        bundles |= bundles_by_name(tx, source.account, others)
        places = tx.accounts.locations()
        skus = {sku for bundle in bundles.values() for sku in bundle.parts} if len(places) > 1 else ()
        free = dict(tx.ledger.free(skus)) if skus else {}
        return cls(tx, source, now, bundles, places, free, flawed_among(tx, source.account, orders))

    @property
    def account(self) -> AccountId:
        return self.source.account

    def write_orders(self) -> None:
        """Write the orders gathered so far, so that they can be read."""
        for version in self.versions.values():
            self.tx.orders.save(self.account, *version, self.now)
        for chosen in self.targets:
            self.tx.orders.save_targets(self.account, *chosen)
        for order, line, row in self.lines:
            self.tx.orders.save_line(self.account, order, line, open_=row.open, booked=row.booked, mapped=row.mapped)
        self.versions.clear()
        self.targets.clear()
        self.lines.clear()

    def settle(self) -> set[Sku]:
        """Write everything. Returns the articles whose positions changed."""
        self.write_orders()
        self.tx.outbox.add(self.events)
        if self.tx.offers.sold(self.account, self.sales, self.now):
            self.tx.streams.wake(self.account, StreamKind.STOCK, self.now)
        if self.freed:
            self.tx.offers.freed(self.account, self.freed, self.now)
            for kind in (StreamKind.PUSH, StreamKind.STOCK):  # what may be too high is lowered, and looked at
                self.tx.streams.wake(self.account, kind, self.now)
        for (sku, location), units in self.reserved.items():
            self.tx.ledger.reserve(sku, location, units)
        for (sku, location), movements in self.shipped.items():
            for movement in movements:
                self.tx.ledger.book(movement, self.now)
            _, counted_at = self.tx.ledger.position(sku, location)
            if any(shipment_time_uncertain(movement, counted_at) for movement in movements):
                tell_uncertain(self.tx, sku, location, self.now)
        for (sku, location), orders in self.begun.items():
            tell_late_orders(self.tx, sku, location, orders, self.now)
        return {sku for sku, _ in self.reserved.keys() | self.shipped.keys()}
