"""Rows of the store as values. Instants are aware and in UTC."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from entrepot.model import AccountId, CountMeaning, Fulfillment, LocationId, Publish, Sku, Window
from entrepot.stock.mass_change import Figures
from entrepot.stock.rules import Rule

NO_ACCOUNT = AccountId("")
"""Whose streams are those of observers, receivers of alerts and stock sources."""


class StreamKind(StrEnum):
    """Work of an account that comes due again and again, one page at a time."""

    HEALTH = "health"  # check and describe_account
    ORDERS = "orders"  # what changed lately
    ORDER_REPAIR = "order_repair"  # once more over what may have been shown late
    STOCK = "stock"  # quantities read back
    PUSH = "push"  # quantities sent
    BULK = "bulk"  # running jobs
    TELL = "tell"  # events told to an observer, whose name is the scope
    COUNTS = "counts"  # counts asked of a stock source, whose name is the scope


@frozen
class Withheld:
    """Data sets of orders that a channel refuses.

    `asked_without`: those that requests leave out now. `missing`: those without which the last page was read, `since`
    which instant of channel time. `probe_at`: when all are asked for again. `why`: the last refusal's words.
    """

    asked_without: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    since: datetime | None = None
    probe_at: datetime | None = None
    why: str = ""


@frozen
class AccountRow:
    """An account as the store knows it, with the rules that concern it.

    `bundles`: what offers are made of by name, before any of them is seen. `detached_since`: it left plugins.toml.
    `paused_since`: a person paused it. `parked_since`: the channel refuses our credentials. `clock_offset`: seconds
    that the channel's clock is ahead of ours.
    """

    id: AccountId
    channel: str
    publish: Publish
    rules: tuple[Rule, ...] = ()
    bundles: Mapping[str, Mapping[Sku, int]] = field(factory=dict)
    detached_since: datetime | None = None
    paused_since: datetime | None = None
    parked_since: datetime | None = None
    clock_offset: float = 0.0
    description: str | None = None
    withheld: Withheld = field(factory=Withheld)

    @property
    def rests(self) -> bool:
        """No call is made for it, not even to check whether it is let in."""
        return self.detached_since is not None or self.paused_since is not None


@frozen
class DaemonRow:
    """A process that runs the loop, as it entered itself. `asked` and `answered` count requests to read plugins.toml.

    `answer`: the faults for which it refused the last one. `config`: the path of the plugins.toml that it works by,
    which it read at `read_at`; `seen_at`: when it was there last. Both are the store's to write.
    """

    name: str
    host: str
    pid: int
    started_at: datetime
    asked: int = 0
    answered: int = 0
    answer: tuple[str, ...] = ()
    config: str = ""
    read_at: datetime | None = None
    seen_at: datetime | None = None


@frozen
class DueStream:
    """A stream that can be claimed."""

    id: int
    account: AccountId
    kind: StreamKind


@frozen
class StreamRow:
    """A stream and the pass that it is in. `epoch` counts the claims: the holder of an older one cannot commit."""

    id: int
    account: AccountId
    kind: StreamKind
    epoch: int
    next_due: datetime
    scope: str = ""
    watermark: datetime | None = None
    window: Window | None = None
    cursor: str | None = None
    complete_until: datetime | None = None
    seen_pages: tuple[str, ...] = ()
    records: int = 0
    window_cap: float | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None


@frozen
class KnownOrder:
    """What decides whether a document is news."""

    version: int
    revision: str
    content_hash: str
    changed_at: datetime


@frozen
class LineRow:
    """An order's line in the ledger. `booked`: units whose shipment the ledger has."""

    line_id: str
    offer: str
    open: int
    booked: int
    mapped: bool


@frozen
class OfferRow:
    """An offer's quantities: desired (ours), sent, believed (to be shown now), observed, effective (proved).

    `shown` was so at one instant from `shown_at` to `shown_by`, `observed` at one from `observed_at` to `observed_by`:
    a request takes time, and a sale during it may be in the number or not.
    """

    account: AccountId
    external_id: str
    fulfillment: Fulfillment
    bundle_version: int | None
    desired: int | None
    desired_version: int
    desired_at: datetime | None
    shown: int
    shown_at: datetime
    shown_by: datetime
    believed: int
    sent: int | None
    sent_version: int
    sent_at: datetime | None
    effective: int | None
    effective_version: int
    effective_at: datetime | None
    observed: int | None
    observed_at: datetime | None
    observed_by: datetime | None
    awaiting_pass: bool
    verify_due: datetime | None
    rejected_version: int | None
    attempt: str | None
    issues: tuple[str, ...] = ()
    publish: Publish = Publish.LIVE  # what the rules allow; the account may allow less


@frozen
class Excess:
    """A quantity seen above the last number known; who wrote it is known once the orders until then are read."""

    account: AccountId
    offer: str
    seen: int
    seen_at: datetime
    shown: int
    shown_at: datetime


@frozen
class AttemptItem:
    """One quantity of an attempt.

    `believed` is what the channel was taken to show, `wished_at` the channel time of the version; `result` is None
    until answered, "" when accepted, else the channel's reason.
    """

    offer: str
    quantity: int
    version: int
    believed: int
    wished_at: datetime
    result: str | None = None


@frozen
class Attempt:
    """A write that was about to be sent. Still open after its deadline: nobody knows whether it arrived."""

    id: str
    account: AccountId
    operation: str
    epoch: int
    created_at: datetime
    deadline: datetime
    content_hash: str
    state: str = "open"
    ticket: str | None = None
    items: tuple[AttemptItem, ...] = field(default=(), eq=False)


@frozen
class CallCount:
    """Calls of one operation on one day of `[entrepot] time_zone`.

    `gets`: requests that only read, among others. `records`: what the calls brought or took, in records or offers.
    """

    account: AccountId
    operation: str
    day: str
    made: int
    throttled: int
    gets: int = 0
    records: int = 0


@frozen
class OutboxRow:
    """An event to tell, with its place in the order of commits."""

    id: int
    name: str
    subject: str
    key: str
    account: str | None
    occurred_at: datetime
    details: str


@frozen
class ParkedDelivery:
    """An event that an observer failed to take; later events of the same subject wait behind it."""

    observer: str
    event: int
    subject: str
    failures: int
    next_due: datetime


@frozen
class BucketRow:
    """A token bucket as last written, with what answers taught of it: see `quota.Level`."""

    tokens: float
    updated_at: datetime
    answered_at: datetime | None = None
    told: float | None = None
    share: float = 1.0
    cut_at: datetime | None = None
    closed_until: datetime | None = None


@frozen
class WaitingRow:
    """A stream that waits for `units` of a bucket and asks again at `due`. The smaller `place` goes first."""

    stream: int
    place: datetime
    units: int
    due: datetime


@frozen
class BreakerRow:
    """See `entrepot.http.breaker.Circuit`."""

    worked: bool
    failures: int
    since: datetime | None
    probe_at: datetime | None


@frozen
class Suspect:
    """An account whose token was refused. `alone`: another account of its application was let in since."""

    account: AccountId
    since: datetime
    alone: bool


@frozen
class RawRecord:
    """A record as it was kept, with its place in the order of keeping."""

    place: int
    external_id: str
    body: bytes


@frozen
class DeadLetter:
    """A record that could not be mapped."""

    account: AccountId
    kind: str
    content_hash: str
    reason: str
    body: bytes


class ImportState(StrEnum):
    STAGING = "staging"  # its lines are being written; nothing else sees them
    HELD = "held"  # waits for a person
    APPLIED = "applied"  # valid; positions and wishes follow
    DONE = "done"
    DISCARDED = "discarded"


@frozen
class StockImport:
    """Counts of many articles at once. `reference` is made of the content, and stands at each of its counts."""

    id: int
    source: str
    file: str
    reference: str
    meaning: CountMeaning
    state: ImportState
    begun_at: datetime
    applied_at: datetime | None
    figures: Figures


@frozen
class StagedCount:
    """A line of an import. `counted` as it was told, `on_hand` the physical units that it stands for."""

    sku: Sku
    location: LocationId
    counted: int
    on_hand: int
    effective_at: datetime


@frozen
class Weighed:
    """A line beside its position: physical units there now, None where nobody knows them, and then.

    `inside`: units of open orders that lay there when it was counted. `exists`: the article is known. `recorded`: this
    very count is recorded already.
    """

    staged: StagedCount
    before: int | None
    after: int
    inside: int
    exists: bool
    recorded: bool


@frozen
class Followed:
    """A position that has taken up its line. `in_doubt`: see `Ledger.around_count`."""

    sku: Sku
    location: LocationId
    in_doubt: bool


@frozen
class SealedRow:
    """A secret, encrypted. `account` None: an application's, which several accounts share. `key_id` names the key."""

    account: AccountId | None
    name: str
    key_id: str
    nonce: bytes
    ciphertext: bytes
    written_at: datetime
    expires_at: datetime | None = None
