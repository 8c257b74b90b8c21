"""The calls that were made, beside what channels and plugins.toml allow."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from attrs import field, frozen

from entrepot.channel import CAPABILITIES
from entrepot.config import AccountConfig, Config
from entrepot.model import AccountId
from entrepot.quota import in_force, refilled, usable_burst
from entrepot.quota.line import is_expected
from entrepot.quota.shared import level_of, line_of
from entrepot.store import Tx
from entrepot.store.records import CallCount
from entrepot.sync.assembly import spender

ABOUT = {"required": "account", "orders": "order", "stock": "offer", "bulk_stock": "offer"}
"""What the operations of each capability bring or take."""

OBJECTS = {operation: ABOUT[one.name] for one in CAPABILITIES for operation in one.operations}


@frozen
class Calls:
    """Of one operation on one day or in one month. `refused`: with 429. `records`: what `about` says."""

    made: int = 0
    refused: int = 0
    gets: int = 0
    records: int = 0

    @classmethod
    def summed(cls, counts: Iterable[CallCount]) -> "Calls":
        found = list(counts)
        return cls(
            sum(one.made for one in found),
            sum(one.throttled for one in found),
            sum(one.gets for one in found),
            sum(one.records for one in found),
        )


@frozen
class Spending:
    """An operation today and this month, in the days of [entrepot] time_zone.

    `about`: the kind of record. `calls_per_1000`: calls for a thousand of them in this month. `spends`: the limits.
    """

    account: AccountId
    operation: str
    about: str
    today: Calls
    month: Calls
    calls_per_1000: float | None
    spends: tuple[str, ...]


@frozen
class Allowance:
    """A bucket now. Rates are per second: as published, as the channel told, and as it is used.

    `share`: what refusals have left of it. `waiting`: the streams that stand in line, by kind.
    """

    owner: str
    limit: str
    published: float
    told: float | None
    share: float
    in_force: float
    burst: int
    tokens: float
    closed_until: datetime | None
    waiting: tuple[str, ...]


@frozen
class Budget:
    """GET requests of this month beside `monthly_gets`, of all accounts of an application."""

    accounts: tuple[AccountId, ...]
    used: int
    allowed: int


@frozen
class Told:
    """`day` and `month` are those of `time_zone`."""

    time_zone: str
    day: str
    month: str
    calls: list[Spending]
    limits: list[Allowance]
    budgets: list[Budget]
    days: list[CallCount] = field(repr=False)


def told(tx: Tx, config: Config, now: datetime) -> Told:
    today, counts = config.timetable.today(now), tx.quota.counts()
    accounts = [account for account in config.accounts.values() if account.settings is not None]
    return Told(
        time_zone=config.time_zone.key,
        day=today.isoformat(),
        month=f"{today:%Y-%m}",
        calls=[one for account in config.accounts.values() for one in _spending(account, counts, today)],
        limits=list(_allowances(tx, accounts, now)),
        budgets=list(_budgets(tx, accounts, today)),
        days=counts,
    )


def _spending(account: AccountConfig, counts: Iterable[CallCount], today: date) -> Iterator[Spending]:
    for operation, facts in account.channel.operations.items():
        mine = [one for one in counts if (one.account, one.operation) == (account.id, operation)]
        month = Calls.summed(one for one in mine if one.day.startswith(f"{today:%Y-%m}-"))
        yield Spending(
            account.id,
            operation,
            OBJECTS[operation],
            Calls.summed(one for one in mine if one.day == today.isoformat()),
            month,
            round(1000 * month.made / month.records, 1) if month.records else None,
            tuple(facts.spends),
        )


def _allowances(tx: Tx, accounts: Iterable[AccountConfig], now: datetime) -> Iterator[Allowance]:
    """Those of applications once, however many accounts share them, and behind the accounts' own."""
    spenders = [spender(account) for account in accounts]
    buckets = [(bucket, one.time_scale) for one in spenders for bucket in one.buckets(one.channel.limits)]
    found = {(bucket.owner, bucket.name): (bucket, time_scale) for bucket, time_scale in buckets}
    kinds = {stream.id: stream.kind.value for stream in tx.streams.all()}
    for bucket, time_scale in sorted(found.values(), key=lambda one: bool(one[0].within)):
        level = level_of(tx.quota, bucket)
        limit = in_force(bucket.plan, level, time_scale=time_scale)
        tokens = refilled(level, limit, usable_burst(limit), now).tokens
        expected = [waiting for waiting in line_of(tx.quota, bucket) if is_expected(waiting, now)]
        yield Allowance(
            owner=bucket.owner,
            limit=bucket.name,
            published=bucket.plan.per_second * time_scale,
            told=level.told * time_scale if level and level.told else None,
            share=level.share if level else 1.0,
            in_force=limit.per_second,
            burst=bucket.plan.burst,
            tokens=round(max(0.0, tokens), 1),
            closed_until=level.closed_until if level else None,
            waiting=tuple(kinds.get(waiting.place.stream, "") for waiting in expected),
        )


def _budgets(tx: Tx, accounts: Iterable[AccountConfig], today: date) -> Iterator[Budget]:
    sharing: dict[str, list[AccountConfig]] = {}
    for account in accounts:
        sharing.setdefault(spender(account).application, []).append(account)
    for those in sharing.values():
        allowed = [account.monthly_gets for account in those if account.monthly_gets is not None]
        if allowed:
            ids = tuple(account.id for account in those)
            yield Budget(ids, tx.quota.gets(ids, today), min(allowed))
