"""Quantities read back: those that were just sent, and from time to time all of them."""

from datetime import datetime, timedelta

import orjson
from attrs import evolve, frozen

from entrepot.channel import FetchStock, Reads, RecordPage, Stock
from entrepot.channel.facts import UNDECLARED
from entrepot.model import StockLevel
from entrepot.quota import Priority
from entrepot.store.records import StreamRow
from entrepot.sync.observing import Look, miss_offers, see_levels
from entrepot.sync.records import Mapped
from entrepot.sync.refusals import refuse
from entrepot.sync.runtime import Idle, Outcome, Plan, Runtime, Turn

LOOK_AGAIN = timedelta(seconds=60)


@frozen
class Question:
    """The offers that are asked for; kept as the stream's cursor while an answer has several pages or a sweep goes on.

    `sweep` is the name up to which a sweep has come, None while only single offers are verified.
    """

    offers: tuple[str, ...]
    sweep: str | None = None
    page: str | None = None

    def dump(self) -> str:
        return orjson.dumps([self.offers, self.sweep, self.page]).decode()

    @classmethod
    def parse(cls, cursor: str) -> "Question":
        offers, sweep, page = orjson.loads(cursor)
        return cls(tuple(offers), sweep, page)


def plan_stock(turn: Turn) -> Plan | Idle:
    """Ask for what is due to be verified; else for the next part of a sweep."""
    stock, facts = stock_of(turn.runtime)
    found = _next_question(turn, facts.page_size)
    if isinstance(found, Idle):
        return found
    question, priority = found
    request = FetchStock(question.offers, question.page, turn.runtime.marketplaces)
    look = Look(turn.channel_now, turn.runtime.pace.scaled(LOOK_AGAIN))
    return Plan(
        "fetch_stock",
        call=lambda: stock.fetch_stock(request),
        digest=lambda answer: (answer, turn.runtime.reader.read(answer.kind, answer.records)),
        finish=lambda outcome, answer: _finish(outcome, question, look, *answer),
        priority=priority,
    )


def stock_of(runtime: Runtime) -> tuple[Stock, Reads]:
    facts = runtime.channel.operations["fetch_stock"]
    if runtime.bound.stock is None or not isinstance(facts, Reads):
        msg = f"{runtime.id} has a stock stream and no stock capability"
        raise TypeError(msg)
    return runtime.bound.stock, facts


def settle_lag(runtime: Runtime) -> timedelta:
    """How long a quantity takes to show, as far as the channel declares it."""
    _, facts = stock_of(runtime)
    lag = timedelta(0) if facts.settle_lag is UNDECLARED else facts.settle_lag
    return runtime.pace.scaled(lag)


def _next_question(turn: Turn, size: int) -> tuple[Question, Priority] | Idle:
    """What was sent is read back as urgently as orders: a write whose outcome is unknown waits for it."""
    kept = Question.parse(turn.stream.cursor) if turn.stream.cursor else Question(())
    if kept.page is not None:
        return kept, Priority.FRESH_ORDERS
    due = turn.tx.offers.to_verify(turn.stream.account, turn.now, size)
    if due:
        return Question(tuple(due), kept.sweep), Priority.FRESH_ORDERS
    if kept.sweep is None and (later := _next_look(turn, turn.stream)) > turn.now:
        return Idle(evolve(turn.stream, next_due=later))
    names = turn.tx.offers.candidates(turn.stream.account, kept.sweep or "", size)
    if names:
        return Question(tuple(names), names[-1]), Priority.SWEEP
    swept = evolve(turn.stream, cursor=None, watermark=turn.now)
    return Idle(evolve(swept, next_due=_next_look(turn, swept)))


def _next_look(moment: Turn | Outcome, stream: StreamRow) -> datetime:
    """When the next sweep begins, or an offer is to be verified. The watermark is the end of the last sweep."""
    if stream.watermark is None:
        return moment.now
    times = moment.runtime.timetable
    sweep = times.after(times.drift_sweep, stream.watermark)
    verify = moment.tx.offers.next_verify(stream.account)
    return min(sweep, verify or sweep)


def _finish(outcome: Outcome, question: Question, look: Look, answer: RecordPage, records: list[Mapped]) -> StreamRow:
    levels = list[StockLevel]()
    for record in records:
        if record.value is None:
            refuse(outcome.tx, outcome.runtime.channel, outcome.stream.account, "stock", record, outcome.now)
        else:
            levels.append(record.value)
    see_levels(outcome.tx, outcome.account, levels, look, outcome.now)
    missing = tuple(name for name in question.offers if name not in {level.offer for level in levels})
    if answer.next_cursor is not None:
        following = Question(missing, question.sweep, answer.next_cursor)
        return evolve(outcome.stream, cursor=following.dump(), next_due=outcome.now)
    if len(levels) == len(records):  # what could not be read is not missing
        miss_offers(outcome.tx, outcome.account, missing, outcome.now + look.again, outcome.now)
    if question.sweep is not None:
        return evolve(outcome.stream, cursor=Question((), question.sweep).dump(), next_due=outcome.now)
    return evolve(outcome.stream, cursor=None, next_due=_next_look(outcome, outcome.stream))
