"""Events from the outbox to observers: after the commit, at least once, in order per subject.

An observer that fails parks the subject: its events wait with growing pauses, other subjects and other observers go on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import orjson
import structlog
from attrs import frozen

from entrepot.model import AccountId, Event, EventName, ProblemKind
from entrepot.store import Tx
from entrepot.store.records import NO_ACCOUNT, OutboxRow, ParkedDelivery, StreamKind, StreamRow
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.blocking import Doer, Stretches, settle
from entrepot.sync.runtime import Worker

BATCH = 50
PATIENCE = timedelta(seconds=20)
LEASE = timedelta(seconds=40)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
TOLD_AFTER = 3

log = structlog.get_logger()


@frozen
class Observer:
    """A plugin's implementation of one hook. `name` is unique and permanent: it is where its progress is kept."""

    name: str
    event: EventName
    tell: Callable[[Event], Awaitable[None]]


@frozen
class Batch:
    stream: StreamRow
    events: tuple[OutboxRow, ...]
    parked: tuple[ParkedDelivery, ...]
    until: int


async def tell(worker: Worker, observer: Observer) -> bool:
    """Tell an observer its next events. True where there may be more."""
    batch = await worker.store.write(lambda tx: _claim(tx, worker, observer))
    if batch is None:
        return False
    stretches = Stretches(Doer(observer.name, None, observer.event))
    results = await _deliver(worker, observer, batch, stretches)

    def work(tx: Tx, now: datetime) -> None:
        _settle(tx, observer, batch, results, now)

    held = await settle(worker.store, worker.clock, stretches, work, observer=observer.name)
    return held and len(batch.events) == BATCH


def _claim(tx: Tx, worker: Worker, observer: Observer) -> Batch | None:
    now = worker.clock.now()
    last = tx.outbox.last_id()
    parked = tx.outbox.parked(observer.name)
    due = any(delivery.next_due <= now for delivery in parked)
    if tx.outbox.told_until(observer.name) >= last and not due:
        return None
    stream = tx.streams.of_scope(StreamKind.TELL, observer.name)
    held = tx.streams.claim(stream.id, worker.name, now, now + LEASE)
    if held is None:
        return None
    events = tx.outbox.after(tx.outbox.told_until(observer.name), BATCH)
    retried = tuple(tx.outbox.event(delivery.event) for delivery in parked)
    mine = tuple(event for event in events if event.name == observer.event)
    until = events[-1].id if events else last  # after a restore, numbers are left out
    return Batch(held, retried + mine, tuple(parked), until)


async def _deliver(worker: Worker, observer: Observer, batch: Batch, stretches: Stretches) -> dict[int, str | None]:
    """Event id to what went wrong, None where it was taken.

    Events behind a failed one of their subject are not tried.
    """
    pending = {delivery.event: delivery for delivery in batch.parked}
    stuck = set[str]()
    results: dict[int, str | None] = {}
    end = worker.clock.now() + PATIENCE
    for row in batch.events:
        delivery = pending.get(row.id)
        waits = delivery is not None and delivery.next_due > worker.clock.now()
        if row.subject in stuck or waits or worker.clock.now() > end:
            stuck.add(row.subject)
            results[row.id] = "waits behind an earlier event"
            continue
        results[row.id] = await _tell_one(observer, row, stretches)
        if results[row.id] is not None:
            stuck.add(row.subject)
    return results


async def _tell_one(observer: Observer, row: OutboxRow, stretches: Stretches) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await stretches.of(observer.tell(_event(row)))
    except TimeoutError:
        return f"took longer than {PATIENCE.total_seconds():.0f} s"
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; others go on
        return f"{type(error).__name__}: {error}"
    return None


def _settle(tx: Tx, observer: Observer, batch: Batch, results: dict[int, str | None], now: datetime) -> None:
    failures = {delivery.event: delivery.failures for delivery in batch.parked}
    for row in batch.events:
        reason = results[row.id]
        subject = f"{observer.name}/{row.subject}"
        if reason is None:
            tx.outbox.unpark(observer.name, row.id)
            close_problem(tx, ProblemKind.OBSERVER_PARKED, None, subject, now)
            continue
        tried = not reason.startswith("waits behind")
        count = failures.get(row.id, 0) + tried
        tx.outbox.park(ParkedDelivery(observer.name, row.id, row.subject, count, now + pause_after(count)))
        if tried and count >= TOLD_AFTER:
            _tell_parked(tx, observer, subject, reason, now)
    tx.outbox.advance(observer.name, batch.until)
    tx.streams.release(batch.stream)


def pause_after(failures: int) -> timedelta:
    """Before the next try; what was not tried yet waits as if it had failed once."""
    doubled = min(max(failures - 1, 0), 9)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doubled))


def _tell_parked(tx: Tx, observer: Observer, subject: str, reason: str, now: datetime) -> None:
    open_problem(
        tx,
        ProblemKind.OBSERVER_PARKED,
        None,
        subject,
        f"observer {observer.name} does not take its events: {reason}",
        "mend the plugin; the events wait and are told in order",
        now,
    )


def _event(row: OutboxRow) -> Event:
    account = None if row.account is None else AccountId(row.account)
    return Event(EventName(row.name), row.subject, row.key, row.occurred_at, account, orjson.loads(row.details))


def add_observer(tx: Tx, observer: Observer, now: datetime) -> None:
    """A new observer is told what happens from now on."""
    tx.outbox.add_observer(observer.name)
    tx.streams.ensure(NO_ACCOUNT, StreamKind.TELL, now, scope=observer.name)
