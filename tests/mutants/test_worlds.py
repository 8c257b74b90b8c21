"""Broken daemons: each swaps one function for a broken one, and a small hostile day breaks the named promise."""

from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.simulation.chaos import Hostility
from entrepot.simulation.hostile import live_through
from entrepot.stock.publishing import Verdict
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import offers
from entrepot.sync import daemon, observing, orders, step, wishes
from entrepot.sync.push import plan_push
from entrepot.sync.runtime import Plan, nothing
from tests.simulation.hostile_day import hostile_day

SMALL = {"demand": 12, "span": timedelta(hours=5), "hostility": Hostility(daemons=2, between=(40, 240))}


def broken(tmp_path, seed):
    return live_through(hostile_day(tmp_path, seed, **SMALL), seed).broken


def watermark_at_the_end_of_the_pass(monkeypatch):
    """R102: what changes during the pass is skipped."""
    end_pass = orders._end_pass

    def late(outcome, page, sweep):
        return evolve(end_pass(outcome, page, sweep), watermark=outcome.channel_now)

    monkeypatch.setattr(orders, "_end_pass", late)


def attempt_after_the_call(monkeypatch):
    """A crash after the call leaves no trace of the write."""

    def plan(turn):
        planned = plan_push(turn)
        if not isinstance(planned, Plan):
            return planned

        def finish(outcome, report):
            planned.note(outcome.tx)
            return planned.finish(outcome, report)

        return evolve(planned, note=nothing, finish=finish, fail=lambda outcome, _: outcome.stream)

    monkeypatch.setitem(step.WORK, StreamKind.PUSH, plan)


def cursor_before_data(monkeypatch):
    """R101: the page's cursor is committed first, its orders after that."""

    async def careless(worker, stream):
        runtime = worker.accounts[stream.account]
        begun = await worker.store.write(lambda tx: step._begin(tx, worker, runtime, stream))
        if begun is None:
            return
        called = await step.call(runtime, begun.plan, begun.deadline, worker.clock)
        pages = []

        def cursor(tx):
            take_in = orders.take_in
            orders.take_in = lambda _, source, records, now: pages.append((source, records)) or set()
            try:
                step._end(tx, worker, runtime, begun, called)
            finally:
                orders.take_in = take_in

        def data(tx):
            for source, records in pages:
                affected = orders.take_in(tx, source, records, worker.clock.now())
                orders.wish_again(tx, affected, worker.clock.now())

        await worker.store.write(cursor)
        if pages:
            await worker.store.write(data)

    monkeypatch.setattr(daemon, "step", careless)


def raise_on_a_mere_mismatch(monkeypatch):
    """What is too low is sent again at once: a sale that is not listed yet is put on sale again."""

    def rash(observed, desired, shown, sold, *, orders_complete):
        if desired is not None and observed > desired:
            return Verdict.TOO_HIGH
        return Verdict.EFFECTIVE if observed >= shown - sold else Verdict.DRIFTED

    pushable = "desired_version > sent_version AND "
    monkeypatch.setattr(observing, "judge", rash)
    monkeypatch.setattr(wishes, "_slipped", lambda offer: False)
    assert pushable in offers.SQL.to_push
    monkeypatch.setattr(offers.SQL, "to_push", offers.SQL.to_push.replace(pushable, ""))


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("mutant", "promise", "seed"),
    [
        (watermark_at_the_end_of_the_pass, "P3", 0),
        (cursor_before_data, "P3", 19),
        (attempt_after_the_call, "P5", 4),
        (raise_on_a_mere_mismatch, "P4", 0),
    ],
)
def test_a_broken_daemon_is_noticed(mutant, promise, seed, tmp_path, monkeypatch):
    """Covers P3, P4, P5, R101, R102."""
    mutant(monkeypatch)
    assert any(line.startswith(promise) for line in broken(tmp_path, seed))


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [0, 4, 19])
def test_the_same_days_go_well_without_mutants(seed, tmp_path):
    assert broken(tmp_path, seed) == ()
