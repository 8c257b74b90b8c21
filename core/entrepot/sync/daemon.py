"""The loop of one process.

Due streams are stepped side by side, observers are told, and everything ends cleanly when asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from attrs import frozen

from entrepot.errors import StoreError
from entrepot.store.records import DueStream
from entrepot.sync.alerting import Alert, alert_on
from entrepot.sync.importing import follow
from entrepot.sync.retention import purge
from entrepot.sync.runtime import Worker
from entrepot.sync.step import step
from entrepot.sync.stock_sources import NamedSource, take_counts
from entrepot.sync.telling import Observer, tell

WATCH = timedelta(seconds=1)
"""How often another process's commits are looked for."""

AFTER_REFUSAL = timedelta(seconds=5)
"""Before the store is asked again after it refused (full disk, locked)."""

WELL_AFTER = timedelta(minutes=2)
"""Without a refusal. What was claimed and could not be committed is tried again once its lease is over, and refused."""

log = structlog.get_logger()


@frozen
class Refusal:
    """What the store said last when it refused."""

    at: datetime
    reason: str


class Daemon:
    """Runs a worker until it is asked to drain: then what runs is finished, and nothing is begun."""

    def __init__(
        self,
        worker: Worker,
        observers: Sequence[Observer] = (),
        watch: timedelta = WATCH,
        alerts: Sequence[Alert] = (),
        sources: Sequence[NamedSource] = (),
    ) -> None:
        self._worker = worker
        self._observers = observers
        self._alerts = alerts
        self._sources = sources
        self._watch = watch
        self._wake = asyncio.Event()
        self._draining = False
        self._running: dict[int, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._purge_at = worker.clock.now()
        self._following = False
        self._refusal: Refusal | None = None
        self.defects: list[Exception] = []

    @property
    def worker(self) -> Worker:
        return self._worker

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def refusal(self) -> str | None:
        """Why the store refuses, while it does: what is due is tried again, and refused again."""
        refusal = self._refusal
        if refusal is None or self._worker.clock.now() - refusal.at > WELL_AFTER:
            return None
        return refusal.reason

    def adopt(self, worker: Worker, alerts: Sequence[Alert] | None = None) -> list[asyncio.Task[None]]:
        """Begin nothing more as the worker so far. Returns what it has begun, which ends as it began.

        `alerts`: the receivers from now on; None where they stay. A message that is under way is sent to its end.
        """
        self._worker = worker
        self._purge_at = min(self._purge_at, worker.timetable.after(worker.timetable.purge, worker.clock.now()))
        if alerts is not None:
            self._alerts = alerts
            self._begin_alerts()
        self._wake.set()
        return [*self._running.values()]

    def drain(self) -> None:
        """Ask it to end: at most one call's deadline from now it has."""
        self._draining = True
        self._wake.set()

    async def run(self) -> None:
        """Returns once drained."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for observer in self._observers:
                told = partial(tell, self._worker, observer)
                group.create_task(self._tell_on(observer.name, told, lambda: True), name=observer.name)
            self._begin_alerts()
            for source in self._sources:
                told = partial(self._take_counts, source)
                group.create_task(self._tell_on(source.name, told, lambda: True), name=source.name)
            while not self._draining:
                await self._turn(group)
            log.info("draining", running=len(self._running))

    def _begin_alerts(self) -> None:
        alerts, group = self._alerts, self._group
        if group is None or self._draining:
            return
        for alert in alerts:
            told = partial(alert_on, self._worker, alert)
            group.create_task(self._tell_on(alert.name, told, lambda: self._alerts is alerts), name=alert.name)

    async def run_until_idle(self) -> None:
        """Work off what is due, and what that makes due at once; then end."""
        async with asyncio.TaskGroup() as group:
            while not self._draining:
                await self._begin_due(group)
                await self._follow()
                if not self._running and not self._following:
                    break
                await self._sleep(None)

    async def _turn(self, group: asyncio.TaskGroup) -> None:
        try:
            next_due = await self._begin_due(group)
            await self._follow()
            await self._purge()
            next_due = min(next_due or self._purge_at, self._purge_at)
        except StoreError as refused:
            self._refused(refused)
            next_due = self._worker.clock.now() + AFTER_REFUSAL
        await self._sleep(next_due)

    async def _begin_due(self, group: asyncio.TaskGroup) -> datetime | None:
        """Begin what is due and not running here; returns when the next of the others will be."""
        now = self._worker.clock.now()
        self._wake.clear()
        due, next_due, self._following = await self._worker.store.read(
            lambda tx: (tx.streams.due(now), tx.streams.next_due(now), tx.imports.unfinished())
        )
        mine = self._worker.accounts  # others may be another daemon's
        for stream in due:
            if stream.account in mine and stream.id not in self._running and not self._draining:
                name = f"{stream.account}/{stream.kind}"
                self._running[stream.id] = group.create_task(self._step(self._worker, stream), name=name)
        return next_due

    async def _follow(self) -> None:
        """One piece of an import of stock; the next turn comes at once while there may be more."""
        if self._following:
            await self._worker.store.write(lambda tx: follow(tx, self._worker.clock.now()))
            self._wake.set()

    async def _purge(self) -> None:
        """As often as plugins.toml says, and at each start: what is restarted every night must purge too."""
        now = self._worker.clock.now()
        if self._purge_at <= now:
            self._purge_at = await purge(self._worker.store, self._worker.timetable, now)

    async def _step(self, worker: Worker, stream: DueStream) -> None:
        try:
            await step(worker, stream)
        except StoreError as refused:
            self._refused(refused, account=stream.account, stream=stream.kind)
            await asyncio.sleep(AFTER_REFUSAL.total_seconds())
        except Exception as defect:
            # Ours, and one stream's own: the others go on; this one is free again once its lease is over.
            log.exception("step_failed", account=stream.account, stream=stream.kind)
            self.defects.append(defect)
        finally:
            self._running.pop(stream.id, None)
            self._wake.set()

    async def _tell_on(
        self, name: str, tell_some: Callable[[], Awaitable[bool]], is_wanted: Callable[[], bool]
    ) -> None:
        """Apart from the streams: a slow observer delays nobody but itself."""
        while is_wanted() and not self._draining:
            try:
                more = await tell_some()
            except StoreError as refused:
                self._refused(refused, observer=name)
                more = False
            if not more:
                await asyncio.sleep(self._watch.total_seconds())

    async def _take_counts(self, source: NamedSource) -> bool:
        """With the worker of this moment: `[stock]` may be another one since a reload."""
        return await take_counts(self._worker, source, lambda: self._draining)

    def _refused(self, refused: StoreError, **whose: object) -> None:
        self._refusal = Refusal(self._worker.clock.now(), str(refused))
        log.error("store_refused", **whose, reason=str(refused))

    async def _sleep(self, until: datetime | None) -> None:
        """Until something is due, a step has ended, or it is time to look for what others did."""
        watch = self._watch.total_seconds()
        if until is not None:
            watch = min(watch, max(0.0, (until - self._worker.clock.now()).total_seconds()))
        alarm = asyncio.get_running_loop().call_later(max(watch, 0.001), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()
