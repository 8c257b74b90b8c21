"""Orders into the store and the ledger, in one transaction with the page's cursor."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from attrs import evolve, field, frozen

from entrepot.channel import ChannelType
from entrepot.model import (
    UNTOLD,
    AccountId,
    Bundle,
    Event,
    EventName,
    Fulfillment,
    LocationId,
    Movement,
    Order,
    OrderLine,
    Sku,
    Target,
    business_date,
    keep_withheld,
)
from entrepot.stock.demand import Booked, Shelves, choose_targets, line_change, shipments
from entrepot.stock.ledger import shipment_time_uncertain
from entrepot.store import Tx
from entrepot.store.records import AccountRow, KnownOrder, LineRow, StreamKind
from entrepot.sync.announce import event
from entrepot.sync.composition import bundles_by_name
from entrepot.sync.description import time_zones
from entrepot.sync.order_problems import (
    end_reversal,
    end_unmapped,
    flawed_among,
    subject_of,
    tell_flaws,
    tell_reversal,
    tell_unmapped,
)
from entrepot.sync.records import Mapped, revision_of
from entrepot.sync.refusals import refuse
from entrepot.sync.uncertain import tell_late_orders, tell_uncertain


@frozen
class Source:
    """Where the records come from. `time_zones`: of each marketplace, by its id. `ahead`: the channel's clock."""

    account: AccountId
    channel: ChannelType
    time_zones: Mapping[str, str]
    ahead: timedelta = timedelta()

    @classmethod
    def of(cls, account: AccountRow, channel: ChannelType) -> "Source":
        return cls(account.id, channel, time_zones(account), timedelta(seconds=account.clock_offset))

    def dated(self, order: Order, now: datetime) -> Order:
        """With the latest time at which it can have changed, where the channel tells none."""
        return evolve(order, changed_at=now + self.ahead) if order.changed_at == UNTOLD else order


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


def take_in(tx: Tx, source: Source, records: Sequence[Mapped], now: datetime) -> set[Sku]:
    """Store a page of orders. Returns the articles whose positions changed.

    A record is news if its revision is greater, or equal with other content. What cannot be mapped becomes a dead
    letter.
    """
    for record in records:
        if record.value is None:
            refuse(tx, source.channel, source.account, "order", record, now)
    good = [record for record in records if record.value is not None]
    known = dict(tx.orders.known(source.account, [record.value.external_id for record in good]))
    news = [record for record in good if _is_news(source, record, known)]
    raw = [(record.value.external_id, record.content_hash, record.body) for record in news]
    tx.orders.save_raw(source.account, "order", raw, source.channel.mapper_version, now)
    intake = Intake.of(tx, source, [record.value for record in news], now)
    for record in news:
        _take_order(intake, record, known)
    return intake.settle()


def take_again(tx: Tx, source: Source, records: Sequence[Mapped], now: datetime) -> set[Sku]:
    """A version of each order from a record that is no news, but is read differently now. As `take_in` otherwise."""
    known = dict(tx.orders.known(source.account, [record.value.external_id for record in records]))
    intake = Intake.of(tx, source, [record.value for record in records], now)
    for record in records:
        _save_version(intake, record, known)
    return intake.settle()


def map_offer(tx: Tx, account: AccountId, offer: str, bundle: Bundle, source: Source, now: datetime) -> set[Sku]:
    """Map an offer; lines that waited for it take effect now. Returns the articles whose positions changed."""
    waiting = [tx.orders.load(account, order_id) for order_id in tx.orders.waiting_for(account, offer)]
    orders = [order for order in waiting if order is not None]
    tx.offers.map(account, offer, _as_version(tx, account, offer, bundle))
    intake = Intake.of(tx, source, orders, now)
    for order in orders:
        _take_lines(intake, order, order)
    end_unmapped(tx, account, offer, now)
    return set(bundle.parts) | intake.settle()


def _as_version(tx: Tx, account: AccountId, offer: str, bundle: Bundle) -> Bundle:
    """Before the offer was unmapped, the version may have been something else: then it becomes the next one."""
    last = tx.offers.last_version(account, offer)
    return bundle if last is None or bundle.version > last else evolve(bundle, version=last + 1)


def _is_news(source: Source, record: Mapped, known: Mapping[str, KnownOrder]) -> bool:
    stored = known.get(record.value.external_id)
    if stored is None:
        return True
    revision = revision_of(source.channel, record.value)
    return revision > stored.revision or (revision == stored.revision and record.content_hash != stored.content_hash)


def _take_order(intake: Intake, record: Mapped, known: dict[str, KnownOrder]) -> None:
    if _is_news(intake.source, record, known):  # the same page may have held a newer version
        _save_version(intake, record, known)


def _save_version(intake: Intake, record: Mapped, known: dict[str, KnownOrder]) -> None:
    tx, source, now = intake.tx, intake.source, intake.now
    order = source.dated(record.value, now)
    stored = known.get(order.external_id)
    before = None
    if order.external_id in intake.versions:
        intake.write_orders()  # the page holds both versions
    if stored:
        before = tx.orders.load(source.account, order.external_id)
        order = keep_withheld(order, before) if before else order
    version = KnownOrder(
        stored.version + 1 if stored else 1,
        revision_of(source.channel, order),
        record.content_hash,
        order.changed_at,
    )
    zone = source.time_zones.get(order.marketplace, "UTC")
    intake.versions[order.external_id] = (order, version, business_date(order.placed_at, zone))
    known[order.external_id] = version
    tell_flaws(tx, source.account, order, now, intake.flawed)
    place = _place(version, stored)
    changed = event(
        EventName.ORDER_CHANGED,
        source.account,
        subject_of(order),
        place,
        now,
        status=order.status,
        first=version.version == 1,
    )
    intake.events.append(changed)
    _take_lines(intake, order, before)


def _place(version: KnownOrder, before: KnownOrder | None) -> str:
    """What the channel said names the change, not our number of it: a restored store counts on from an older one."""
    said = f"{version.revision}:{version.content_hash[:16]}"
    same_revision = before is not None and before.revision == version.revision
    return f"{said}:{version.version}" if same_revision else said  # it may go back and forth


def _take_lines(intake: Intake, order: Order, before: Order | None) -> None:
    """`before` is the stored version; None where the order is new, and has no lines in the ledger."""
    rows = intake.tx.orders.lines(intake.account, order.external_id) if before else {}
    lines = {line.external_id: line for line in order.lines}  # a line that occurs twice is told as a flaw
    for line in lines.values():
        _take_line(intake, order, line, rows.get(line.external_id), before)
    for gone in sorted(rows.keys() - lines.keys()):
        _drop_line(intake, order, rows[gone])


def _take_line(intake: Intake, order: Order, line: OrderLine, row: LineRow | None, before: Order | None) -> None:
    account, still_open = intake.account, order.open_units(line)
    if row is None and order.fulfillment is Fulfillment.MERCHANT:
        # Our last write may lie between the order and its cancellation, so each counts at its own instant.
        intake.sales.append((line.offer, line.ordered, order.placed_at))
        _free(intake, order, line.offer, line.ordered - still_open - line.shipped)
    targets = _targets(intake, order, line, row)
    if targets is None:
        _wait_for_mapping(intake, order, line)
        return
    booked = Booked(row.open, row.booked) if row and row.mapped else Booked()
    change = line_change(order, line, booked)
    _free(intake, order, line.offer, -change.open_delta - change.shipped_delta)
    if change.reversed_by:
        tell_reversal(intake.tx, account, order, line, booked.shipped, intake.now)
    elif booked.shipped:
        end_reversal(intake.tx, account, order, line, intake.now)
    for target in targets:
        if not (row and row.mapped) and change.open_delta:
            intake.begun[target.sku, target.location].append(order)
        if change.open_delta:
            intake.reserved[target.sku, target.location] += change.open_delta * target.per_unit
        if change.shipped_delta:
            gone = shipments(account, order, line, target, before, booked, ahead=intake.source.ahead)
            intake.shipped[target.sku, target.location].extend(gone)
    after = LineRow(line.external_id, line.offer, still_open, booked.shipped + change.shipped_delta, mapped=True)
    intake.lines.append((order, line, after))


def _free(intake: Intake, order: Order, offer: str, units: int) -> None:
    """Units that were held back and will not be sent: the channel may have put them on show again."""
    if units > 0 and order.fulfillment is Fulfillment.MERCHANT:
        intake.freed.append((offer, units, order.changed_at))


def _targets(intake: Intake, order: Order, line: OrderLine, row: LineRow | None) -> tuple[Target, ...] | None:
    """Chosen at the first intake and never moved; None while the offer is unmapped."""
    if row and row.mapped:
        return intake.tx.orders.targets(intake.account, order.external_id, line.external_id)
    bundle = intake.bundles.get(line.offer)
    if bundle is None:
        return None
    units, shelves = line.ordered - line.cancelled, Shelves(intake.places, intake.free)
    targets = choose_targets(intake.account, order.fulfillment, bundle, units, shelves)
    for target in targets:
        if (target.sku, target.location) in intake.free:  # the next line of this page finds so many less
            intake.free[target.sku, target.location] -= units * target.per_unit
    intake.targets.append((order.external_id, line.external_id, targets))
    return targets


def _drop_line(intake: Intake, order: Order, row: LineRow) -> None:
    """A line that the newer document lacks holds nothing back any more; what was shipped stays shipped."""
    if row.mapped and row.open == 0:
        return
    _free(intake, order, row.offer, row.open)
    for target in intake.tx.orders.targets(intake.account, order.external_id, row.line_id):
        intake.reserved[target.sku, target.location] -= row.open * target.per_unit
    line = OrderLine(row.line_id, row.offer, ordered=row.booked)
    intake.lines.append((order, line, evolve(row, open=0)))


def _wait_for_mapping(intake: Intake, order: Order, line: OrderLine) -> None:
    """An unmapped offer never rejects an order: the line is an open item."""
    intake.lines.append((order, line, LineRow(line.external_id, line.offer, open=0, booked=0, mapped=False)))
    tell_unmapped(intake.tx, intake.account, line.offer, intake.now)
