"""Orders of an account, page by page, and once more over what may have been shown late."""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from entrepot.channel import FetchOrders, Orders, Reads, RecordPage
from entrepot.errors import ChannelError, CursorExpired, RejectedError
from entrepot.model import ProblemKind, Window
from entrepot.model.schedule import Every
from entrepot.quota import Priority
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.applications import rests
from entrepot.sync.data_sets import note_read, note_refused, to_leave_out
from entrepot.sync.intake import take_in
from entrepot.sync.lateness import tell_late
from entrepot.sync.observing import judge_awaiting
from entrepot.sync.pace import FAILING_AFTER
from entrepot.sync.records import Mapped, page_fingerprint
from entrepot.sync.runtime import Idle, Outcome, Plan, Runtime, Turn
from entrepot.sync.source import Source
from entrepot.sync.windows import Sweep, cap_for, halved, open_window, part_of, rest_of, watermark_after
from entrepot.sync.wishes import wake_publishing, wish_again

OVERLAP = timedelta(minutes=5)
REPAIR_OVERLAP = timedelta(hours=24)
HISTORY_FROM = timedelta(days=2)
"""What a repair reads that begins further back."""
REMEMBERED_PAGES = 200
PAGE_MAY_REPEAT = 3


@frozen
class Page:
    """A mapped page, with its fingerprint."""

    records: list[Mapped]
    answer: RecordPage
    fingerprint: str


def plan_orders(turn: Turn) -> Plan | Idle:
    """One page of the running pass, or the first one of a new pass."""
    orders, facts = _orders(turn.runtime)
    if turn.stream.kind is StreamKind.ORDERS and not rests(turn.tx, turn.runtime):
        tell_late(turn, facts)
    sweep = _sweep(turn.runtime, turn.stream.kind, facts)
    if turn.account.description is None:
        return Idle(evolve(turn.stream, next_due=turn.now + turn.runtime.pace.scaled(timedelta(seconds=5))))
    shown = evolve(facts, settle_lag=turn.runtime.pace.scaled(facts.settle_lag))
    window = turn.stream.window or open_window(turn.stream, shown, sweep, turn.channel_now)
    if window is None:
        return Idle(evolve(turn.stream, next_due=turn.runtime.timetable.after(sweep.schedule, turn.now)))
    held = evolve(turn.stream, window=window)
    without = to_leave_out(turn)
    part, marketplaces = part_of(held), turn.runtime.marketplaces
    request = FetchOrders(part, facts.page_size, turn.stream.cursor, marketplaces, without)

    def digest(answer: RecordPage) -> Page:
        records = turn.runtime.reader.read(answer.kind, answer.records)
        return Page(records, answer, page_fingerprint(records, answer.next_cursor))

    def finish(outcome: Outcome, page: Page) -> StreamRow:
        note_read(outcome, without, part)
        return _finish(evolve(outcome, stream=_within(outcome.stream, window)), page, sweep)

    return Plan(
        "fetch_orders",
        call=lambda: orders.fetch_orders(request),
        note=lambda tx: tx.streams.hold(held),
        digest=digest,
        finish=finish,
        fail=lambda outcome, error: _fail(evolve(outcome, stream=_within(outcome.stream, window)), error),
        priority=_priority(turn, window),
    )


def _priority(turn: Turn, window: Window) -> Priority:
    """New orders wait behind a first pass over the history, so it is no backfill; to go over it again is one."""
    if turn.stream.kind is StreamKind.ORDERS:
        return Priority.FRESH_ORDERS
    history = turn.channel_now - window.start > turn.runtime.pace.scaled(HISTORY_FROM)
    return Priority.BACKFILL if history else Priority.SWEEP


def _orders(runtime: Runtime) -> tuple[Orders, Reads]:
    facts = runtime.channel.operations["fetch_orders"]
    if runtime.bound.orders is None or not isinstance(facts, Reads):
        msg = f"{runtime.id} has an orders stream and no orders capability"
        raise TypeError(msg)
    return runtime.bound.orders, facts


def _sweep(runtime: Runtime, kind: StreamKind, facts: Reads) -> Sweep:
    scaled = runtime.pace.scaled
    if kind is StreamKind.ORDER_REPAIR:
        return Sweep(scaled(min(REPAIR_OVERLAP, facts.restatement_horizon)), runtime.timetable.order_audit)
    return Sweep(scaled(max(OVERLAP, 2 * facts.settle_lag)), Every(scaled(runtime.pace.freshness)))


def _within(stream: StreamRow, window: Window) -> StreamRow:
    return evolve(stream, window=window)


def _finish(outcome: Outcome, page: Page, sweep: Sweep) -> StreamRow:
    stream = outcome.stream
    source = Source.of(outcome.account, outcome.runtime.channel)
    wish_again(outcome.tx, take_in(outcome.tx, source, page.records, outcome.now), outcome.now)
    if page.answer.next_cursor is None:
        return _end_pass(outcome, page, sweep)
    if page.fingerprint in stream.seen_pages or page.answer.next_cursor == stream.cursor:
        return _page_repeats(outcome)
    return evolve(
        stream,
        cursor=page.answer.next_cursor,
        complete_until=_earliest(stream, page.answer),
        seen_pages=(*stream.seen_pages, page.fingerprint)[-REMEMBERED_PAGES:],
        records=stream.records + len(page.records),
        next_due=outcome.now,
    )


def _earliest(stream: StreamRow, answer: RecordPage) -> datetime | None:
    told = [at for at in (stream.complete_until, answer.complete_until) if at is not None]
    return min(told, default=None)


def _end_pass(outcome: Outcome, page: Page, sweep: Sweep) -> StreamRow:
    """The last page of a pass, or of a part of it; then the next part is due at once."""
    counted = evolve(
        outcome.stream,
        complete_until=_earliest(outcome.stream, page.answer),
        records=outcome.stream.records + len(page.records),
    )
    _, facts = _orders(outcome.runtime)
    limits = [outcome.runtime.channel.limits[name] for name in facts.spends]
    rest = rest_of(counted)
    ended = evolve(
        _from_start(counted),
        cursor=page.answer.resume,
        watermark=watermark_after(counted),
        window=rest,
        window_cap=cap_for(counted, facts, limits),
        complete_until=counted.complete_until if rest else None,
        failures=counted.failures if counted.failing_since else 0,
        next_due=outcome.now if rest else outcome.runtime.timetable.after(sweep.schedule, outcome.now),
    )
    close_problem(outcome.tx, ProblemKind.PAGES_REPEAT, ended.account, f"stream/{ended.kind}", outcome.now)
    if ended.kind is StreamKind.ORDERS and ended.watermark is not None:
        judge_awaiting(outcome.tx, outcome.account, ended.watermark, outcome.now)
        wake_publishing(outcome.tx, ended.account, outcome.now, ended.watermark)
    return ended


def _page_repeats(outcome: Outcome) -> StreamRow:
    """The channel goes in a circle: ask again from the last page that was new, then begin the pass anew."""
    stream = evolve(outcome.stream, failures=outcome.stream.failures + 1)
    open_problem(
        outcome.tx,
        ProblemKind.PAGES_REPEAT,
        stream.account,
        f"stream/{stream.kind}",
        f"fetch_orders of {stream.account} returned the same page again after {len(stream.seen_pages)} pages",
        "nothing is lost: the pass is read again; if this stays open, report it to the channel with its cursor",
        outcome.now,
    )
    pause = outcome.runtime.pace.scaled(timedelta(seconds=30) * stream.failures)
    restarted = _from_start(stream) if stream.failures % PAGE_MAY_REPEAT == 0 else stream
    return evolve(restarted, window=stream.window, next_due=outcome.now + pause)


def _from_start(stream: StreamRow) -> StreamRow:
    return evolve(stream, window=None, cursor=None, complete_until=None, seen_pages=(), records=0)


def _fail(outcome: Outcome, error: ChannelError) -> StreamRow:
    """A pass goes on where it was; an expired cursor begins its present part again, over half the span.

    So does one that is refused again and again, over all of it: it may have come from before an incident.
    """
    stream = outcome.stream
    note_refused(outcome, error)
    if isinstance(error, CursorExpired):
        return evolve(stream, cursor=None, seen_pages=(), records=0, window_cap=halved(stream))
    if isinstance(error, RejectedError) and stream.cursor is not None and stream.failures + 1 >= FAILING_AFTER:
        return evolve(stream, cursor=None, seen_pages=(), records=0)
    return stream
