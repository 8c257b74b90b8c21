"""A bucket in memory: what it takes from aiolimiter, and rates that change."""

import asyncio
import inspect
import re
from datetime import UTC, datetime, timedelta

import pytest
from aiolimiter import AsyncLimiter
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota, Observed
from entrepot.quota.memory_bucket import Tokens
from entrepot.simulation import VirtualClock, run

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHARED = {"it": Limit(5, 6, application={"app": Limit(1, 4)}), "slow": Limit(5, 6, application={"app": Limit(0.1, 1)})}
FIRST, SECOND = BucketKey(AccountId("a"), "it"), BucketKey(AccountId("b"), "it")


def moments(main):
    """The seconds that `main(quota, loop)` notes, of a quota with these limits."""

    async def noted(loop):
        return [round(seconds, 3) async for seconds in main(MemoryQuota(SHARED, VirtualClock(loop)), loop)]

    return run(noted, 1)


def test_the_two_private_names_of_aiolimiter_mean_what_we_take_them_for():
    """Of the installed version, without our subclass: a new one may call them otherwise, or count tokens."""

    async def main(_loop):
        limiter = AsyncLimiter(5, 10)
        await limiter.acquire(2)
        told = limiter._level, limiter._rate_per_sec
        limiter._level = 5.0
        full = not limiter.has_capacity()
        limiter._rate_per_sec = 2.0
        await asyncio.sleep(0.6)
        return told, full, limiter.has_capacity(), limiter._level

    assert run(main, 1) == ((2.0, 0.5), True, True, pytest.approx(3.8))


def test_our_subclass_touches_no_other_private_name():
    """All that the test above must hold."""
    touched = set(re.findall(r"self\.(_\w+)", inspect.getsource(Tokens)))
    assert touched == {"_level", "_rate_per_sec"}


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.integers(1, 4), st.sampled_from([0.1, 0.5, 2.0]), st.sampled_from([4, 6, 9])),
        max_size=20,
    )
)
def test_tokens_are_kept_when_rate_and_capacity_change(steps):
    """Covers R5: against a bucket of two lines. Nothing is gained or lost but what overflows."""

    async def main(_loop):
        tokens, left, rate, capacity = Tokens(1.0, 5), 5.0, 1.0, 5
        for seconds, units, new_rate, new_capacity in steps:
            await asyncio.sleep(seconds)
            left = min(capacity, new_capacity, left + seconds * rate)
            rate, capacity = new_rate, new_capacity
            tokens.change(rate, capacity)
            assert tokens.left == pytest.approx(left, abs=1e-3)
            assert tokens.delay(units) == pytest.approx(max(0.0, units - left) / rate, abs=0.02)
            if tokens.delay(units) == 0:
                await tokens.acquire(units)
                left -= units

    run(main, 1)


def test_a_lower_rate_that_is_told_counts_from_its_answer_on():
    """Covers R5: also where nobody asks for a while."""

    async def main(quota, loop):
        await quota.acquire(FIRST, 3, within=())
        quota.answered(FIRST, [Observed("it", NOON, rate=0.5)], within=())
        await asyncio.sleep(2)
        await quota.acquire(FIRST, 3, within=())
        yield loop.time()

    assert moments(main) == [6.0]  # at 5 per second the burst is back after 2 s


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (Observed("it", NOON, refused=True), 0.4),  # empty, and half of 5 per second
        (Observed("it", NOON, refused=True, retry_after=timedelta(seconds=30)), 30.0),
        (Observed("it", NOON, refused=True, bucket="app"), 2.0),  # half of 1 per second
    ],
)
def test_a_refusal_empties_and_slows_or_closes_the_bucket_that_it_names(refusal, seconds):
    """Covers R5."""

    async def main(quota, loop):
        await quota.acquire(FIRST)
        quota.answered(FIRST, [refusal])
        await quota.acquire(FIRST)
        yield loop.time()

    assert moments(main) == [seconds]


def test_a_refusal_halves_what_may_go_at_once():
    """Covers R5: half of the rate keeps 2 of 6 back, and half of the other 4 is used."""

    async def main(quota, loop):
        await quota.acquire(FIRST, within=())
        quota.answered(FIRST, [Observed("it", NOON, refused=True)], within=())
        await asyncio.sleep(10)
        for _ in range(3):
            await quota.acquire(FIRST, within=())
            yield loop.time()

    assert moments(main) == [10.0, 10.0, 10.4]


def test_all_or_nothing_is_taken_from_several_buckets():
    """One that waits for the application's bucket has taken nothing of its account's."""

    async def main(quota, loop):
        await quota.acquire(FIRST, 3)
        waiting = asyncio.create_task(quota.acquire(SECOND, 3))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await quota.acquire(SECOND, 3, within=())
        yield loop.time()
        await quota.acquire(SECOND)
        yield loop.time()

    assert moments(main) == [0.1, 1.0]


def test_the_answer_to_one_account_lets_another_go_where_the_application_has_no_burst():
    """Nobody sleeps until the deadline of somebody else's call."""

    async def main(quota, loop):
        slow = [BucketKey(AccountId(account), "slow") for account in "ab"]
        await quota.acquire(slow[0])
        waiting = asyncio.create_task(quota.acquire(slow[1]))
        await asyncio.sleep(3)
        quota.answered(slow[0])
        await waiting
        yield loop.time()

    assert moments(main) == [13.0]
