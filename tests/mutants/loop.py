"""Mutants of the loop: the unit of work, passes, a channel in trouble, an account in trouble.

Each swaps one function for a broken one, until the test ends.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from attrs import evolve

from entrepot.errors import LeaseLost
from entrepot.http import policy
from entrepot.http.breaker import Circuit
from entrepot.http.policy import WAITS, Waits
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import accounts, streams
from entrepot.store.sqlite.ledger import SqliteLedger
from entrepot.store.sqlite.streams import SqliteStreams
from entrepot.sync import (
    applications,
    daemon,
    data_sets,
    orders,
    step,
)
from entrepot.sync.orders import plan_orders
from entrepot.sync.windows import watermark_after
from entrepot_amazon_sp import connector, selling_partner

# The unit of work


def _step_that_ends(monkeypatch, end):
    """A step whose last transaction is replaced by what `end` does."""

    async def broken(worker, stream):
        runtime = worker.accounts[stream.account]
        begun = await worker.store.write(lambda tx: step._begin(tx, worker, runtime, stream))
        if begun is not None:
            called = await step.call(worker.store, runtime, begun.plan, begun.deadline, worker.clock)
            with suppress(LeaseLost):
                await end(worker, runtime, begun, called)

    monkeypatch.setattr(daemon, "step", broken)


def cursor_before_data(monkeypatch):
    """The page's cursor is committed first, its orders after that."""

    async def end(worker, runtime, begun, called):
        pages = []

        def cursor(tx):
            with monkeypatch.context() as patch:
                patch.setattr(orders, "take_in", lambda _, source, page, now: pages.append((source, page)) or set())
                step._end(tx, worker, runtime, begun, called, worker.clock.now())

        def data(tx):
            for source, page in pages:
                affected = orders.take_in(tx, source, page, worker.clock.now())
                orders.wish_again(tx, affected, worker.clock.now())

        await worker.store.write(cursor)
        if pages:
            await worker.store.write(data)

    _step_that_ends(monkeypatch, end)


def position_read_in_one_call_and_written_in_another(monkeypatch):
    """What is reserved is read first, and the sum is written later: whoever came between is forgotten."""

    async def end(worker, runtime, begun, called):
        found = await worker.store.read(lambda tx: tx.ledger.positions())
        before = {(position.sku, position.location): position.reserved for position in found}

        def write(ledger, sku, location, units):
            stale = before.get((sku, location), 0)
            reserve(ledger, sku, location, stale + units - ledger.position(sku, location)[0].reserved)

        def late(tx):
            with monkeypatch.context() as patch:
                patch.setattr(SqliteLedger, "reserve", write)
                step._end(tx, worker, runtime, begun, called, worker.clock.now())

        await worker.store.write(late)

    reserve = SqliteLedger.reserve
    _step_that_ends(monkeypatch, end)


def epoch_check_removed(monkeypatch):
    """Whoever wakes up after the end of the lease writes over what others have done since."""
    fence = " AND epoch = :epoch"
    monkeypatch.setattr(SqliteStreams, "assert_epoch", lambda self, stream: None)
    for name in ("hold", "release"):
        statement = getattr(streams.SQL, name)
        assert fence in statement
        monkeypatch.setattr(streams.SQL, name, statement.replace(fence, ""))


# Passes


def watermark_at_the_end_of_the_pass(monkeypatch):
    """What changes during the pass is skipped."""
    end_pass = orders._end_pass

    def late(outcome, page, sweep):
        return evolve(end_pass(outcome, page, sweep), watermark=outcome.channel_now)

    monkeypatch.setattr(orders, "_end_pass", late)


def window_opened_anew_at_each_page(monkeypatch):
    """The bounds of a pass move with the clock."""

    def plan(turn):
        return plan_orders(evolve(turn, stream=evolve(turn.stream, window=None)))

    monkeypatch.setitem(step.WORK, StreamKind.ORDERS, plan)


def lateness_never_judged(monkeypatch):
    """Nothing fails, so nothing is told."""
    monkeypatch.setattr(orders, "tell_late", lambda turn, facts: None)


def window_until_now(monkeypatch):
    """The settle lag is left out."""
    open_window = orders.open_window

    def hasty(stream, facts, sweep, channel_now):
        return open_window(stream, evolve(facts, settle_lag=timedelta(0)), sweep, channel_now)

    monkeypatch.setattr(orders, "open_window", hasty)


def _pass_over(stream):
    return evolve(orders._from_start(stream), watermark=watermark_after(stream))


def refusal_ends_the_pass(monkeypatch):
    """The loop over the pages dies of the first refusal, and what it has is taken for all."""
    monkeypatch.setattr(orders, "_fail", lambda outcome, error: _pass_over(outcome.stream))


def repeated_page_ends_the_pass(monkeypatch):
    monkeypatch.setattr(orders, "_page_repeats", lambda outcome: _pass_over(outcome.stream))


def empty_page_ends_the_pass(monkeypatch):
    finish = orders._finish

    def early(outcome, page, sweep):
        answer = page.answer if page.records else evolve(page.answer, next_cursor=None)
        return finish(outcome, evolve(page, answer=answer), sweep)

    monkeypatch.setattr(orders, "_finish", early)


def schedule_switched_off(monkeypatch):
    """After its fourth failure in a row a stream is not due any more."""
    after_failure = step.after_failure

    def give_up(outcome, operation, error, rng):
        failed = after_failure(outcome, operation, error, rng)
        return failed if failed.failures < 4 else evolve(failed, next_due=outcome.now + timedelta(days=365))

    monkeypatch.setattr(step, "after_failure", give_up)


def waits_of_160_seconds(monkeypatch):
    """Whatever the operation's own period is."""
    wait = timedelta(seconds=160)
    monkeypatch.setattr(policy, "_pause", lambda error, attempt, terms, draw, waits: wait)
    monkeypatch.setattr(Waits, "after_failure", lambda self, failures, period, draw: wait * (self.first / WAITS.first))


# A channel in trouble


def waves_never_seen(monkeypatch):
    """Each account that is refused has trouble of its own."""
    monkeypatch.setattr(applications, "_in_a_row", lambda outcome: [])


def waves_never_rest(monkeypatch):
    """A wave is told, and every account calls on."""
    monkeypatch.setattr(applications, "barred_until", lambda tx, runtime, now: None)


def applications_have_one_account(monkeypatch):
    monkeypatch.setattr(applications, "_shares", lambda runtime: False)


def breakers_never_open(monkeypatch):
    monkeypatch.setattr(Circuit, "failed", lambda circuit, now, pause, opens_after=3: circuit)


def refused_cursor_asked_for_ever(monkeypatch):
    monkeypatch.setattr(orders, "FAILING_AFTER", 10**6)


def all_data_or_none(monkeypatch):
    """A refusal is a refusal, whatever was asked for."""
    monkeypatch.setattr(connector, "refused_data", lambda refused, without: None)


def withheld_for_ever(monkeypatch):
    monkeypatch.setattr(data_sets, "PROBE_EVERY", timedelta(days=365))


def nothing_is_filled_in(monkeypatch):
    """Data that comes back is read for new orders only."""
    monkeypatch.setattr(streams.SqliteStreams, "read_again", lambda shelf, account, start, end, now: None)


def one_place_for_every_page_token(monkeypatch):
    """Wherever Amazon puts it."""

    def token(page, paging):
        found = page.get("nextToken") if isinstance(page, dict) else None
        return found if isinstance(found, str) else ""

    monkeypatch.setattr(selling_partner, "_token", token)


def next_page_repeats_everything(monkeypatch):
    build_next = selling_partner.build_next

    def repeating(operation, paging, parameters, body, token):
        return build_next(operation, evolve(paging, others="repeat"), parameters, body, token)

    monkeypatch.setattr(selling_partner, "build_next", repeating)


def next_page_changes_nothing(monkeypatch):
    build_next = selling_partner.build_next

    def unchanged(operation, paging, parameters, body, token):
        return build_next(operation, evolve(paging, set={}), parameters, body, token)

    monkeypatch.setattr(selling_partner, "build_next", unchanged)


# Accounts


def one_refused_account_parks_them_all(monkeypatch):
    mine = "id = :id AND "
    assert mine in accounts.SQL.park
    monkeypatch.setattr(accounts.SQL, "park", accounts.SQL.park.replace(mine, ""))


def failures_are_waited_out_in_line(monkeypatch):
    """One loop over all accounts, and a sleep before each new try."""
    locks = {}

    async def in_line(worker, stream):
        async with locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            await whole_step(worker, stream)
            after = await worker.store.read(lambda tx: tx.streams.find(stream.id))
            if after.failures:
                await asyncio.sleep((after.next_due - worker.clock.now()).total_seconds())

    whole_step = step.step
    monkeypatch.setattr(daemon, "step", in_line)
