"""`quota`: calls made today beside what the channel allows."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import click
from attrs import frozen
from rich.console import Console

from entrepot.channel import Limit
from entrepot.cli.context import Home, pass_home
from entrepot.cli.show import answer, as_format, table
from entrepot.config import AccountConfig
from entrepot.model import AccountId
from entrepot.model.schedule import Timetable
from entrepot.quota import scaled, usable_burst
from entrepot.store import Tx
from entrepot.store.records import BucketRow, CallCount


@frozen
class Spending:
    """An operation on the present day of [entrepot] time_zone, and one limit that it spends from.

    `level`: tokens that are there now.
    """

    account: AccountId
    operation: str
    made: int
    throttled: int
    limit: str | None
    per_second: float | None
    burst: int | None
    level: float | None


@click.command()
@as_format
@pass_home
def quota(home: Home, form: str) -> None:
    """Calls made today beside the limits they spend from."""
    now = home.clock.now()
    accounts, times = home.config.accounts.values(), home.config.timetable
    spent = home.read(lambda tx: [one for account in accounts for one in _account(tx, account, times, now)])
    answer(spent, form, lambda console: _render(console, spent, home.config.time_zone.key))


def _account(tx: Tx, account: AccountConfig, times: Timetable, now: datetime) -> list[Spending]:
    today = {
        count.operation: count
        for count in tx.quota.counts()
        if (count.account, count.day) == (account.id, times.today(now).isoformat())
    }
    return [
        _spending(tx, account, today.get(operation) or CallCount(account.id, operation, "", 0, 0), name, now)
        for operation, facts in account.channel.operations.items()
        for name in facts.spends or [None]
    ]


def _spending(tx: Tx, account: AccountConfig, count: CallCount, name: str | None, now: datetime) -> Spending:
    if name is None:
        return Spending(account.id, count.operation, count.made, count.throttled, None, None, None, None)
    limit = scaled(account.channel.limits[name], account.time_scale)
    level = _level(tx.quota.level(account.id, name), limit, now)
    made, refused = count.made, count.throttled
    return Spending(account.id, count.operation, made, refused, name, limit.per_second, limit.burst, level)


def _level(row: BucketRow | None, limit: Limit, now: datetime) -> float:
    full = float(usable_burst(limit))
    if row is None:
        return full
    return round(min(full, row.tokens + max(0.0, (now - row.updated_at).total_seconds()) * limit.per_second), 1)


def _render(console: Console, spent: list[Spending], zone: str) -> None:
    rows = [
        (*_calls(one, before), one.limit, _rate(one), one.burst, one.level)
        for before, one in pairwise([None, *spent])
        if one
    ]
    columns = "account  operation  >calls today  >refused (429)  limit  >allowed  >burst  >tokens now"
    console.print(table(columns, rows))
    console.print(f"\nOperations with the same limit share its tokens. Days are those of {zone}.")
    console.print("Of a burst, as many tokens are used as cannot be refused: the faster the limit, the fewer.")


def _calls(one: Spending, before: Spending | None) -> tuple[Any, ...]:
    """Once, however many limits an operation spends from: its calls would be summed up twice."""
    same = before and (before.account, before.operation) == (one.account, one.operation)
    return ("", "", "", "") if same else (one.account, one.operation, one.made, one.throttled)


def _rate(one: Spending) -> str | None:
    if one.per_second is None:
        return None
    return f"{one.per_second:g} a second" if one.per_second >= 1 else f"1 in {1 / one.per_second:.4g} s"
