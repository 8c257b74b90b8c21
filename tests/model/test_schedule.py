"""When daily work and work with a pause come back, whatever the clocks on the wall do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model.schedule import DAY, Daily, Every, Timetable, next_due

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")]
)
FIRST, LAST = datetime(2020, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001 - as hypothesis takes them
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SHIFT = timedelta(hours=1)
"""No zone of these moves its clocks further."""


def runs(at, after, days, zone=BERLIN):
    """The wall clock at each run in so many days."""
    found, until = [], after + days * DAY
    while (after := next_due(Daily(at), after, zone)) <= until:
        found.append(after.astimezone(zone))
    return found


@given(HOURS, INSTANTS, ZONES)
def test_daily_work_comes_at_its_hour_and_at_nothing_before(at, now, zone):
    """Covers P8: the next one lies ahead, within a day, and no earlier instant is one."""
    due = next_due(Daily(at), now, zone)
    wall = due.astimezone(zone)
    assert now < due <= now + DAY + SHIFT
    assert next_due(Daily(at), due - timedelta(microseconds=1), zone) == due
    exists = datetime.combine(wall.date(), at, zone).astimezone(UTC).astimezone(zone).time() == at
    assert wall.time() == at if exists else at < wall.time() <= (datetime.combine(date.min, at) + SHIFT).time()


@given(HOURS, st.dates(date(2020, 1, 2), date(2034, 12, 1)), st.integers(1, 9), ZONES)
def test_daily_work_comes_once_on_each_date(at, first, days, zone):
    """Covers P8: days of 23 and of 25 hours among them."""
    midnight = datetime.combine(first, time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    dates = [wall.date() for wall in runs(at, midnight, days + 1, zone)]
    assert dates[:days] == [first + n * DAY for n in range(days)]


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=9)), INSTANTS, ZONES)
def test_work_with_a_pause_takes_no_notice_of_clocks(period, now, zone):
    assert next_due(Every(period), now, zone) == now + period


def test_an_hour_that_does_not_exist_comes_once_by_the_shift_later():
    """In March half past two is skipped."""
    told = runs(time(2, 30), datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [f"{wall:%d %H:%M %Z}" for wall in told] == ["29 03:30 CEST", "30 02:30 CEST"]


def test_an_hour_that_occurs_twice_comes_once_at_the_first():
    """In October half past two occurs in summer time, and an hour later in winter time."""
    told = runs(time(2, 30), datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert [f"{wall:%d %H:%M %Z}" for wall in told] == ["25 02:30 CEST", "26 02:30 CET"]


@pytest.mark.parametrize("hour", [0, 1])
def test_between_the_two_it_has_been(hour):
    now = datetime(2026, 10, 25, hour, 31, tzinfo=UTC)
    assert next_due(Daily(time(2, 30)), now, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_simulators_days_are_shorter():
    told = Timetable(BERLIN, order_audit=Daily(time(4, 15)), drift_sweep=Every(timedelta(hours=1)))
    assert told.scaled(1) is told
    fast = told.scaled(60)
    assert (fast.order_audit, fast.drift_sweep) == (Every(timedelta(minutes=24)), Every(timedelta(minutes=1)))
    assert fast.purge == told.purge, "the database is no simulator's"


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-11-24T12:00:00", "2026-11-30T23:00:00"),
        ("2026-11-30T22:59:59", "2026-11-30T23:00:00"),
        ("2026-11-30T23:00:00", "2026-12-31T23:00:00"),
        ("2027-01-31T12:00:00", "2027-01-31T23:00:00"),
        ("2026-03-31T10:00:00", "2026-03-31T22:00:00"),
    ],
)
def test_a_month_begins_at_midnight_of_our_own_zone(now, month):
    """Covers R14."""
    begun = Timetable(BERLIN).next_month(datetime.fromisoformat(f"{now}+00:00"))
    assert begun == datetime.fromisoformat(f"{month}+00:00")
