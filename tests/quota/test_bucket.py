"""The bucket's decisions against an exact token bucket on the other side of a network."""

from datetime import UTC, datetime, timedelta
from math import ceil

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.quota import At, Granted, Level, answered, reserve, scaled, usable_burst

START = datetime(2026, 11, 1, tzinfo=UTC)
JITTER = timedelta(seconds=0.5)


def at(seconds):
    return START + timedelta(seconds=seconds)


@frozen
class Arrival:
    seconds: float
    units: int


def refused(limit, arrivals):
    """How many units an exact token bucket that is full at the start refuses, by order of arrival."""
    tokens, then, count = float(limit.burst), None, 0
    for arrival in sorted(arrivals, key=lambda arrival: arrival.seconds):
        tokens = min(limit.burst, tokens + (arrival.seconds - (then or arrival.seconds)) * limit.per_second)
        then = arrival.seconds
        if tokens + 1e-6 < arrival.units:
            count += arrival.units
        else:
            tokens -= arrival.units
    return count


def wait_for_grant(level, limit, units, now):
    """The instant at which a client that asks as it is told may send, and the level then."""
    for _ in range(3):
        decision = reserve(level, limit, units, now, JITTER)
        if isinstance(decision, Granted):
            return now, decision.level
        assert decision.instant > now
        now = decision.instant
    raise AssertionError("told to come back again and again")


@st.composite
def bursts(draw):
    """Limits of whose burst something is left after the reserve for jitter: the assumption of the promise."""
    rate = draw(st.floats(0.002, 60))
    least = max(2, 1 + ceil(rate * JITTER.total_seconds()))
    return Limit(per_second=rate, burst=draw(st.integers(least, least + 60)))


GAPS = st.one_of(st.just(0.0), st.floats(0, 5))
LATENESS = st.floats(0, JITTER.total_seconds())


@given(bursts(), st.lists(st.tuples(GAPS, LATENESS, st.integers(1, 5)), min_size=1, max_size=80))
def test_no_request_is_refused_however_they_are_spaced_and_delayed(limit, requests):
    """Covers P6."""
    level, now, arrivals = None, START, []
    for gap, late, units in requests:
        taken = min(units, usable_burst(limit, JITTER))
        now, level = wait_for_grant(level, limit, taken, now + timedelta(seconds=gap))
        arrivals.append(Arrival((now - START).total_seconds() + late, taken))
    assert refused(limit, arrivals) == 0


def test_an_exact_copy_of_the_bucket_would_be_refused():
    """Covers P6: the reserve for jitter is not for nothing."""
    limit = Limit(per_second=2, burst=2)
    sent = [0.0, 0.0, 0.5]
    late = [0.5, 0.5, 0.0]
    assert refused(limit, [Arrival(s + d, 1) for s, d in zip(sent, late, strict=True)]) == 1


@given(bursts(), st.data())
def test_nearly_all_of_the_budget_is_used_with_a_burst(limit, data):
    """Covers P6: at least 98 % of the budget of a long run."""
    units = data.draw(st.integers(1, usable_burst(limit, JITTER)))
    horizon = timedelta(seconds=100 * limit.burst / limit.per_second)
    level, now, used = None, START, 0
    while now - START < horizon:
        now, level = wait_for_grant(level, limit, units, now)
        used += units
    assert used >= 0.98 * (limit.burst + limit.per_second * horizon.total_seconds())


TRIPS = st.lists(st.tuples(st.floats(0.001, 3), st.floats(0, 3), GAPS), min_size=1, max_size=40)


@given(st.floats(0.002, 20), TRIPS)
def test_without_a_burst_no_request_is_refused(rate, trips):
    """Covers P6: whoever asks, also while an answer is still on its way."""
    limit = Limit(per_second=rate, burst=1)
    level, now, answer_at, arrivals = None, START, None, []
    for there, back, gap in trips:
        now += timedelta(seconds=gap)
        while isinstance(decision := reserve(level, limit, 1, now, JITTER), At):
            assert decision.instant > now
            now = decision.instant
            if level.answered_at is None and answer_at <= now:
                level = answered(level, answer_at)
        level = decision.level
        arrivals.append(Arrival((now - START).total_seconds() + there, 1))
        answer_at = now + timedelta(seconds=there + back)
    assert refused(limit, arrivals) == 0


@given(st.floats(0.002, 20), st.lists(st.floats(0.001, 3), min_size=200, max_size=200))
def test_without_a_burst_the_budget_is_used_but_for_the_round_trips(rate, round_trips):
    """Covers P6: share >= 1 / (1 + rate x mean round trip) - 2 %."""
    limit = Limit(per_second=rate, burst=1)
    level, now = None, START
    for round_trip in round_trips:
        now, level = wait_for_grant(level, limit, 1, now)
        now += timedelta(seconds=round_trip)
        level = answered(level, now)
    used_share = len(round_trips) / (1 + rate * (now - START).total_seconds())
    mean = sum(round_trips) / len(round_trips)
    assert used_share >= 1 / (1 + rate * mean) - 0.02


def test_an_unanswered_request_holds_the_bucket_until_its_deadline():
    """Covers P6 and P10: a crash between sending and answering costs a deadline and a period, no more."""
    limit = Limit(per_second=0.5, burst=1)
    deadline = timedelta(seconds=30)
    sent = reserve(None, limit, 1, START, JITTER, deadline)
    assert sent == Granted(Level(0.0, START))
    assert reserve(sent.level, limit, 1, at(1), JITTER, deadline) == At(at(2))
    assert reserve(sent.level, limit, 1, at(10), JITTER, deadline) == At(at(11))
    assert reserve(sent.level, limit, 1, at(31.5), JITTER, deadline) == At(at(32))
    assert reserve(sent.level, limit, 1, at(32), JITTER, deadline) == Granted(Level(0.0, at(32)))
    assert reserve(answered(sent.level, at(5)), limit, 1, at(6), JITTER, deadline) == At(at(7))


@given(bursts(), st.lists(st.tuples(st.floats(0, 2), st.floats(0, 7200)), min_size=1, max_size=60))
def test_a_clock_that_is_set_back_never_grants_more_than_the_plan(limit, steps):
    """Covers P6: grants are judged in true time, while the clock falls behind by and by."""
    level, true, behind, sent = None, 0.0, 0.0, []
    for passed, back in steps:
        true += passed
        behind += back if back > 3600 else back / 3600  # many small ones, some of an hour
        decision = reserve(level, limit, 1, at(true - behind), JITTER)
        if isinstance(decision, Granted):
            level = decision.level
            sent.append(Arrival(true, 1))
    assert refused(Limit(limit.per_second, usable_burst(limit, JITTER)), sent) == 0


@pytest.mark.parametrize("burst", [1, 5])
def test_a_clock_that_is_set_back_does_not_stop_the_account_for_as_long(burst):
    """Covers P6."""
    limit = Limit(per_second=0.1, burst=burst)
    level = Level(0.0, at(7200), at(7201))
    decision = reserve(level, limit, 1, START, JITTER)
    assert decision == At(at(10))


@pytest.mark.parametrize("burst", [1, 5])
def test_another_workers_clock_a_little_behind_stops_time_and_gives_nothing_away(burst):
    """Covers P6."""
    limit = Limit(per_second=0.1, burst=burst)
    assert reserve(Level(0.0, at(30), at(30)), limit, 1, START, JITTER) == At(at(40))


def test_more_units_than_ever_fit_are_refused_in_words():
    with pytest.raises(ValueError, match=r"6 units can never be reserved.*burst of 8, of which 5 are usable"):
        reserve(None, Limit(per_second=6, burst=8), 6, START, JITTER)
    with pytest.raises(ValueError, match="0 units"):
        reserve(None, Limit(per_second=6, burst=8), 0, START, JITTER)


@given(bursts(), st.integers(1, 1000))
def test_scaled_time_scales_the_rate_and_nothing_else(limit, n):
    assert scaled(limit, n) == Limit(limit.per_second * n, limit.burst)
