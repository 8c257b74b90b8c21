"""Who keeps the event loop to itself: meanwhile every other account waits, and nothing shows it but the time."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from attrs import frozen

from entrepot.errors import LeaseLost
from entrepot.model import AccountId, ProblemKind, Severity
from entrepot.runtime import Clock
from entrepot.store import Store, Tx
from entrepot.sync.announce import close_problem, open_problem

T = TypeVar("T")

MILLISECOND = timedelta(milliseconds=1)

TOO_LONG = timedelta(milliseconds=500)
"""Of one stretch without an `await` that gives way. A page of a hundred orders is mapped in about ten milliseconds; the
rest is for a machine that is busy with other things.
"""

log = structlog.get_logger()


@frozen
class Doer:
    """Whose code it is, and what it was asked to do: an operation of an account, or to take an event."""

    plugin: str
    account: AccountId | None
    operation: str


class Stretches:
    """Measures the stretches of work between two waits; `longest` is the longest so far.

    By the loop's clock, which stands still in virtual time while code runs. `seen_at` is the line of code at which the
    watchdog saw it last, "" where it was never too long.
    """

    def __init__(self, doer: Doer) -> None:
        self.doer = doer
        self.longest = timedelta()
        self.seen_at = ""
        self._time = asyncio.get_running_loop().time

    def measure(self, work: Callable[[], T]) -> T:
        """Do work that is one stretch."""
        began, thread = self._time(), threading.get_ident()
        UNDER_WAY[thread] = self
        try:
            return work()
        finally:
            UNDER_WAY.pop(thread, None)
            self.longest = max(self.longest, timedelta(seconds=self._time() - began))

    async def of(self, awaited: Awaitable[T]) -> T:
        """Await something in which there may be many."""
        return await _Measured(awaited, self)


UNDER_WAY: dict[int, Stretches] = {}
"""Thread to what is being measured in it at this moment: a watchdog reads it from outside."""


class _Measured(Generic[T]):
    """Stands between a task and what it awaits, as `yield from` would."""

    def __init__(self, awaited: Awaitable[T], stretches: Stretches) -> None:
        self._steps: Any = awaited.__await__()
        self._stretches = stretches

    def __await__(self) -> Generator[Any, Any, T]:
        go_on: Callable[[], Any] = partial(next, self._steps)
        while True:
            try:
                waits_for = self._stretches.measure(go_on)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - a cancellation, say: it is the plugin's to handle
                go_on = partial(self._steps.throw, thrown)
            else:
                go_on = partial(next, self._steps)


async def settle(
    store: Store, clock: Clock, stretches: Stretches, work: Callable[[Tx, datetime], None], **whose: object
) -> bool:
    """Store what came of a plugin's work with `work`. False where the lease was lost.

    A plugin that blocked is named in both cases: it may be what cost the lease.
    """

    def both(tx: Tx) -> None:
        now = clock.now()  # inside the transaction: what it writes is in the order of the commits
        tell_blocking(tx, stretches, now)
        work(tx, now)

    try:
        await store.write(both)
    except LeaseLost as lost:
        log.warning("lease_lost", **whose, reason=str(lost))
        await store.write(lambda tx: tell_blocking(tx, stretches, clock.now()))
        return False
    return True


def tell_blocking(tx: Tx, stretches: Stretches, now: datetime) -> None:
    """Name a plugin that blocked, if it did."""
    if stretches.longest > TOO_LONG:
        log.warning("plugin_blocks_loop", **words(stretches.doer, stretches.longest), at=stretches.seen_at or None)
        open_blocking(tx, stretches.doer, stretches.longest, stretches.seen_at, now)


def open_blocking(tx: Tx, doer: Doer, longest: timedelta, at: str, now: datetime) -> None:
    """The problem is open until the next start or reload, when the plugin's code may be another."""
    open_problem(
        tx,
        ProblemKind.PLUGIN_BLOCKS_LOOP,
        doer.account,
        f"operation/{doer.operation}" if doer.account else f"{doer.plugin}/{doer.operation}",
        f"the plugin {doer.plugin} worked for {round(longest / MILLISECOND)} ms without giving way in {doer.operation}"
        f"{f' of {doer.account}' if doer.account else ''}{f', at {at}' if at else ''}; every account waited",
        "make the plugin await what it waits for, or send long work to a thread; then restart",
        now,
        Severity.WARNING,
    )


def words(doer: Doer, longest: timedelta) -> dict[str, Any]:
    """Of a log line."""
    return {
        "plugin": doer.plugin,
        "account": doer.account,
        "operation": doer.operation,
        "milliseconds": round(longest / MILLISECOND),
    }


def forget_blocking(tx: Tx, now: datetime) -> None:
    """At a start or a reload: who still blocks is told anew."""
    for problem in tx.problems.all():
        if problem.kind is ProblemKind.PLUGIN_BLOCKS_LOOP:
            close_problem(tx, problem.kind, problem.account, problem.subject, now)
