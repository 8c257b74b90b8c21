"""Quantities sent singly or in small batches: decreases first, raises once the orders cover them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import evolve

from entrepot.channel import PushReport, PushStock, StockItem, Writes
from entrepot.errors import ChannelError, RejectedError, UnknownOutcome
from entrepot.model import EventName, ProblemKind
from entrepot.quota import Priority
from entrepot.store import Tx
from entrepot.store.records import Attempt, AttemptItem, OfferRow, StreamKind, StreamRow
from entrepot.sync.announce import announce, close_problem, open_problem
from entrepot.sync.runtime import Idle, Outcome, Plan, Runtime, Turn
from entrepot.sync.stock import settle_lag, stock_of

LOOK_FOR_WISHES = timedelta(hours=1)
"""Only in case: every new wish and every order pass wakes the stream."""
BULK_FROM = 4
"""So many batches of raises are worth a job."""


def plan_push(turn: Turn) -> Plan | Idle:
    """Send the most urgent batch. Its attempt is noted in the transaction that reads the wishes, before the call."""
    doubt_open_attempts(turn)
    facts = _facts(turn.runtime)
    offers = _to_send(turn, facts.batch_size)
    if not offers or not turn.publishes:
        return Idle(evolve(turn.stream, next_due=turn.now + turn.runtime.pace.scaled(LOOK_FOR_WISHES)))
    attempt = new_attempt(turn, "push_stock", offers)
    request = PushStock(stock_items(attempt), attempt.id, turn.runtime.marketplaces)
    stock, _ = stock_of(turn.runtime)
    return Plan(
        "push_stock",
        call=lambda: stock.push_stock(request),
        note=lambda tx: tx.offers.save_attempt(attempt),
        finish=lambda outcome, report: _finish(outcome, attempt, report),
        fail=lambda outcome, error: _fail(outcome, attempt, error),
        priority=Priority.URGENT_STOCK,
    )


def new_attempt(turn: Turn, operation: str, offers: Iterable[OfferRow]) -> Attempt:
    """An attempt to show the present wishes."""
    items = tuple(
        AttemptItem(
            offer.external_id,
            offer.desired or 0,
            offer.desired_version,
            offer.believed,
            offer.desired_at or turn.channel_now,
        )
        for offer in offers
    )
    words = ",".join(f"{item.offer}={item.quantity}" for item in items)
    return Attempt(
        id=turn.worker.ids.new(),
        account=turn.stream.account,
        operation=operation,
        epoch=turn.stream.epoch,
        created_at=turn.now,
        deadline=turn.deadline,
        content_hash=hashlib.sha256(words.encode()).hexdigest()[:32],
        items=items,
    )


def stock_items(attempt: Attempt) -> tuple[StockItem, ...]:
    return tuple(StockItem(item.offer, item.quantity) for item in attempt.items)


def doubt_open_attempts(turn: Turn) -> None:
    """Read back what may have been applied: a single write that nobody closed before its deadline."""
    for attempt in turn.tx.offers.open_attempts(turn.stream.account):
        if attempt.operation == "push_stock" and attempt.deadline < turn.now:
            unread = tuple(item for item in attempt.items if not _is_in_doubt(turn.tx, attempt, item))
            if unread:
                doubt(turn.tx, turn.runtime, evolve(attempt, items=unread), turn.channel_now, turn.now)


def _is_in_doubt(tx: Tx, attempt: Attempt, item: AttemptItem) -> bool:
    """Is a look due that comes late enough to prove it? Naming an offer draws older looks to the deadline or before."""
    offer = tx.offers.find(attempt.account, item.offer)
    return offer is not None and offer.verify_due is not None and offer.verify_due > attempt.deadline


def doubt(tx: Tx, runtime: Runtime, attempt: Attempt, channel_now: datetime, now: datetime) -> None:
    """Read back every item whose outcome is unknown, once the attempt can no longer arrive.

    A look that is due for an earlier write is not enough: it may come before this one has its effect.
    """
    verify_at = max(now, attempt.deadline) + settle_lag(runtime)
    for item in attempt.items:
        offer = tx.offers.find(attempt.account, item.offer)
        if item.result is None and offer is not None and offer.attempt == attempt.id:
            tx.offers.unknown(attempt.account, item, channel_now, verify_at)
    tx.streams.wake(attempt.account, StreamKind.STOCK, verify_at)


def close_items(tx: Tx, runtime: Runtime, attempt: Attempt, report: PushReport, at: datetime, now: datetime) -> None:
    """Note what became of each item. One that the report does not name stays in doubt."""
    verify_at, since = now + settle_lag(runtime), at - (now - attempt.created_at)
    for item in attempt.items:
        if item.offer not in report.results:
            continue
        reason = report.results[item.offer]
        tx.offers.save_result(attempt.id, item.offer, reason or "")
        if reason is None:
            tx.offers.accepted(attempt, item, since, at, verify_at)
            close_problem(tx, ProblemKind.PUSH_REJECTED, attempt.account, f"offer/{item.offer}", now)
        else:
            _reject(tx, attempt, item, reason, now)
    tx.streams.wake(attempt.account, StreamKind.STOCK, verify_at)


def _facts(runtime: Runtime) -> Writes:
    facts = runtime.channel.operations["push_stock"]
    if not isinstance(facts, Writes):
        msg = f"{runtime.channel.id} declares push_stock as a read"
        raise TypeError(msg)
    return facts


def _to_send(turn: Turn, batch_size: int) -> Sequence[OfferRow]:
    known_until = _known_until(turn)
    offers = turn.tx.offers.to_push(turn.stream.account, known_until, batch_size)
    if left_to_bulk(turn, batch_size, known_until):
        turn.tx.streams.wake(turn.stream.account, StreamKind.BULK, turn.now)
        return [offer for offer in offers if is_decrease(offer)]
    return offers


def _known_until(moment: Turn | Outcome) -> datetime | None:
    if moment.runtime.bound.orders is None:
        return moment.channel_now
    return moment.tx.streams.orders_known_until(moment.stream.account)


def left_to_bulk(turn: Turn, batch_size: int, known_until: datetime | None) -> bool:
    """Are there so many raises that a bulk job carries them?"""
    if turn.runtime.bound.bulk_stock is None:
        return False
    enough = BULK_FROM * batch_size
    offers = turn.tx.offers.to_push(turn.stream.account, known_until, 2 * enough)
    return sum(not is_decrease(offer) for offer in offers) >= enough


def is_decrease(offer: OfferRow) -> bool:
    return offer.desired is not None and offer.desired < offer.believed


def _finish(outcome: Outcome, attempt: Attempt, report: PushReport) -> StreamRow:
    close_items(outcome.tx, outcome.runtime, attempt, report, outcome.channel_now, outcome.now)
    if {item.offer for item in attempt.items} <= report.results.keys():
        outcome.tx.offers.close_attempt(attempt.id, "answered", outcome.now)
    else:
        doubt(outcome.tx, outcome.runtime, attempt, outcome.channel_now, outcome.now)
    more = outcome.tx.offers.to_push(attempt.account, _known_until(outcome), 1)
    pause = timedelta() if more else outcome.runtime.pace.scaled(LOOK_FOR_WISHES)
    return evolve(outcome.stream, next_due=outcome.now + pause)


def _fail(outcome: Outcome, attempt: Attempt, error: ChannelError) -> StreamRow:
    """What certainly had no effect is let go; anything else is read back first."""
    if isinstance(error, UnknownOutcome):
        doubt(outcome.tx, outcome.runtime, attempt, outcome.channel_now, outcome.now)
        return outcome.stream
    for item in attempt.items:
        if isinstance(error, RejectedError):
            _reject(outcome.tx, attempt, item, str(error), outcome.now)
        outcome.tx.offers.save_result(attempt.id, item.offer, str(error))
        outcome.tx.offers.release(attempt.account, item.offer, attempt.id)
    outcome.tx.offers.close_attempt(attempt.id, str(error), outcome.now)
    return outcome.stream


def _reject(tx: Tx, attempt: Attempt, item: AttemptItem, reason: str, now: datetime) -> None:
    account = attempt.account
    tx.offers.rejected(attempt, item)
    subject = f"offer/{item.offer}"
    announce(tx, EventName.PUSH_FAILED, account, subject, item.version, now, quantity=item.quantity, reason=reason)
    open_problem(
        tx,
        ProblemKind.PUSH_REJECTED,
        account,
        subject,
        f"{account} refused {item.quantity} for {item.offer}: {reason}",
        f"mend the offer on the channel; the next change of stock is sent anyway: entrepot offers why {item.offer}",
        now,
    )
