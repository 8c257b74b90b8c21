"""What answers teach: pure decisions, and a server that allows less than is published."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.quota import At, Granted, Level, Observed, in_force, reserve
from entrepot.quota.buckets import buckets_of
from entrepot.quota.learning import LEAST, MOST, STEP, cut, recovered, settled
from entrepot.simulation import run as in_virtual_time
from tests.quota.judge import Server
from tests.quota.senders import SHOP, Run, through_memory

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = NOON + timedelta(seconds=10)
LIMIT = Limit(2, 10)
FULL = Level(5.0, NOON, NOON)
PATCH = Limit(5, 5, application={"application": Limit(500, 500), "relationships": Limit(100, 100)})

ANYTHING = st.none() | st.floats(allow_nan=True, allow_infinity=True)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def good(rate=None, limit="it"):
    return Observed(limit, NOW, rate=rate)


def refusal(sent_at=NOW, bucket="", retry_after=None):
    return Observed("it", sent_at, refused=True, bucket=bucket, retry_after=retry_after)


def own(limit=LIMIT):
    return next(iter(buckets_of("it", limit, SHOP, "app")))


@given(st.floats(0.001, 100), st.integers(1, 100), st.lists(ANYTHING, max_size=10))
def test_no_header_makes_a_limit_unlimited_or_stops_it(rate, burst, headers):
    """Covers R6: whatever is told, and however often."""
    limit, level = Limit(rate, burst), FULL
    for header in headers:
        level = settled(own(limit), level, [good(header)], NOW, learns=True)
    used = in_force(limit, level).per_second
    assert rate / MOST <= used <= rate * MOST
    assert isinstance(reserve(evolve(level, tokens=0.0), in_force(limit, level), 1, NOW), At | Granted)


@pytest.mark.parametrize("absurd", [None, 0.0, -1.0, math.nan, math.inf, 2 * MOST + 0.1, 2 / MOST - 0.01])
def test_what_cannot_be_a_rate_changes_nothing(absurd):
    """Covers R6: with no header at all the published rate holds, and a rate that was learned is kept."""
    for level in (FULL, evolve(FULL, told=3.0)):
        assert settled(own(), level, [good(absurd)], NOW, learns=True).told == level.told


def test_a_told_rate_is_used_from_the_next_request_on():
    """Covers R5: also one that is lower."""
    slower = settled(own(), FULL, [good(0.5)], NOW, learns=True)
    assert in_force(LIMIT, slower) == Limit(0.5, 10)
    faster = settled(own(), slower, [good(4.0)], NOW, learns=True)
    assert in_force(LIMIT, faster).per_second == 4.0
    assert in_force(LIMIT, faster, time_scale=10).per_second == 20  # what jitter leaves of the burst, and not 40


def test_a_sandbox_teaches_no_rate():
    """Covers R5, R6."""
    assert settled(own(), FULL, [good(5.0)], NOW, learns=False).told is None


def test_a_told_rate_is_none_of_the_applications():
    for bucket in buckets_of("it", PATCH, SHOP, "app"):
        level = settled(bucket, FULL, [good(4.0)], NOW, learns=True)
        assert level.told == (None if bucket.within else 4.0)


@given(st.lists(st.booleans(), max_size=60))
def test_a_share_stays_between_its_bounds_and_moves_as_it_should(refusals):
    """Covers R5: a refusal halves it, a good answer gives a two-hundredth back."""
    level = FULL
    for number, refused in enumerate(refusals):
        now = later(number)
        after = cut(level, LIMIT, refusal(now), now) if refused else recovered(level, LIMIT)
        assert after.share == (max(LEAST, level.share / 2) if refused else min(1.0, level.share + STEP))
        level = after


def test_a_slow_bucket_is_tried_every_quarter_of_an_hour_and_is_itself_again_within_hours():
    """Covers R5, R12: `searchOrders` gives one token in 179 s; a 64th of that would be three hours."""
    slow, level = Limit(0.0056, 20), FULL
    for number in range(20):
        level = cut(level, slow, refusal(later(1000 * number)), later(1000 * number))
    assert abs(in_force(slow, level).period - timedelta(minutes=15)) < timedelta(seconds=1)
    passed, answers = timedelta(), 0
    while level.share < 1:
        passed, answers = passed + in_force(slow, level).period, answers + 1
        level = recovered(level, slow)
    assert answers == 33
    assert passed < timedelta(hours=4)


def test_refusals_of_requests_that_were_under_way_together_cut_once():
    """Eight in flight are one piece of news."""
    level = FULL
    for number in range(8):
        level = cut(level, LIMIT, refusal(NOW), later(1 + number / 10))
    assert (level.share, level.tokens) == (0.5, 0.0)
    assert cut(level, LIMIT, refusal(later(5)), later(6)).share == 0.25


@pytest.mark.parametrize(
    ("named", "slowed"),
    [("", [""]), ("application", ["application"]), ("relationships", ["relationships"]), ("unheard of", [""])],
)
def test_only_the_bucket_that_a_refusal_names_is_slowed(named, slowed):
    """Covers R5: of the account where none is named."""
    found = {
        bucket.within: settled(bucket, FULL, [refusal(bucket=named)], NOW, learns=True)
        for bucket in buckets_of("it", PATCH, SHOP, "app")
    }
    assert [name for name, level in found.items() if level.share < 1] == slowed
    assert [name for name, level in found.items() if level.tokens == 0] == slowed


def test_nothing_is_sent_before_the_channel_wants_it_and_no_channel_stops_us_for_good():
    for pause, wait in ((30, 30), (10**9, 3600)):
        level = cut(FULL, LIMIT, refusal(retry_after=timedelta(seconds=pause)), NOW)
        assert reserve(level, in_force(LIMIT, level), 1, NOW) == At(later(wait))
        assert isinstance(reserve(level, in_force(LIMIT, level), 1, later(wait)), Granted)
    clock_set_back = NOW - timedelta(days=1)
    decision = reserve(level, in_force(LIMIT, level), 1, clock_set_back)
    assert decision.instant - clock_set_back < timedelta(minutes=1)


def converse(true_share, calls, *, tells=False, seed=7):
    """A server that allows a part of what is published, as where another program uses the rest."""
    rate = 2 * true_share
    ran = Run(Server(rate, 10), random.Random(seed), calls, tell=rate if tells else None)
    in_virtual_time(lambda loop: through_memory(loop, ran, LIMIT, 4), seed)
    refused, seconds = len(ran.server.refused), max(ran.sent) - min(ran.sent)
    return refused / len(ran.sent), (len(ran.sent) - refused) / (10 + rate * seconds)


def test_a_budget_that_somebody_else_eats_is_found_by_trying():
    """Covers R5: a tenth is left, and no header says so. Pacing at the documented rate would fail 9 of 10."""
    refused, used = converse(0.1, 1500)
    print(f"a tenth of the rate, not told: {refused:.2%} refused, {used:.1%} of it used")  # noqa: T201 - the figures
    assert refused <= 0.08
    assert used >= 0.95


def test_a_lower_rate_that_is_told_costs_next_to_no_refusal():
    """Covers R5."""
    refused, used = converse(0.1, 1000, tells=True)
    print(f"a tenth of the rate, told: {refused:.2%} refused, {used:.1%} of it used")  # noqa: T201 - the figures
    assert refused <= 0.005
    assert used >= 0.9
