"""One call of an operation from a command: reserved, counted and timed as the daemon's are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from entrepot.cli.connecting import close, keeper_of, transports
from entrepot.cli.context import Home
from entrepot.cli.show import Times
from entrepot.config import AccountConfig
from entrepot.quota import Priority
from entrepot.quota.shared import Asking, reserve_call, settle_call
from entrepot.runtime import Clock
from entrepot.store import Store
from entrepot.sync.assembly import connect_accounts
from entrepot.sync.calls import Called, call
from entrepot.sync.runtime import Plan, Runtime

WORTH_WAITING = timedelta(milliseconds=250)
"""Somebody sits at the command: a token that is there so soon is waited for, once."""


@asynccontextmanager
async def connected(home: Home, store: Store, account: AccountConfig) -> AsyncIterator[Runtime]:
    """The account alone, for as long as the block runs. Raises ConfigError."""
    alone = evolve(home.config, accounts={account.id: account}, missing=account.missing)
    runtimes = connect_accounts(
        alone, transports(alone, [account.id]), home.clock, home.redactor, keeper_of(home, store)
    )
    try:
        yield runtimes[account.id]
    finally:
        await close(runtimes.values())


async def ask(
    store: Store, runtime: Runtime, operation: str, work: Callable[[], Awaitable[Any]], clock: Clock
) -> Called | datetime:
    """What the call brought; or, where its allowance is used up, when there is some again. Then nothing was sent."""
    at = await _reserve(store, runtime, operation, clock.now())
    if at is not None and (pause := at - clock.now()) <= WORTH_WAITING:
        await asyncio.sleep(pause.total_seconds())
        at = await _reserve(store, runtime, operation, clock.now())
    if at is not None:
        return at
    now = clock.now()
    day, deadline = runtime.timetable.today(now), now + runtime.pace.deadline
    plan = Plan(operation, call=work, finish=lambda outcome, _: outcome.stream)
    called = await call(store, runtime, plan, deadline, clock)
    await store.write(
        lambda tx: settle_call(
            tx.quota, runtime.spender, called.granted, called.error, clock.now(), day=day, records=called.records
        )
    )
    return called


def used_up(home: Home, operation: str, until: datetime) -> str:
    """What to tell where `ask` answers with an instant."""
    at = Times(home.clock.now(), home.config.time_zone).at(until)
    return (
        f"the allowance of {operation} is used up; daemons and commands on this store share it. Next: try again at {at}"
    )


async def _reserve(store: Store, runtime: Runtime, operation: str, now: datetime) -> datetime | None:
    day, deadline, asking = runtime.timetable.today(now), now + runtime.pace.deadline, Asking(Priority.FRESH_ORDERS)
    return await store.write(
        lambda tx: reserve_call(tx.quota, runtime.spender, operation, asking, now, deadline, day=day)
    )
