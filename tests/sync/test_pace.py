import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entrepot.sync.pace import LONGEST_PAUSE, Pace

failures = st.integers(1, 50)
periods = st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(failures, periods, st.integers(1, 500), st.integers())
def test_a_pause_is_never_shorter_than_the_operations_own_period(count, period, scale, seed):
    """Covers R12, P6, P8: nor endless; and it follows the account's time."""
    pause = Pace(scale, timedelta(minutes=2)).after_failure(count, period, random.Random(seed))
    assert max(timedelta(seconds=1), period) / scale <= pause + timedelta(microseconds=1)
    assert pause <= max(LONGEST_PAUSE, 2 * period) / scale


def test_pauses_double():
    class Highest:
        def uniform(self, a, b):
            return b

    pace = Pace(1, timedelta(minutes=2))
    pauses = [pace.after_failure(count, timedelta(0), Highest()).total_seconds() for count in (1, 2, 3, 9, 10, 99)]
    assert pauses == [2, 4, 8, 512, 900, 900]


def test_a_parked_account_is_checked_at_five_minutes_doubling_to_hourly():
    """Covers P8."""
    pace = Pace(1, timedelta(minutes=2))
    assert [pace.after_refusal(count) / timedelta(minutes=1) for count in range(1, 7)] == [5, 10, 20, 40, 60, 60]
    assert Pace(10, timedelta(0)).after_refusal(1) == timedelta(seconds=30)


def test_a_deadline_follows_the_account_but_not_below_what_the_network_takes():
    assert [Pace(scale, timedelta(0)).deadline.total_seconds() for scale in (1, 5, 200)] == [30, 6, 3]


def test_a_lease_outlasts_the_call_and_follows_the_account():
    """Covers P10: after a crash a stream rests as long in the account's time, but for what disks take."""
    assert [Pace(scale, timedelta(0)).lease.total_seconds() for scale in (1, 5, 200)] == [45, 9, 5]
