from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entrepot.http.policy import WAITS
from entrepot.sync.pace import Pace

failures = st.integers(1, 50)
periods = st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(failures, periods, st.integers(1, 500), st.floats(0, 1))
def test_a_pause_is_never_shorter_than_the_operations_own_period(count, period, scale, draw):
    """Covers R12, P6, P8: nor endless; and it follows the account's time."""
    pause = Pace(scale, timedelta(minutes=2)).waits.after_failure(count, period / scale, draw)
    assert max(timedelta(seconds=1), period) / scale <= pause + timedelta(microseconds=2)
    assert pause <= max(WAITS.longest, 2 * period) / scale + timedelta(microseconds=2)


def test_pauses_double():
    pauses = [WAITS.after_failure(count, timedelta(0), 0.0).total_seconds() for count in (1, 2, 3, 9, 10, 99)]
    assert pauses == [2, 4, 8, 512, 900, 900]


def test_a_parked_account_is_checked_at_five_minutes_doubling_to_hourly():
    """Covers P8."""
    assert [WAITS.after_refusal(count) / timedelta(minutes=1) for count in range(1, 7)] == [5, 10, 20, 40, 60, 60]
    assert Pace(10, timedelta(0)).waits.after_refusal(1) == timedelta(seconds=30)


def test_a_deadline_follows_the_account_but_not_below_what_the_network_takes():
    assert [Pace(scale, timedelta(0)).deadline.total_seconds() for scale in (1, 5, 200)] == [30, 6, 3]


def test_a_lease_outlasts_the_call_and_follows_the_account():
    """Covers P10: after a crash a stream rests as long in the account's time, but for what disks take."""
    assert [Pace(scale, timedelta(0)).lease.total_seconds() for scale in (1, 5, 200)] == [45, 9, 5]
