"""Who keeps the event loop to itself: meanwhile every other account waits, and nothing shows it but the time."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

from entrepot.model import AccountId, ProblemKind, Severity
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem

T = TypeVar("T")

TOO_LONG = timedelta(milliseconds=200)
"""Of one stretch without an `await` that gives way. A page of a hundred orders is mapped in about ten."""

log = structlog.get_logger()


class Stretches:
    """Measures the stretches of work between two waits; `longest` is the longest so far.

    By the loop's clock, which stands still in virtual time while code runs.
    """

    def __init__(self) -> None:
        self.longest = timedelta()
        self._time = asyncio.get_running_loop().time

    def measure(self, work: Callable[[], T]) -> T:
        """Do work that is one stretch."""
        began = self._time()
        try:
            return work()
        finally:
            self.longest = max(self.longest, timedelta(seconds=self._time() - began))

    async def of(self, awaited: Awaitable[T]) -> T:
        """Await something in which there may be many."""
        return await _Measured(awaited, self)


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


def tell_blocking(
    tx: Tx, plugin: str, account: AccountId | None, operation: str, longest: timedelta, now: datetime
) -> None:
    """Name a plugin that blocked. The problem is open until the next start or reload, when its code may be another."""
    if longest <= TOO_LONG:
        return
    milliseconds = round(longest / timedelta(milliseconds=1))
    log.warning("plugin_blocks_loop", plugin=plugin, account=account, operation=operation, milliseconds=milliseconds)
    open_problem(
        tx,
        ProblemKind.PLUGIN_BLOCKS_LOOP,
        account,
        f"operation/{operation}",
        f"the plugin {plugin} worked for {milliseconds} ms without giving way in {operation}"
        f"{f' of {account}' if account else ''}; every account waited",
        "make the plugin await what it waits for, or send long work to a thread; then restart",
        now,
        Severity.WARNING,
    )


def forget_blocking(tx: Tx, now: datetime) -> None:
    """At a start or a reload: who still blocks is told anew."""
    for problem in tx.problems.all():
        if problem.kind is ProblemKind.PLUGIN_BLOCKS_LOOP:
            close_problem(tx, problem.kind, problem.account, problem.subject, now)
