"""The unit of work: claim a stream and reserve its calls, make one call, commit everything with the cursor, let go.

Nobody waits while holding anything: where a token is not there yet the stream's next due time becomes the token's
instant.
"""

from datetime import datetime, timedelta

import structlog
from attrs import evolve, frozen

from entrepot.errors import ChannelError, RateLimited
from entrepot.quota.shared import Asking, granted_at, reserve_call, settle_call
from entrepot.store import Tx
from entrepot.store.records import DueStream, StreamKind, StreamRow
from entrepot.sync import applications, breaking
from entrepot.sync.blocking import settle
from entrepot.sync.budget import withheld_until
from entrepot.sync.bulk import plan_bulk
from entrepot.sync.calls import Called, call
from entrepot.sync.failing import after_failure, after_success, note_clock
from entrepot.sync.health import plan_health
from entrepot.sync.orders import plan_orders
from entrepot.sync.push import plan_push
from entrepot.sync.runtime import Idle, Outcome, Plan, Runtime, Turn, Work, Worker
from entrepot.sync.stock import plan_stock
from entrepot.sync.windows import resting

WORK: dict[StreamKind, Work] = {
    StreamKind.HEALTH: plan_health,
    StreamKind.ORDERS: plan_orders,
    StreamKind.ORDER_REPAIR: plan_orders,
    StreamKind.STOCK: plan_stock,
    StreamKind.PUSH: plan_push,
    StreamKind.BULK: plan_bulk,
}

WORTH_TELLING = timedelta(seconds=30)
"""Shorter waits are those of every page."""

log = structlog.get_logger()


@frozen
class Begun:
    """A claimed stream, what to call, and until when."""

    stream: StreamRow
    plan: Plan
    deadline: datetime


async def step(worker: Worker, stream: DueStream) -> None:
    """One page of work on a due stream. Does nothing where another daemon was quicker."""
    runtime = worker.accounts[stream.account]
    begun = await worker.store.write(lambda tx: _begin(tx, worker, runtime, stream))
    if begun is None:
        return
    called = await call(worker.store, runtime, begun.plan, begun.deadline, worker.clock)

    def end(tx: Tx, now: datetime) -> None:
        _end(tx, worker, runtime, begun, called, now)

    await settle(worker.store, worker.clock, called.stretches, end, account=stream.account, stream=stream.kind)


def _begin(tx: Tx, worker: Worker, runtime: Runtime, stream: DueStream) -> Begun | None:
    now = worker.clock.now()
    deadline = now + runtime.pace.deadline
    account = tx.accounts.find(stream.account)
    if account is None or account.rests:  # since the look at what is due
        return None
    held = tx.streams.claim(stream.id, worker.name, now, now + runtime.pace.lease)
    if held is None:
        return None
    turn = Turn(tx, worker, runtime, account, held, now, deadline)
    plan = WORK[held.kind](turn)
    if isinstance(plan, Idle):
        tx.streams.release(plan.stream)
        return None
    barred = _barred_until(tx, runtime, plan.operation, now)
    if barred is not None:
        waiting = resting(held) if applications.rests(tx, runtime) else held
        tx.streams.release(evolve(waiting, next_due=barred))
        _log_wait(held, plan.operation, "the channel failed before", barred, now)
        return None
    day, asking = runtime.timetable.today(now), Asking(plan.priority, held.id)
    at = withheld_until(turn, plan) or reserve_call(
        tx.quota, runtime.spender, plan.operation, asking, now, deadline, day=day
    )
    if at is not None:
        tx.streams.release(evolve(held, next_due=at))
        _log_wait(held, plan.operation, "an allowance is used up", at, now)
        return None
    breaking.note_call(tx, runtime.id, plan.operation, deadline)
    applications.note_call(tx, runtime, deadline)
    plan.note(tx)
    return Begun(held, plan, deadline)


def _barred_until(tx: Tx, runtime: Runtime, operation: str, now: datetime) -> datetime | None:
    """None where nothing is known of trouble that the call would only meet again."""
    own = breaking.barred_until(tx, runtime.id, operation, now)
    shared = applications.barred_until(tx, runtime, now)
    return max((at for at in (own, shared) if at is not None), default=None)


def _end(tx: Tx, worker: Worker, runtime: Runtime, begun: Begun, called: Called, now: datetime) -> None:
    tx.streams.assert_epoch(begun.stream)
    account = tx.accounts.find(begun.stream.account)
    if account is None:
        return
    operation, day = begun.plan.operation, runtime.timetable.today(now)
    settle_call(tx.quota, runtime.spender, called.granted, called.error, now, day=day, records=called.records)
    outcome = Outcome(tx, runtime, account, begun.stream, now)
    if called.error is None:
        breaking.note_success(tx, runtime.id, operation)
        if called.granted.requests:  # else the plugin answered from memory
            applications.note_accepted(tx, runtime, now)
        released = after_success(outcome, begun.plan.finish(outcome, called.result), operation)
    else:
        kept = begun.plan.fail(outcome, called.error)
        released = after_failure(evolve(outcome, stream=kept), operation, called.error, worker.rng)
        _log_failure(begun, called.error, _next_try(outcome, operation, released.next_due))
    if note_clock(outcome) and released.kind in {StreamKind.ORDERS, StreamKind.ORDER_REPAIR}:
        released = evolve(released, next_due=now + runtime.pace.scaled(timedelta(minutes=5)))
    tx.streams.release(released)


def _next_try(outcome: Outcome, operation: str, due: datetime) -> datetime:
    """Not before the limit allows it, which this very refusal may have lowered."""
    runtime = outcome.runtime
    return granted_at(outcome.tx.quota, runtime.spender, operation, due, due + runtime.pace.deadline)


def _log_wait(stream: StreamRow, operation: str, why: str, until: datetime, now: datetime) -> None:
    """Once for each wait: whoever looks at a daemon that does nothing sees until when."""
    if until - now >= WORTH_TELLING:
        log.info(
            "waiting",
            account=stream.account,
            stream=stream.kind,
            operation=operation,
            why=why,
            until=until.isoformat(timespec="seconds"),
        )


def _log_failure(begun: Begun, error: ChannelError, next_try: datetime) -> None:
    log.warning(
        "call_failed",
        account=begun.stream.account,
        stream=begun.stream.kind,
        operation=begun.plan.operation,
        error=type(error).__name__,
        throttled=isinstance(error, RateLimited),
        reason=str(error),
        next_try=next_try.isoformat(timespec="seconds"),
    )
