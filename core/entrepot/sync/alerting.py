"""Opened and closed problems from the outbox to people: at least once, in order, and never a flood.

Events of one kind wait for each other: what comes within GATHER is one message, and a kind is told once per PAUSE.
What waits is parked in the store, so that a restart forgets nothing, and so is when a kind was told last.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson
import structlog
from attrs import evolve, frozen

from entrepot.errors import LeaseLost
from entrepot.model import EventName, ProblemKind
from entrepot.store import Tx
from entrepot.store.records import NO_ACCOUNT, OutboxRow, ParkedDelivery, StreamKind, StreamRow
from entrepot.sync.alert_message import Message, message_of
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.runtime import Worker
from entrepot.sync.telling import LEASE, PATIENCE, TOLD_AFTER, pause_after

GATHER = timedelta(seconds=30)
PAUSE = timedelta(minutes=15)
AT_ONCE = 2000
"""Events of the outbox that one transaction goes through."""

PROBLEM_EVENTS = frozenset({EventName.PROBLEM_OPENED, EventName.PROBLEM_CLOSED})

log = structlog.get_logger()


@frozen
class Alert:
    """A receiver. `name` is where its progress is kept. `send` raises what went wrong, without secrets in its words."""

    name: str
    kinds: frozenset[ProblemKind]
    send: Callable[[Message], Awaitable[None]]
    redact: Callable[[str], str]


@frozen
class Due:
    """What is to be sent now, by kind, under a lease."""

    stream: StreamRow
    parked: Mapping[str, Sequence[ParkedDelivery]]
    messages: Sequence[Message]
    more: bool


def add_alerts(tx: Tx, alerts: Iterable[Alert], now: datetime) -> None:
    """A new receiver is told what happens from now on; one that was taken out needs nobody any more."""
    names = [alert.name for alert in alerts]
    for name in names:
        tx.outbox.add_observer(name)
        tx.streams.ensure(NO_ACCOUNT, StreamKind.TELL, now, scope=name)
    for problem in tx.problems.all():
        if problem.kind is ProblemKind.ALERT_PARKED and problem.subject.rpartition("/")[0] not in names:
            close_problem(tx, problem.kind, problem.account, problem.subject, now)


async def alert_on(worker: Worker, alert: Alert) -> bool:
    """Send what is due to one receiver. True where there may be more."""
    due = await worker.store.write(lambda tx: _claim(tx, worker, alert))
    if due is None:
        return False
    results = await _send(worker, alert, due.messages)
    try:
        await worker.store.write(lambda tx: _settle(tx, alert, due, results, worker.clock.now()))
    except LeaseLost:
        return False
    return due.more


def _claim(tx: Tx, worker: Worker, alert: Alert) -> Due | None:
    now = worker.clock.now()
    told_until, last, parked = tx.outbox.told_until(alert.name), tx.outbox.last_id(), tx.outbox.parked(alert.name)
    if last <= told_until and not any(one.next_due <= now for one in parked):
        return None
    held = tx.streams.claim(tx.streams.of_scope(StreamKind.TELL, alert.name).id, worker.name, now, now + LEASE)
    if held is None:
        return None
    events = tx.outbox.after(told_until, AT_ONCE)
    waiting = _by_kind(parked)
    for event in events:
        if _is_for(alert, event):
            _park(tx, alert, event, waiting, _told(held))
    tx.outbox.advance(alert.name, events[-1].id if events else last)  # after a restore, numbers are left out
    ripe = {kind: rows for kind, rows in waiting.items() if rows[0].next_due <= now}
    rows = {kind: [tx.outbox.event(one.event) for one in ripe[kind]] for kind in ripe}
    messages = [message_of(kind, rows[kind], alert.redact, now) for kind in ripe]
    return Due(held, ripe, messages, len(events) == AT_ONCE)


def _by_kind(parked: Iterable[ParkedDelivery]) -> dict[str, list[ParkedDelivery]]:
    waiting = defaultdict[str, list[ParkedDelivery]](list)
    for one in parked:
        waiting[one.subject].append(one)
    return waiting


def _is_for(alert: Alert, event: OutboxRow) -> bool:
    """What a receiver's own failures open is told by the others: told by itself, it would go in a circle."""
    if event.name not in PROBLEM_EVENTS or orjson.loads(event.details)["kind"] not in alert.kinds:
        return False
    return not event.subject.startswith(f"{ProblemKind.ALERT_PARKED}/{alert.name}/")


def _park(
    tx: Tx, alert: Alert, event: OutboxRow, waiting: dict[str, list[ParkedDelivery]], told: Mapping[str, datetime]
) -> None:
    kind = orjson.loads(event.details)["kind"]
    due, failures = event.occurred_at + GATHER, 0
    if waiting[kind]:  # it goes with the others of its kind
        due, failures = waiting[kind][0].next_due, waiting[kind][0].failures
    elif kind in told:
        due = max(due, told[kind] + PAUSE)
    delivery = ParkedDelivery(alert.name, event.id, kind, failures, due)
    tx.outbox.park(delivery)
    waiting[kind].append(delivery)


async def _send(worker: Worker, alert: Alert, messages: Sequence[Message]) -> dict[str, str | None]:
    """Kind to what went wrong, None where it was taken. A kind that is left out was not tried: time was up."""
    results: dict[str, str | None] = {}
    end = worker.clock.now() + PATIENCE
    for message in messages:
        left = (end - worker.clock.now()).total_seconds()
        if left <= 0:
            break
        results[message.kind] = await _send_one(alert, message, left if results else PATIENCE.total_seconds())
    return results


async def _send_one(alert: Alert, message: Message, seconds: float) -> str | None:
    try:
        async with asyncio.timeout(seconds):
            await alert.send(message)
    except TimeoutError:
        return f"took longer than {seconds:.0f} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the loop
        reason = alert.redact(f"{type(error).__name__}: {error}")
        log.warning("alert_failed", alert=alert.name, kind=message.kind, reason=reason)
        return reason
    log.info("alert_sent", alert=alert.name, kind=message.kind, problems=len(message.notices))
    return None


def _settle(tx: Tx, alert: Alert, due: Due, results: Mapping[str, str | None], now: datetime) -> None:
    tx.streams.assert_epoch(due.stream)
    told = dict(_told(due.stream))
    for kind, reason in results.items():
        subject = f"{alert.name}/{kind}"
        if reason is None:
            told[kind] = now
            for one in due.parked[kind]:
                tx.outbox.unpark(alert.name, one.event)
            close_problem(tx, ProblemKind.ALERT_PARKED, None, subject, now)
            continue
        failures = due.parked[kind][0].failures + 1
        again = now + pause_after(failures)
        for one in due.parked[kind]:
            tx.outbox.park(evolve(one, failures=failures, next_due=again))
        if failures >= TOLD_AFTER:
            _tell_parked(tx, alert, subject, reason, now)
    told_last = {kind: at.isoformat() for kind, at in told.items()}
    tx.streams.release(evolve(due.stream, cursor=orjson.dumps(told_last).decode(), next_due=now))


def _told(stream: StreamRow) -> dict[str, datetime]:
    """Kind to the instant of its last message. It stands where other streams keep their place in a list."""
    return {kind: datetime.fromisoformat(at) for kind, at in orjson.loads(stream.cursor or "{}").items()}


def _tell_parked(tx: Tx, alert: Alert, subject: str, reason: str, now: datetime) -> None:
    open_problem(
        tx,
        ProblemKind.ALERT_PARKED,
        None,
        subject,
        f"{alert.name} does not take its alerts: {reason}",
        "they are sent again with growing pauses; mend [[alerts]] or [mail], then: entrepot alerts test, and reload",
        now,
    )
