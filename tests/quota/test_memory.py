"""MemoryQuota in virtual time, against exact buckets."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota, Priority
from entrepot.simulation import VirtualClock, run

LIMITS = {"fast": Limit(per_second=2, burst=5), "slow": Limit(per_second=1 / 60, burst=1)}
FAST = BucketKey(AccountId("a"), "fast")
SLOW = BucketKey(AccountId("a"), "slow")


def quota(loop):
    return MemoryQuota(LIMITS, VirtualClock(loop), jitter=timedelta(seconds=0.5), call_deadline=timedelta(seconds=30))


def grants(requests, seed=1):
    """When each (name, units, priority, asked at) was granted, in order."""

    async def main(loop):
        limiter, granted = quota(loop), []

        async def one(name, units, priority, asked_at):
            await asyncio.sleep(asked_at)
            await limiter.acquire(FAST, units, priority)
            granted.append((name, round(loop.time(), 3)))

        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(one(*request))
        return granted

    return run(main, seed)


def test_the_burst_goes_at_once_and_the_rest_at_the_rate():
    """Covers P6: burst 5, of which 1 is kept back for jitter."""
    granted = grants([(n, 1, Priority.SWEEP, 0) for n in range(8)])
    assert [when for _, when in granted] == [0, 0, 0, 0, 0.5, 1.0, 1.5, 2.0]


def test_urgent_ones_overtake_those_who_wait_even_the_first_of_them():
    """Covers P4: a decrease does not stand behind a backfill."""
    used_up = [("used up", 4, Priority.SWEEP, 0)]
    waiting = [("backfill", 4, Priority.BACKFILL, 0.1), ("sweep", 1, Priority.SWEEP, 0.2)]
    urgent = [("urgent", 1, Priority.URGENT_STOCK, 0.3)]
    assert grants(used_up + waiting + urgent) == [("used up", 0), ("urgent", 0.5), ("sweep", 1.0), ("backfill", 3.0)]


def test_small_requests_do_not_overtake_a_large_one():
    """Covers P6: aiolimiter alone would let them."""
    used_up = [("used up", 4, Priority.SWEEP, 0)]
    large = [("large", 4, Priority.SWEEP, 0.1)]
    small = [("small", 1, Priority.SWEEP, 0.2 + n / 100) for n in range(3)]
    assert grants(used_up + large + small)[1] == ("large", 2.0)


def test_a_backfill_is_not_starved_by_a_stream_of_urgent_requests():
    """Covers P1: once 64 units went to others, those who come stand behind; here twice as many come as are served."""
    used_up, backfill = ("used up", 4, Priority.SWEEP, 0), ("backfill", 1, Priority.BACKFILL, 0.1)
    urgent = [(n, 1, Priority.URGENT_STOCK, n / 4) for n in range(200)]
    order = [name for name, _ in grants([used_up, backfill, *urgent])]
    assert 60 <= order.index("backfill") <= 135


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(Priority), st.floats(0, 20)), max_size=30), st.integers(0, 9)
)
def test_everybody_is_served_and_never_faster_than_the_bucket(requests, seed):
    """Covers P6."""
    granted = grants([(n, *request) for n, request in enumerate(requests)], seed)
    assert sorted(name for name, _ in granted) == list(range(len(requests)))
    tokens, then = 4.0, 0.0
    for name, when in granted:
        tokens, then = min(4.0, tokens + (when - then) * 2), when
        tokens -= requests[name][0]
        assert tokens >= -0.01


def test_a_cancelled_waiter_takes_nothing_and_lets_the_next_one_go():
    """Covers P6."""

    async def main(loop):
        limiter = quota(loop)
        await limiter.acquire(FAST, 4)
        first = asyncio.create_task(limiter.acquire(FAST, 4))
        second = asyncio.create_task(limiter.acquire(FAST, 1, Priority.SWEEP))
        await asyncio.sleep(0.1)
        first.cancel()
        await second
        return loop.time()

    assert run(main, 1) == pytest.approx(0.5, abs=1e-3)


def test_without_a_burst_the_next_one_goes_a_period_after_the_answer():
    """Covers P6."""

    async def main(loop):
        limiter, sent = quota(loop), []
        for round_trip in (2, 3, 0):
            await limiter.acquire(SLOW)
            sent.append(round(loop.time(), 3))
            await asyncio.sleep(round_trip)
            limiter.answered(SLOW)
        return sent

    assert run(main, 1) == [0, 62, 125]


def test_an_answer_that_never_comes_holds_the_bucket_until_the_deadline():
    """Covers P6."""

    async def main(loop):
        limiter = quota(loop)
        await limiter.acquire(SLOW)
        await limiter.acquire(SLOW)
        return loop.time()

    assert run(main, 1) == pytest.approx(90, abs=1e-3)


def test_one_account_never_waits_for_another():
    """Covers P11."""

    async def main(loop):
        limiter = quota(loop)
        for account in "abcdef":
            await limiter.acquire(BucketKey(AccountId(account), "slow"))
        return loop.time()

    assert run(main, 1) == 0


def test_what_can_never_be_granted_is_refused_at_once():
    async def main(loop):
        with pytest.raises(ValueError, match="5 units can never be reserved"):
            await quota(loop).acquire(FAST, 5)
        with pytest.raises(KeyError, match="unheard"):
            await quota(loop).acquire(BucketKey(AccountId("a"), "unheard"))

    run(main, 1)


@given(st.lists(st.floats(0, 3), max_size=12), st.sampled_from([FAST, SLOW]))
def test_a_turn_that_is_told_is_when_the_request_goes(pauses, key):
    """With no answer that is awaited, and behind those that wait already."""

    async def main(loop):
        limiter = quota(loop)

        async def one():
            told = loop.time() + limiter.turn(key).wait.total_seconds()
            await limiter.acquire(key)
            limiter.answered(key)
            return told - loop.time()

        async with asyncio.TaskGroup() as group:
            tasks = []
            for pause in pauses:
                tasks.append(group.create_task(one()))
                await asyncio.sleep(pause)
        return [task.result() for task in tasks]

    assert run(main, 1) == pytest.approx([0.0] * len(pauses), abs=1e-3)


def test_a_turn_behind_an_answer_that_is_awaited_is_the_earliest_one():
    """It may come at once, and then a period has to pass."""

    async def main(loop):
        limiter = quota(loop)
        await limiter.acquire(SLOW)
        await asyncio.sleep(20)
        turn = limiter.turn(SLOW)
        limiter.answered(SLOW)
        return turn, limiter.turn(SLOW)

    awaited, answered = run(main, 1)
    assert awaited.wait == answered.wait == timedelta(seconds=60)
    assert awaited.per_second == 1 / 60
