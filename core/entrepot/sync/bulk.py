"""Many raises in one job of the channel: submitted, found again after a crash, polled to its end."""

from datetime import timedelta

from attrs import evolve

from entrepot.channel import (
    BulkState,
    BulkStatus,
    BulkStock,
    BulkTicket,
    FindBulk,
    FoundBulk,
    PollBulk,
    SubmitBulk,
    Writes,
)
from entrepot.errors import ChannelError, UnknownOutcome
from entrepot.model import ProblemKind
from entrepot.store.records import Attempt, StreamKind, StreamRow
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.push import close_items, doubt, is_decrease, left_to_bulk, new_attempt, stock_items
from entrepot.sync.runtime import Idle, Outcome, Plan, Turn

POLL_EVERY = timedelta(seconds=30)
LOOK_FOR_WORK = timedelta(hours=6)
"""Only in case: every new wish and every order pass wakes the stream."""
OVERDUE_AFTER = timedelta(hours=2)


def plan_bulk(turn: Turn) -> Plan | Idle:
    """One job at a time: what runs is polled, what is in doubt is searched, else a new one starts where it pays."""
    bulk = turn.runtime.bound.bulk_stock
    if bulk is None:
        msg = f"{turn.stream.account} has a bulk stream and no bulk capability"
        raise TypeError(msg)
    jobs = [job for job in turn.tx.offers.open_attempts(turn.stream.account) if job.operation == "submit_bulk"]
    for job in jobs:
        if job.ticket is not None:
            return _poll(bulk, job, job.ticket)
        if job.deadline < turn.now:
            return _find(bulk, job)
    for job in jobs:  # in doubt, and its deadline is not over
        return Idle(evolve(turn.stream, next_due=job.deadline))
    return _submit(turn, bulk) or Idle(evolve(turn.stream, next_due=turn.now + turn.runtime.pace.scaled(LOOK_FOR_WORK)))


def _submit(turn: Turn, bulk: BulkStock) -> Plan | None:
    facts, single = turn.runtime.channel.operations["submit_bulk"], turn.runtime.channel.operations["push_stock"]
    if not isinstance(facts, Writes) or not isinstance(single, Writes) or not turn.publishes:
        return None
    known_until = turn.tx.streams.orders_known_until(turn.stream.account)
    if not left_to_bulk(turn, single.batch_size, known_until):
        return None
    offers = turn.tx.offers.to_push(turn.stream.account, known_until, facts.batch_size)
    attempt = new_attempt(turn, "submit_bulk", [offer for offer in offers if not is_decrease(offer)])
    request = SubmitBulk(stock_items(attempt), attempt.id, turn.runtime.marketplaces)
    return Plan(
        "submit_bulk",
        call=lambda: bulk.submit_bulk(request),
        note=lambda tx: tx.offers.save_attempt(attempt),
        finish=lambda outcome, ticket: _submitted(outcome, attempt, ticket),
        fail=lambda outcome, error: _not_submitted(outcome, attempt, error),
    )


def _submitted(outcome: Outcome, attempt: Attempt, ticket: BulkTicket) -> StreamRow:
    outcome.tx.offers.run_attempt(attempt.id, ticket.id)
    return evolve(outcome.stream, next_due=outcome.now + outcome.runtime.pace.scaled(POLL_EVERY))


def _not_submitted(outcome: Outcome, attempt: Attempt, error: ChannelError) -> StreamRow:
    if not isinstance(error, UnknownOutcome):
        _give_up(outcome, attempt, str(error))
    return outcome.stream


def _find(bulk: BulkStock, attempt: Attempt) -> Plan:
    request = FindBulk(attempt.created_at - timedelta(minutes=5), attempt.id)

    def finish(outcome: Outcome, found: FoundBulk) -> StreamRow:
        if found.ticket is not None:
            return _submitted(outcome, attempt, found.ticket)
        _give_up(outcome, attempt, "never arrived")
        return evolve(outcome.stream, next_due=outcome.now)

    return Plan("find_bulk", call=lambda: bulk.find_bulk(request), finish=finish)


def _poll(bulk: BulkStock, attempt: Attempt, ticket: str) -> Plan:
    return Plan(
        "poll_bulk",
        call=lambda: bulk.poll_bulk(PollBulk(ticket)),
        finish=lambda outcome, status: _polled(outcome, attempt, status),
    )


def _polled(outcome: Outcome, attempt: Attempt, status: BulkStatus) -> StreamRow:
    if status.state is BulkState.RUNNING:
        _tell_overdue(outcome, attempt)
        return evolve(outcome.stream, next_due=outcome.now + outcome.runtime.pace.scaled(POLL_EVERY))
    close_items(outcome.tx, outcome.runtime, attempt, status.report, outcome.channel_now, outcome.now)
    doubt(outcome.tx, outcome.runtime, attempt, outcome.channel_now, outcome.now)
    _give_up(outcome, attempt, status.state)
    close_problem(outcome.tx, ProblemKind.BULK_OVERDUE, attempt.account, f"job/{attempt.ticket}", outcome.now)
    return evolve(outcome.stream, next_due=outcome.now)


def _give_up(outcome: Outcome, attempt: Attempt, why: str) -> None:
    """The job names its offers no more. Each is read back: a single decrease may have been overtaken by the job."""
    for item in attempt.items:
        outcome.tx.offers.release(attempt.account, item.offer, attempt.id)
        outcome.tx.offers.verify(attempt.account, item.offer, outcome.now)
    outcome.tx.offers.close_attempt(attempt.id, why, outcome.now)
    outcome.tx.streams.wake(attempt.account, StreamKind.STOCK, outcome.now)


def _tell_overdue(outcome: Outcome, attempt: Attempt) -> None:
    if outcome.now - attempt.created_at < outcome.runtime.pace.scaled(OVERDUE_AFTER):
        return
    open_problem(
        outcome.tx,
        ProblemKind.BULK_OVERDUE,
        attempt.account,
        f"job/{attempt.ticket}",
        f"bulk job {attempt.ticket} of {attempt.account} has not ended; its {len(attempt.items)} raises wait",
        "look for the job on the channel; it is polled on",
        outcome.now,
    )
