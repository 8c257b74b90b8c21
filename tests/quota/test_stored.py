"""Buckets in the store: one line for those who wait, one bucket for an application, and no word between accounts."""

import threading
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.channel import Limit, Reads
from entrepot.model import AccountId
from entrepot.quota import Observed, Priority
from entrepot.quota.overspending import overspending
from entrepot.simulation import EPOCH
from entrepot.store.sqlite import migrate
from entrepot_mock_channel import MOCK
from tests.quota.senders import ask, at, call, settle, spender, stores
from tests.store.opened import done, open_inline

SLOW = Limit(0.1, 2)
"""One token is usable, and one comes back in ten seconds."""


@pytest.fixture
def asked(tmp_path):
    """Ask the buckets of one store."""
    with stores(tmp_path / "quota.db", 1) as (store,):
        yield lambda *args, **how: done(store.write(lambda tx: ask(tx, *args, **how)))


@pytest.fixture
def settled(tmp_path):
    migrate(tmp_path / "quota.db")
    store = open_inline(tmp_path / "quota.db")
    yield lambda *args: done(store.write(lambda tx: settle(tx, *args)))
    store.close()


def test_those_who_wait_are_told_to_come_one_after_the_other(asked):
    """Covers P6: and not all at the next token, for which all but one would come in vain."""
    who = spender(SLOW)
    assert asked(who, 0, 1) is None
    assert [asked(who, 1, stream) for stream in (2, 3, 4)] == [10, 20, 30]
    assert asked(who, 10, 2) is None
    assert asked(who, 20, 3) is None


def test_the_urgent_stream_gets_the_next_token_and_nobody_before_it(asked):
    """Covers P4: a decrease that comes last stands first; who was told an earlier instant is told another one."""
    who = spender(SLOW)
    assert asked(who, 0, 1) is None
    assert asked(who, 1, 2, Priority.BACKFILL) == 10
    assert asked(who, 2, 3, Priority.URGENT_STOCK) == 10
    assert asked(who, 10, 2, Priority.BACKFILL) == 20
    assert asked(who, 10, 3, Priority.URGENT_STOCK) is None
    assert asked(who, 20, 2, Priority.BACKFILL) is None


@pytest.mark.parametrize("priority", [Priority.FRESH_ORDERS, Priority.SWEEP, Priority.BACKFILL])
def test_nobody_starves_behind_a_crowd_of_urgent_ones(asked, priority):
    """Covers P1: once so many have gone first, those who come stand behind it, and six stand before it."""
    who, patient, served = spender(SLOW), 99, 0
    due = {patient: 0.0} | dict.fromkeys(range(1, 7), 0.0)
    assert asked(who, 0, 100) is None
    while patient in due:
        stream = min(due, key=lambda one: (due[one], one))
        again = asked(who, due[stream], stream, priority if stream == patient else Priority.URGENT_STOCK)
        if again is None and stream == patient:
            del due[patient]
        served += again is None and stream != patient
        due = due | ({stream: again or due[stream]} if stream in due else {})
    assert priority.head_start <= served <= priority.head_start + 6


def test_one_who_does_not_come_is_passed_over(asked):
    """Covers P10: a daemon that died, an account that was paused."""
    who = spender(SLOW)
    assert asked(who, 0, 1) is None
    assert asked(who, 1, 2) == 10
    assert asked(who, 14, 3) == 24  # behind 2, which is late
    assert asked(who, 24, 3) is None
    assert asked(who, 25, 4) == 34


def test_a_call_that_waits_for_one_limit_holds_no_other_back(asked, tmp_path):
    """Covers R7: it keeps its place in each, and whoever would delay nobody goes on."""
    operations = {"fetch_orders": Reads(spends={"it": 1, "other": 1}), "check": Reads(spends={"it": 1})}
    limits = {"it": SLOW, "other": Limit(0.001, 1)}
    who = evolve(spender(SLOW), channel=evolve(MOCK, limits=limits, operations=operations))
    assert asked(who, 0, 1) is None
    assert asked(who, 10, 1) > 30  # `other` waits for its answer; there would be a token of `it`
    with stores(tmp_path / "quota.db", 1) as (store,):
        assert done(store.write(lambda tx: call(tx, who, "check", 10, 2, Priority.SWEEP))) is None


OPERATIONS = {
    "check": Reads(spends={"it": 1}),
    "fetch_order": Reads(spends={"other": 1}),
    "fetch_orders": Reads(spends={"it": 1, "other": 1}),
}
ASKING = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.sampled_from(Priority), st.floats(0, 60))


@settings(max_examples=50)
@given(st.lists(ASKING, min_size=2, max_size=8))
def test_everybody_who_comes_when_told_is_served(tmp_path_factory, asking):
    """Covers P1, R7: also those who need tokens of two limits, of each of which only one is usable."""
    who = evolve(spender(SLOW), channel=evolve(MOCK, limits={"it": SLOW, "other": SLOW}, operations=OPERATIONS))
    due = {stream: (since, operation, priority) for stream, (operation, priority, since) in enumerate(asking)}
    with stores(tmp_path_factory.mktemp("store") / "quota.db", 1) as (store,):
        while due:
            stream = min(due, key=lambda one: (due[one][0], one))
            seconds, *how = due.pop(stream)
            again = done(store.write(lambda tx, s=stream, t=seconds, o=how: call(tx, who, o[0], t, s, o[1])))
            if again is not None:
                assert seconds < again <= 60 + 10 * 2 * len(asking)
                due[stream] = again, *how


def exhaust(store, who):
    """All tokens gone, and the channel wants an hour's rest."""
    answer = Observed("it", EPOCH, refused=True, retry_after=timedelta(hours=1))
    done(store.write(lambda tx: (ask(tx, who, 0, 1), settle(tx, who, 1, answer))))


def test_an_account_that_is_refused_holds_no_other_account_up(tmp_path):
    """Covers R7: fifty sellers, and the first one's quota is exhausted. It is told an instant; nobody sleeps."""
    with stores(tmp_path / "quota.db", 1) as (store,):
        sellers = [spender(SLOW, account=AccountId(f"seller-{number}")) for number in range(50)]
        exhaust(store, sellers[0])
        told = [
            done(store.write(lambda tx, who=who, number=number: ask(tx, who, 2, number)))
            for number, who in enumerate(sellers)
        ]
    assert told == [3601.0, *[None] * 49]


def test_buckets_of_an_application_are_shared_by_its_accounts_and_nobody_else(asked):
    """Covers P6: whichever is empty first refuses; another application has its own."""
    limit = Limit(10, 40, application={"application": Limit(0.1, 3)})  # of whose burst two are usable
    sellers = [spender(limit, account=AccountId(f"seller-{number}")) for number in range(3)]
    assert [asked(who, 0, number) for number, who in enumerate(sellers, 1)] == [None, None, 10]
    elsewhere = evolve(sellers[2], application="mock/production/another")
    assert asked(elsewhere, 0, 9) is None


def test_what_was_learned_survives_a_restart_and_is_every_daemons(asked, settled, tmp_path):
    """Covers R5: a rate and a slowdown are rows of the store."""
    who = spender(Limit(1, 2))
    assert asked(who, 0, 1) is None
    settled(who, 1, Observed("it", at(0), rate=0.5))
    assert asked(who, 1, 1) == 2.0
    assert asked(who, 2, 1) is None
    settled(who, 3, Observed("it", at(2), refused=True))
    assert asked(who, 3, 1) == 7.0  # a quarter of what is published: told half, and half of that


def test_calls_of_the_sandbox_teach_nothing(asked, settled):
    """Covers R6."""
    who = spender(Limit(1, 2), learns=False)
    assert asked(who, 0, 1) is None
    settled(who, 1, Observed("it", at(0), rate=5.0))
    assert asked(who, 0.5, 1) == 1.0


def test_a_rate_is_stored_as_it_is_at_real_speed(asked, settled):
    """A simulator of time_scale 10 tells what it keeps; a daemon at another scale goes on with the same bucket."""
    fast, real = (evolve(spender(Limit(1, 2)), time_scale=scale) for scale in (10, 1))
    assert asked(fast, 0, 1) is None
    settled(fast, 1, Observed("it", at(0), rate=5.0))
    assert asked(fast, 0.1, 1) == 0.2
    assert asked(real, 0.1, 1) == 2.0


def test_workers_that_ask_at_one_moment_get_no_more_than_is_there(tmp_path):
    """Covers R9: eight connections, each asking for all of a burst of 40 at the same instant."""
    limit, each = Limit(0.001, 41), 40
    with stores(tmp_path / "quota.db", 8) as opened:
        granted, together = [], threading.Barrier(8)

        def work(store):
            who = spender(limit)
            together.wait()
            told = [done(store.write(lambda tx: ask(tx, who, 0))) for _ in range(each)]
            granted.append(told.count(None))

        threads = [threading.Thread(target=work, args=(store,)) for store in opened]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(granted) == 40


def test_an_operation_that_no_bucket_of_the_application_holds_is_overspending():
    limit = Limit(10, 40, application={"all": Limit(1, 2)})
    channel = evolve(MOCK, limits={"it": limit}, operations={"check": Reads(spends={"it": 2})})
    assert [str(found) for found in overspending(channel)] == [
        "check spends 2 of 'it/all', of whose burst 1 can be used at once"
    ]
