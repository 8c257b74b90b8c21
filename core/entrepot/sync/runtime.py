"""What the loop needs of an account while it runs, and one unit of work on a stream."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import field, frozen

from entrepot.channel import Bound, ChannelType
from entrepot.config.model import Locations, StockConfig
from entrepot.errors import ChannelError
from entrepot.http import AccountHttp
from entrepot.model import AccountId, Publish, Sku
from entrepot.model.schedule import Timetable
from entrepot.quota import Priority
from entrepot.quota.shared import Spender
from entrepot.runtime import Clock, Ids, Rng
from entrepot.stock.rules import Rule
from entrepot.store import Store, Tx
from entrepot.store.records import AccountRow, StreamRow
from entrepot.sync.pace import Pace
from entrepot.sync.reading import Reader


@frozen
class Runtime:
    """A configured account with its connector, and the rules that concern it.

    `siblings` share the application's credentials, itself among them.
    """

    id: AccountId
    bound: Bound
    http: AccountHttp
    spender: Spender
    pace: Pace
    publish: Publish
    rules: tuple[Rule, ...]
    bundles: Mapping[str, Mapping[Sku, int]]
    marketplaces: tuple[str, ...]
    orders_since: datetime | None
    timetable: Timetable
    monthly_gets: int | None
    reader: Reader = field(eq=False)
    siblings: tuple[AccountId, ...] = ()

    @property
    def application(self) -> str:
        return self.spender.application

    @property
    def channel(self) -> ChannelType:
        return self.bound.channel


@frozen
class Worker:
    """One daemon's hands. `name` owns its leases; `stock` and `locations` are for counts that come by themselves."""

    name: str
    store: Store
    clock: Clock
    rng: Rng
    ids: Ids
    accounts: Mapping[AccountId, Runtime]
    timetable: Timetable = field(factory=Timetable)
    stock: StockConfig = field(factory=StockConfig)
    locations: Locations = field(factory=Locations)


@frozen
class Turn:
    """A claimed stream inside the transaction that claims it."""

    tx: Tx
    worker: Worker
    runtime: Runtime
    account: AccountRow
    stream: StreamRow
    now: datetime
    deadline: datetime

    @property
    def channel_now(self) -> datetime:
        return self.now + timedelta(seconds=self.account.clock_offset)

    @property
    def publishes(self) -> bool:
        """Only where both say so: another process may have read another plugins.toml since this one did."""
        return self.runtime.publish is Publish.LIVE and self.account.publish is Publish.LIVE


@frozen
class Outcome:
    """The transaction that ends a unit of work, before the stream is let go."""

    tx: Tx
    runtime: Runtime
    account: AccountRow
    stream: StreamRow
    now: datetime

    @property
    def channel_now(self) -> datetime:
        return self.now + timedelta(seconds=self.account.clock_offset)


Finish = Callable[[Outcome, Any], StreamRow]
Fail = Callable[[Outcome, ChannelError], StreamRow]


def stay(outcome: Outcome, _: ChannelError) -> StreamRow:
    """After a failure: everything stays as it was."""
    return outcome.stream


def nothing(_: Tx) -> None:
    """Nothing to note before the call."""


@frozen
class Plan:
    """A call to make.

    `note` is written with the claim, before the call; `digest` turns its result into values, without I/O; `finish`
    and `fail` run in the transaction that ends the work. `priority`: who goes first where tokens are short.
    """

    operation: str
    call: Callable[[], Awaitable[Any]]
    finish: Finish
    fail: Fail = stay
    note: Callable[[Tx], None] = nothing
    digest: Callable[[Any], Any] = field(default=lambda result: result)
    priority: Priority = Priority.FRESH_ORDERS


@frozen
class Idle:
    """Nothing to call; the stream, with the instant at which it is due again."""

    stream: StreamRow


Work = Callable[[Turn], Plan | Idle]
