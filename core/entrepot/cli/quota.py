"""`quota`: the calls that were made, beside what channels and plugins.toml allow."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import click
from attrs import field, frozen
from rich.console import Console

from entrepot.channel import CAPABILITIES
from entrepot.cli.context import Home, pass_home
from entrepot.cli.show import Times, answer, grouped, table
from entrepot.config import AccountConfig, Config
from entrepot.model import AccountId
from entrepot.quota import in_force, refilled, usable_burst
from entrepot.quota.buckets import Bucket
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

    `about`: the kind of record. `gets_per_1000`: GET requests for a thousand of them in this month.
    """

    account: AccountId
    operation: str
    about: str
    today: Calls
    month: Calls
    gets_per_1000: float | None


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


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="json: one document for programs. csv: the calls of each stored day.",
)
@pass_home
def quota(home: Home, form: str) -> None:
    """Calls made today and this month, and the limits they spend from."""
    now = home.clock.now()
    told = home.read(lambda tx: _told(tx, home.config, now))
    if form == "csv":
        click.echo(_csv(told.days), nl=False)
    else:
        answer(told, form, lambda console: _render(console, told, Times(now, home.config.time_zone)))


def _told(tx: Tx, config: Config, now: datetime) -> Told:
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
    for operation in account.channel.operations:
        mine = [one for one in counts if (one.account, one.operation) == (account.id, operation)]
        month = Calls.summed(one for one in mine if one.day.startswith(f"{today:%Y-%m}-"))
        yield Spending(
            account.id,
            operation,
            OBJECTS[operation],
            Calls.summed(one for one in mine if one.day == today.isoformat()),
            month,
            round(1000 * month.gets / month.records, 1) if month.records else None,
        )


def _allowances(tx: Tx, accounts: Iterable[AccountConfig], now: datetime) -> Iterator[Allowance]:
    """Those of applications once, however many accounts share them, and behind the accounts' own."""
    found: dict[tuple[str, str], tuple[Bucket, int]] = {}
    for account in accounts:
        for bucket in spender(account).buckets(account.channel.limits):
            found.setdefault((bucket.owner, bucket.name), (bucket, account.time_scale))
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
            tokens=round(tokens, 1),
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


def _csv(counts: Iterable[CallCount]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["day", "account", "operation", "about", "calls", "refused", "gets", "records"])
    for one in sorted(counts, key=lambda one: (one.day, one.account, one.operation)):
        about = OBJECTS.get(one.operation, "")
        writer.writerow([one.day, one.account, one.operation, about, one.made, one.throttled, one.gets, one.records])
    return out.getvalue()


def _render(console: Console, told: Told, times: Times) -> None:
    console.print(table(CALLS, [_call_row(one) for one in told.calls]))
    console.print()
    console.print(table(LIMITS, [_limit_row(one, times) for one in told.limits]))
    console.print(f"\nDays are those of {told.time_zone}; the month is {told.month}.")
    for budget in told.budgets:
        share, names = budget.used / budget.allowed, ", ".join(budget.accounts)
        used = f"{grouped(budget.used)} of {grouped(budget.allowed)} GET requests ({share:.0%})"
        console.print(f"{names}: {used} are used of this month's.")


CALLS = "account  operation  >calls today  >refused (429)  >this month  >GET  >records  of  >GET per 1000"
LIMITS = "owner  limit  rate  state  >burst  >tokens now  >waiting"


def _call_row(one: Spending) -> tuple[object, ...]:
    month = one.month
    calls = one.today.made, one.today.refused, grouped(month.made), grouped(month.gets)
    return one.account, one.operation, *calls, grouped(month.records), f"{one.about}s", one.gets_per_1000


def _limit_row(one: Allowance, times: Times) -> tuple[object, ...]:
    waiting = ", ".join(one.waiting) or None
    return one.owner, one.limit, _rate(one.in_force), _state(one, times), one.burst, one.tokens, waiting


def _state(one: Allowance, times: Times) -> str:
    """Why the rate is what it is."""
    closed = one.closed_until is not None and one.closed_until > times.now
    words = [
        "told by the channel" if one.told is not None else "as published",
        f"slowed to {one.share:.0%} by refusals" if one.share < 1 else "",
        f"closed until {times.at(one.closed_until)}" if closed else "",
    ]
    return ", ".join(filter(None, words))


def _rate(per_second: float) -> str:
    return f"{per_second:.4g} a second" if per_second >= 1 else f"1 in {1 / per_second:.4g} s"
