from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import (
    Count,
    Movement,
    MovementKind,
    Order,
    OrderStatus,
    Package,
    Sku,
    StockLevel,
    Window,
    business_date,
    utc,
)
from entrepot.model.settlement import Settlement, SettlementLine
from tests.model.test_order import euros
from tests.store.values import NOON, minutes

NAIVE = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - that is the point
EAST = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
MUG = Sku("MUG")


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_stays_the_same_in_utc(instant):
    """Covers R89."""
    try:
        same = utc(instant)
    except OverflowError:  # the year 1 or 9999 in another zone
        return
    assert same.tzinfo is UTC
    assert same.timestamp() == instant.timestamp()


BUILDERS = {
    "utc": utc,
    "placed_at": lambda at: Order("1", "M", OrderStatus.PENDING, at, NOON, ()).placed_at,
    "changed_at": lambda at: Order("1", "M", OrderStatus.PENDING, NOON, at, ()).changed_at,
    "shipped_at": lambda at: Package("1", shipped_at=at).shipped_at,
    "moved at": lambda at: Movement(MUG, 1, MovementKind.RECEIPT, at, "r").effective_at,
    "not before": lambda at: Movement(MUG, 1, MovementKind.RECEIPT, NOON, "r", not_before=at).not_before,
    "counted at": lambda at: Count(MUG, 1, at, "r").effective_at,
    "observed_at": lambda at: StockLevel("1", 1, at).observed_at,
    "posted_at": lambda at: SettlementLine("fee", euros(1), at).posted_at,
    "settled from": lambda at: Settlement("1", at, NOON, euros(0), ()).start,
    "settled to": lambda at: Settlement("1", NOON, at, euros(0), ()).end,
    "window start": lambda at: Window(at, minutes(1)).start,
    "window end": lambda at: Window(minutes(-1), at).end,
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_only_aware_instants_cross_the_border(build):
    """Covers R89: a naive one fails where it is made, not where it is stored."""
    with pytest.raises(ValueError, match="has no UTC offset"):
        build(NAIVE)
    assert build(EAST) == NOON
    assert build(EAST).tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-28T22:59:59+00:00", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", "Europe/Berlin", date(2026, 3, 30)),
        ("2026-10-24T22:00:00+00:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", "Europe/Berlin", date(2026, 10, 26)),
        ("2026-11-01T06:30:00+00:00", "America/Los_Angeles", date(2026, 10, 31)),
        ("2026-06-30T15:00:00+00:00", "Asia/Tokyo", date(2026, 7, 1)),
    ],
)
def test_a_business_day_follows_the_clocks_of_its_marketplace(instant, zone, day):
    """Covers R89 and R90: the day in March has 23 hours, the one in October 25."""
    assert business_date(datetime.fromisoformat(instant), zone) == day


def test_a_business_day_needs_an_instant():
    """Covers R89."""
    with pytest.raises(ValueError, match="has no UTC offset"):
        business_date(NAIVE, "Europe/Berlin")


def test_a_window_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end"):
        Window(minutes(1), minutes(0))
    assert Window(NOON, EAST) == Window(NOON, NOON)
