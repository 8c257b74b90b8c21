"""One call of an operation from a command: reserved, counted and timed as the daemon's are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from attrs import evolve

from entrepot.cli.connecting import close, transports
from entrepot.cli.context import Home
from entrepot.config import AccountConfig
from entrepot.errors import RateLimited
from entrepot.quota.shared import reserve_call, settle_call
from entrepot.runtime import Clock
from entrepot.store import Store
from entrepot.sync.assembly import connect_accounts
from entrepot.sync.calls import Called, call
from entrepot.sync.runtime import Plan, Runtime


@asynccontextmanager
async def connected(home: Home, account: AccountConfig) -> AsyncIterator[Runtime]:
    """The account alone, for as long as the block runs. Raises ConfigError."""
    alone = evolve(home.config, accounts={account.id: account}, missing=account.missing)
    runtimes = connect_accounts(alone, transports(alone, [account.id]), home.clock, home.redactor)
    try:
        yield runtimes[account.id]
    finally:
        await close(runtimes.values())


async def ask(
    store: Store, runtime: Runtime, operation: str, work: Callable[[], Awaitable[Any]], clock: Clock
) -> Called | datetime:
    """What the call brought; or, where its allowance is used up, when there is some again. Then nothing was sent."""
    spending = runtime.id, runtime.channel
    now = clock.now()
    deadline = now + runtime.pace.deadline
    day, scale = runtime.timetable.today(now), runtime.pace.time_scale
    at = await store.write(lambda tx: reserve_call(tx.quota, *spending, operation, scale, now, deadline, day=day))
    if at is not None:
        return at
    plan = Plan(operation, call=work, finish=lambda outcome, _: outcome.stream)
    called = await call(store, runtime, plan, deadline, clock)
    throttled, extra = isinstance(called.error, RateLimited), called.granted.extra
    await store.write(
        lambda tx: settle_call(tx.quota, *spending, operation, clock.now(), day=day, extra=extra, throttled=throttled)
    )
    return called
