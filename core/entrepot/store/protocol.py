"""What any store must do, a shelf for each layer of the flow.

tests/store holds the contract that every implementation passes.

All methods of a transaction are plain and synchronous: a unit of work is one function given to `Store.write`, never a
transaction held across an await.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from entrepot.model import (
    AccountId,
    Bundle,
    Count,
    CountMeaning,
    Event,
    EventName,
    Fulfillment,
    LocationId,
    Movement,
    Order,
    OrderLine,
    Position,
    Problem,
    ProblemKind,
    Publish,
    Sku,
    Target,
)
from entrepot.stock.mass_change import Figures
from entrepot.stock.sheet import Refusal, ToldCount
from entrepot.store.records import (
    AccountRow,
    Attempt,
    AttemptItem,
    BreakerRow,
    BucketRow,
    CallCount,
    DaemonRow,
    DeadLetter,
    Excess,
    Followed,
    ImportState,
    KnownOrder,
    LineRow,
    OfferRow,
    OutboxRow,
    ParkedDelivery,
    RawRecord,
    SealedRow,
    StagedCount,
    StockImport,
    StreamAhead,
    StreamKind,
    StreamRow,
    Suspect,
    WaitingRow,
    Weighed,
    Withheld,
)

T = TypeVar("T")


class Accounts(Protocol):
    """Accounts and the catalog."""

    def save(self, account: AccountRow) -> None: ...

    def detach_others(self, configured: Iterable[AccountId], now: datetime) -> None:
        """Whatever is not among them has left plugins.toml, if it had not before."""
        ...

    def find(self, account: AccountId) -> AccountRow | None: ...

    def all(self) -> list[AccountRow]: ...

    def park(self, account: AccountId, now: datetime) -> bool:
        """The channel refuses our credentials. False where it was parked already."""
        ...

    def resume(self, account: AccountId) -> bool:
        """Its credentials are good again. False where it was not parked."""
        ...

    def pause(self, account: AccountId, now: datetime) -> bool:
        """A person wants no call for it. False where it was paused already."""
        ...

    def end_pause(self, account: AccountId) -> bool:
        """False where it was not paused."""
        ...

    def set_clock_offset(self, account: AccountId, seconds: float) -> None: ...

    def describe(self, account: AccountId, description: str) -> None: ...

    def withhold(self, account: AccountId, withheld: Withheld) -> None:
        """Which data sets of its orders the channel refuses."""
        ...

    def save_articles(self, articles: Iterable[tuple[Sku, str, str]]) -> None: ...

    def articles(self) -> list[tuple[Sku, str, str]]: ...

    def save_locations(self, own: Sequence[LocationId]) -> None:
        """The merchant's own, in the order in which orders are taken from them."""
        ...

    def locations(self) -> tuple[LocationId, ...]:
        """As they were saved; before that, the default one."""
        ...

    def known_articles(self, skus: Iterable[str]) -> Mapping[Sku, str]:
        """Those of them that the catalog has, each with its group."""
        ...


class Streams(Protocol):
    """Streams: claimed for one page of work, fenced by their epoch."""

    def ensure(
        self, account: AccountId, kind: StreamKind, due: datetime, *, scope: str = "", watermark: datetime | None = None
    ) -> None: ...

    def ahead(self, accounts: Sequence[AccountId]) -> list[StreamAhead]:
        """When each stream of these accounts can be claimed next, the most urgent kinds first.

        Detached and paused accounts are left out; of a parked one only its health.
        """
        ...

    def claim(self, stream: int, owner: str, now: datetime, until: datetime) -> StreamRow | None: ...

    def find(self, stream: int) -> StreamRow: ...

    def of_scope(self, kind: StreamKind, scope: str) -> StreamRow:
        """The merchant's own stream of that name, which belongs to no account."""
        ...

    def of_account(self, account: AccountId) -> list[StreamRow]: ...

    def all(self) -> list[StreamRow]: ...

    def assert_epoch(self, stream: StreamRow) -> None:
        """Raises LeaseLost where another daemon has claimed the stream since."""
        ...

    def hold(self, stream: StreamRow) -> None:
        """Write the stream's window and go on holding it. Raises LeaseLost."""
        ...

    def release(self, stream: StreamRow) -> None:
        """Write the stream's progress and let go. Raises LeaseLost, so that everything with it is rolled back."""
        ...

    def read_again(self, account: AccountId, start: datetime, end: datetime, now: datetime) -> None:
        """Have the repair read a span of channel time, from its start and beside what it is reading.

        Whoever is reading now loses the lease: the page comes again.
        """
        ...

    def sweep_stock(self, account: AccountId, at: datetime) -> None:
        """Have every quantity of an account read back from `at` on, however lately it was."""
        ...

    def wake(self, account: AccountId, kind: StreamKind, at: datetime) -> None:
        """Make due at `at` what would come due later."""
        ...

    def orders_known_until(self, account: AccountId) -> datetime | None:
        """Channel time up to which every change of the account's orders is stored, over all its scopes."""
        ...


class Orders(Protocol):
    """Orders in versions, their lines and targets, raw records and dead letters."""

    def known(self, account: AccountId, ids: Iterable[str]) -> Mapping[str, KnownOrder]: ...

    def save(self, account: AccountId, order: Order, known: KnownOrder, business_date: date, now: datetime) -> None:
        """Store a version and make it the present one."""
        ...

    def load(self, account: AccountId, external_id: str) -> Order | None: ...

    def versions(self, account: AccountId, external_id: str) -> list[tuple[datetime, Order]]:
        """When each version was stored, oldest first."""
        ...

    def lines(self, account: AccountId, order_id: str) -> Mapping[str, LineRow]: ...

    def save_line(
        self, account: AccountId, order: Order, line: OrderLine, *, open_: int, booked: int, mapped: bool
    ) -> None: ...

    def save_targets(self, account: AccountId, order_id: str, line_id: str, targets: Iterable[Target]) -> None: ...

    def targets(self, account: AccountId, order_id: str, line_id: str) -> tuple[Target, ...]: ...

    def waiting_for(self, account: AccountId, offer: str) -> list[str]:
        """Ids of the orders with an open item of an unmapped offer."""
        ...

    def unmapped_offers(self) -> list[tuple[AccountId, str, int]]:
        """Account, offer, and how many orders wait for it."""
        ...

    def has_offer(self, account: AccountId, offer: str) -> bool:
        """Was it ever ordered?"""
        ...

    def open_units(self, account: AccountId, offer: str) -> int:
        """Units of an offer that are ordered, and neither shipped nor cancelled."""
        ...

    def cancelled_after(self, account: AccountId, offer: str, after: datetime) -> list[str]:
        """Orders of an offer with units that will not be sent, last changed after `after` (channel time)."""
        ...

    def sold(self, account: AccountId, offer: str, after: datetime, until: datetime) -> int:
        """Units ordered through an offer in a span of channel time, cancelled ones included."""
        ...

    def save_raw(
        self,
        account: AccountId,
        kind: str,
        records: Iterable[tuple[str, str, bytes]],
        mapper_version: str,
        now: datetime,
    ) -> None:
        """Keep records as sent: (external id, content hash, body). A body that is kept already is not kept twice."""
        ...

    def present_raw(self, account: AccountId, kind: str, after: int, limit: int) -> list[RawRecord]:
        """Kept records behind a place, in order: those that orders' present versions were made of."""
        ...

    def purge_raw(self, before: datetime, limit: int) -> int:
        """Forget up to so many records that were received before an instant, the oldest first. Returns how many."""
        ...

    def save_dead_letter(self, letter: DeadLetter, now: datetime) -> None: ...

    def dead_letters(self) -> list[DeadLetter]: ...

    def bury(self, letter: DeadLetter) -> None: ...

    def find(
        self, *, account: AccountId | None = None, open_only: bool = False, sku: Sku | None = None, limit: int = 50
    ) -> list[tuple[AccountId, Order]]:
        """Newest orders first."""
        ...

    def accounts_with(self, external_id: str) -> list[AccountId]: ...

    def placed_by_day(self, account: AccountId, since: datetime) -> Mapping[tuple[str, date], int]:
        """Orders placed since an instant, by marketplace and the business date there."""
        ...

    def counts(self) -> list[tuple[AccountId, int, datetime]]:
        """Account, orders stored, and the newest change among them."""
        ...


class Ledger(Protocol):
    """Movements, counts, and the positions that they add up to.

    All of it takes an import as counted from the moment in which it was applied, before its positions have followed.
    """

    def book(self, movement: Movement, now: datetime) -> bool:
        """False where a movement of this reference is booked already; then nothing changes."""
        ...

    def count(self, count: Count, now: datetime) -> bool:
        """False where a count of this reference is recorded already."""
        ...

    def reserve(self, sku: Sku, location: LocationId, units: int) -> None:
        """Change the open demand by `units`; the position need not exist yet."""
        ...

    def position(self, sku: Sku, location: LocationId) -> tuple[Position, datetime | None]:
        """The position and the instant of the count that it starts from."""
        ...

    def available(self, skus: Iterable[Sku]) -> Mapping[Sku, int | None]:
        """On hand - reserved where the merchant holds the goods; None where nothing says how many there are."""
        ...

    def free(self, skus: Iterable[Sku]) -> Mapping[tuple[Sku, LocationId], int]:
        """The same at each location, where a count or a receipt says how many units there are."""
        ...

    def articles_elsewhere(self, known: Collection[LocationId]) -> Mapping[LocationId, int]:
        """How many articles have units, open orders or a held count where the merchant has them and none is known."""
        ...

    def positions(self, sku: Sku | None = None) -> list[Position]: ...

    def open_at(self, sku: Sku, location: LocationId, at: datetime) -> int:
        """Units of orders placed by then that were neither shipped by then nor cancelled since."""
        ...

    def movements(self, sku: Sku | None = None) -> list[Movement]:
        """In the order of recording."""
        ...

    def around_count(self, sku: Sku, location: LocationId) -> list[Movement]:
        """Movements in effect of which nobody knows whether they happened before the last count or after it."""
        ...

    def available_counted_at(self, sku: Sku, location: LocationId) -> datetime | None:
        """The instant of the count that the position starts from, where it counted what is available."""
        ...

    def counts(self, sku: Sku | None = None) -> list[tuple[Count, int]]:
        """Counts with the physical units they stand for, in the order of recording."""
        ...

    def wrong_positions(self) -> list[str]:
        """Positions whose reserved units are not the sum of the open lines.

        Empty, unless there is a defect in Entrepot.
        """
        ...


class Imports(Protocol):
    """Counts of many articles at once: staged in pieces, valid from one moment, followed in pieces."""

    def begin(self, source: str, file: str, reference: str, meaning: CountMeaning, now: datetime) -> int:
        """A new import, whose lines are staged. Returns its id."""
        ...

    def give_up(self, reference: str, before: datetime) -> None:
        """Discard what is being staged: of this content, and all that has not gone on since `before`."""
        ...

    def find(self, import_: int) -> StockImport | None: ...

    def of_reference(self, reference: str) -> StockImport | None:
        """The latest one of this content that is held or was applied."""
        ...

    def decided(self, reference: str) -> StockImport | None:
        """The latest one of this content that is held, was applied, or was discarded by a person."""
        ...

    def all(self, limit: int = 50) -> list[StockImport]:
        """Newest first."""
        ...

    def known_positions(self, locations: Collection[LocationId]) -> int:
        """Positions there of which a count or a receipt says how many units there are."""
        ...

    def weigh(self, counts: Sequence[ToldCount], reference: str, meaning: CountMeaning) -> list[Weighed]:
        """Each count beside its position, in the same order."""
        ...

    def stage(self, import_: int, counts: Iterable[StagedCount], refusals: Iterable[Refusal], now: datetime) -> bool:
        """Write some lines. False where the import was given up meanwhile; then nothing is written."""
        ...

    def refusals(self, import_: int, limit: int | None = None) -> list[Refusal]:
        """In the order of the lines."""
        ...

    def move(
        self, import_: int, out_of: ImportState, into: ImportState, now: datetime, figures: Figures | None = None
    ) -> bool:
        """Change its state; applied, its lines are valid. False where it was in another state."""
        ...

    def unfinished(self) -> bool:
        """Are there lines to follow, or to sweep?"""
        ...

    def fold(self, limit: int, now: datetime) -> list[Followed] | None:
        """Bring up to so many positions in line with the earliest applied import. None without one, [] once it is done.

        What changed by it waits in `take_changed`, which must be empty before.
        """
        ...

    def take_changed(self, limit: int) -> list[Sku]:
        """Some articles whose positions an import has changed, each once: their wishes are the caller's now."""
        ...

    def sweep(self, limit: int) -> int:
        """Forget up to so many lines of discarded imports. Returns how many."""
        ...


class Offers(Protocol):
    """Offers with what is wished, sent, believed and proved, and the attempts that sent it."""

    def find(self, account: AccountId, offer: str) -> OfferRow | None: ...

    def all(self, account: AccountId | None = None) -> list[OfferRow]: ...

    def unequal(self) -> Mapping[AccountId, int]:
        """How many offers that the merchant fulfills show another number than ours, by account; none are left out."""
        ...

    def see(self, account: AccountId, offer: str, fulfillment: Fulfillment, quantity: int, at: datetime) -> None:
        """Note an offer that a channel shows; what is known of it already stays."""
        ...

    def map(self, account: AccountId, offer: str, bundle: Bundle) -> None:
        """From now on one unit of the offer takes these articles."""
        ...

    def last_version(self, account: AccountId, offer: str) -> int | None:
        """Of its compositions, also where it is made of nothing at present."""
        ...

    def unmap(self, offer: OfferRow, at: datetime) -> None:
        """It is made of nothing from now on, and nothing is wished of it."""
        ...

    def forget(self, offer: OfferRow) -> None: ...

    def bundle(self, account: AccountId, offer: str, version: int) -> Bundle: ...

    def bundles(self, account: AccountId, offers: Iterable[str]) -> Mapping[str, Bundle]:
        """The present bundles of those offers that are mapped."""
        ...

    def of_skus(self, skus: Iterable[Sku]) -> list[OfferRow]:
        """Offers that the merchant fulfills and that take one of these articles."""
        ...

    def allow(self, offer: OfferRow, publish: Publish) -> None:
        """What the rules allow; with less than `live` it is not to be pushed."""
        ...

    def wish(self, offer: OfferRow, quantity: int | None, at: datetime) -> None:
        """A new version of the desired quantity. `at` is channel time: a raise waits for an order pass up to it."""
        ...

    def sold(self, account: AccountId, sales: Iterable[tuple[str, int, datetime]]) -> None:
        """Offer, units and instant of sales that the channel has taken off its own number.

        Where a quantity was sent and may take effect after the sale, it puts the units on show again: until it is read
        back, the higher number is believed.
        """
        ...

    def freed(self, account: AccountId, units: Iterable[tuple[str, int, datetime]], now: datetime) -> None:
        """Offer, units and instant of cancellations: the channel may have put them on show again, and is looked at."""
        ...

    def to_push(self, account: AccountId, known_until: datetime | None, limit: int) -> list[OfferRow]:
        """What differs and may be sent: decreases first, zeros ahead of them, then raises that the orders cover."""
        ...

    def accepted(self, attempt: Attempt, item: AttemptItem, at: datetime, verify_due: datetime) -> None:
        """The channel took the quantity. What a later attempt sent stays, and so does its name on the offer."""
        ...

    def rejected(self, attempt: Attempt, item: AttemptItem) -> None:
        """The version is not sent again. The name of a later attempt stays on the offer."""
        ...

    def unknown(self, account: AccountId, item: AttemptItem, at: datetime, verify_due: datetime) -> None:
        """The quantity may be there: believe the higher number until it is read back."""
        ...

    def release(self, account: AccountId, offer: str, attempt: str) -> None:
        """The attempt names the offer no more."""
        ...

    def observe(
        self,
        offer: OfferRow,
        quantity: int,
        at: datetime,
        *,
        issues: Sequence[str],
        awaiting_pass: bool,
        verify_due: datetime | None,
    ) -> None: ...

    def show(self, offer: OfferRow, quantity: int, at: datetime, believed: int) -> None:
        """The channel is known to have shown `quantity` at `at`."""
        ...

    def effective(self, offer: OfferRow, quantity: int, at: datetime) -> None:
        """What was sent last has been seen."""
        ...

    def awaiting(self, account: AccountId, until: datetime) -> list[OfferRow]:
        """Offers whose observation an order pass up to `until` explains, or does not."""
        ...

    def to_verify(self, account: AccountId, now: datetime, limit: int) -> list[str]: ...

    def exceed(self, excess: Excess) -> None:
        """Keep it to be judged; the first one of an offer stays until it is."""
        ...

    def excess(self, account: AccountId, offer: str) -> Excess | None:
        """What waits to be judged."""
        ...

    def exceeding(self, account: AccountId, until: datetime) -> list[Excess]:
        """Those seen until then, by channel time. They are the caller's now."""
        ...

    def next_verify(self, account: AccountId) -> datetime | None: ...

    def candidates(self, account: AccountId, after: str, limit: int) -> list[str]:
        """Names to ask a channel for, in order: every article of the catalog, and every offer seen before."""
        ...

    def verify(self, account: AccountId, offer: str, at: datetime | None) -> None:
        """Read the offer back at `at`."""
        ...

    def save_attempt(self, attempt: Attempt) -> None:
        """Note a write before it is sent, and the offers that it names.

        A look at one of them that is due later is drawn to the deadline: what is due behind it is due for this write.
        """
        ...

    def run_attempt(self, attempt: str, ticket: str) -> None:
        """The channel works on it under this id."""
        ...

    def close_attempt(self, attempt: str, outcome: str, now: datetime) -> bool:
        """False where it was closed already."""
        ...

    def save_result(self, attempt: str, offer: str, result: str) -> None: ...

    def open_attempts(self, account: AccountId) -> list[Attempt]: ...

    def attempts_of(self, account: AccountId, offer: str, limit: int = 10) -> list[tuple[Attempt, AttemptItem]]:
        """The latest attempts that named an offer, newest first."""
        ...


class Outbox(Protocol):
    """Events of committed changes, and how far each observer has been told."""

    def add(self, events: Iterable[Event]) -> None: ...

    def after(self, id_: int, limit: int) -> list[OutboxRow]: ...

    def event(self, id_: int) -> OutboxRow: ...

    def last_id(self) -> int: ...

    def latest(self, name: EventName, account: AccountId, subject: str) -> OutboxRow | None: ...

    def add_observer(self, name: str) -> None:
        """A new observer is told what happens from now on."""
        ...

    def told_until(self, observer: str) -> int: ...

    def advance(self, observer: str, id_: int) -> None: ...

    def park(self, delivery: ParkedDelivery) -> None: ...

    def unpark(self, observer: str, event: int) -> None: ...

    def parked(self, observer: str) -> list[ParkedDelivery]:
        """In the order of the events."""
        ...

    def next_parked(self) -> datetime | None: ...


class Problems(Protocol):
    """What needs a person."""

    def open(self, problem: Problem) -> bool:
        """True where it was not open yet."""
        ...

    def close(self, kind: ProblemKind, account: AccountId | None, subject: str, now: datetime) -> bool:
        """True where it was open."""
        ...

    def open_among(self, kind: ProblemKind, account: AccountId | None, subjects: Iterable[str]) -> Collection[str]:
        """Those of the subjects that have an open problem of this kind."""
        ...

    def all(self, *, closed_too: bool = False) -> list[Problem]: ...

    def find(self, id_: int) -> Problem | None: ...


class Quota(Protocol):
    """Token buckets and call counts. The owner of a bucket is an account, or an application."""

    def level(self, owner: str, name: str) -> BucketRow | None:
        """None while the bucket was never used."""
        ...

    def save(self, owner: str, name: str, level: BucketRow) -> None: ...

    def line(self, owner: str, name: str) -> list[WaitingRow]:
        """The streams that wait for the bucket."""
        ...

    def wait(self, owner: str, name: str, waiting: WaitingRow) -> None:
        """Instead of what was noted of the stream before."""
        ...

    def wait_no_more(self, stream: int) -> None:
        """For no bucket."""
        ...

    def count(
        self,
        account: AccountId,
        operation: str,
        day: date,
        *,
        made: int = 0,
        throttled: int = 0,
        gets: int = 0,
        records: int = 0,
    ) -> None: ...

    def counts(self) -> list[CallCount]: ...

    def gets(self, accounts: Iterable[AccountId], month: date) -> int:
        """Requests that only read, of these accounts together, in the calendar month of that day."""
        ...


class Daemons(Protocol):
    """The processes that run the loop, and requests to them to read plugins.toml anew."""

    def enter(self, daemon: DaemonRow) -> None:
        """An older entry of the same name is forgotten."""
        ...

    def leave(self, name: str) -> None: ...

    def all(self) -> list[DaemonRow]:
        """Those that were killed are among them."""
        ...

    def find(self, name: str) -> DaemonRow | None: ...

    def ask(self, name: str) -> None: ...

    def answer(self, daemon: DaemonRow, faults: tuple[str, ...], now: datetime) -> None:
        """Answer the request that `daemon` shows; without faults, what was read applies."""
        ...

    def beat(self, name: str, now: datetime) -> None:
        """It is still there."""
        ...


class Vault(Protocol):
    """Encrypted secrets, by account (None: of an application that several accounts share) and name."""

    def find(self, account: AccountId | None, name: str) -> SealedRow | None: ...

    def beginning(self, account: AccountId | None, beginning: str) -> list[SealedRow]:
        """Those of an account whose names begin so, in the order of their names."""
        ...

    def all(self) -> list[SealedRow]: ...

    def save(self, row: SealedRow) -> None: ...

    def forget(self, account: AccountId | None, name: str) -> bool:
        """False where there is none."""
        ...

    def purge(self, now: datetime, limit: int) -> int:
        """Forget up to so many that have expired. Returns how many."""
        ...


class Breakers(Protocol):
    """Calls that rest because a channel is in trouble. An application's breaker belongs to no account."""

    def find(self, account: AccountId, name: str) -> BreakerRow | None:
        """None before its first note."""
        ...

    def save(self, account: AccountId, name: str, breaker: BreakerRow) -> None: ...

    def forget(self, application: str) -> bool:
        """False where it had no breaker."""
        ...

    def try_now(self, now: datetime) -> None:
        """Whatever is open may be tried at once, each by one call."""
        ...

    def suspect(self, application: str, account: AccountId, now: datetime) -> bool:
        """The account's token was refused. False where it is known already."""
        ...

    def suspects(self, application: str) -> list[Suspect]: ...

    def clear(self, application: str, account: AccountId) -> None:
        """The account was let in, or its trouble is told as its own."""
        ...

    def set_apart(self, application: str) -> None:
        """Somebody else was let in: the trouble of those who are suspected is their own."""
        ...

    def clear_all(self, application: str) -> None: ...


class Tx(Protocol):
    """One transaction, open while a unit of work runs."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def streams(self) -> Streams: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def problems(self) -> Problems: ...
    @property
    def quota(self) -> Quota: ...
    @property
    def daemons(self) -> Daemons: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def breakers(self) -> Breakers: ...


class Store(Protocol):
    """Where everything is kept."""

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction: all of it is kept, or, when it raises, nothing.

        The transaction has ended before a cancellation of the caller is raised.
        """
        ...

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on one consistent state; it must not write."""
        ...

    async def changes(self) -> int:
        """A number that differs once somebody else has committed."""
        ...
