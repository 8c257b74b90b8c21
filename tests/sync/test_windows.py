from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from entrepot.channel import Limit, Reads
from entrepot.model import Window
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.windows import (
    MIN_CAP,
    Sweep,
    cap_for,
    halved,
    is_smallest,
    open_window,
    part_of,
    rest_of,
    watermark_after,
)
from tests.store.values import NOON, SHOP, minutes

LIMITS = [Limit(per_second=1 / 60, burst=1)]


def facts(lag=2, horizon=600, lifetime=60, page_size=10):
    return Reads(
        page_size=page_size,
        cursor_lifetime=None if lifetime is None else timedelta(minutes=lifetime),
        settle_lag=timedelta(minutes=lag),
        restatement_horizon=timedelta(days=1),
        history_horizon=timedelta(minutes=horizon),
    )


def stream(watermark=None, **more):
    at = None if watermark is None else minutes(watermark)
    return StreamRow(1, SHOP, StreamKind.ORDERS, 1, NOON, watermark=at, **more)


def sweep(overlap=5):
    return Sweep(timedelta(minutes=overlap), timedelta(minutes=2))


watermarks = st.none() | st.integers(-900, 30)
caps = st.none() | st.integers(1, 200).map(lambda count: count * 60.0)
lags = st.integers(0, 10)
overlaps = st.integers(0, 60)


@given(watermarks, lags, overlaps)
def test_a_window_leaves_no_gap_and_ends_before_what_may_not_show_yet(watermark, lag, overlap):
    """Covers P3, R32: it begins at or before the watermark, and ends at channel time less the settle lag."""
    row = stream(watermark)
    window = open_window(row, facts(lag), sweep(overlap), NOON)
    if window is None:
        assert watermark is not None
        assert watermark >= -lag
        return
    horizon = minutes(-600)
    assert window.end <= minutes(-lag)
    assert window.start >= horizon
    assert window.start == horizon or window.start == row.watermark - timedelta(minutes=overlap)
    assert window.end > max(row.watermark or horizon, horizon), "each pass reads on, even from far behind"


@given(watermarks, st.lists(caps, min_size=1), overlaps)
def test_a_capped_window_is_read_in_parts_that_join(watermark, changing, overlap):
    """Covers P1, P3: the overlap too, whatever the cap is by then; the watermark goes with them, and never back."""
    window = open_window(stream(watermark), facts(), sweep(overlap), NOON)
    assume(window is not None)
    row, start = stream(watermark, window=window), window.start
    for cap in [*changing, None]:
        row = evolve(row, window_cap=cap)
        part, rest = part_of(row), rest_of(row)
        assert part.start == start
        assert cap is None or part.end - part.start <= timedelta(seconds=cap)
        assert part.end == (rest.start if rest else window.end)
        reached = watermark_after(row)
        assert row.watermark is None or reached >= row.watermark
        assert reached <= max(part.end, row.watermark or part.end)
        if rest is None:
            break
        row, start = evolve(row, window=rest, watermark=reached), part.end
    assert reached == window.end


@given(watermarks, caps, lags, st.none() | st.integers(-900, 30))
def test_a_watermark_never_goes_back_nor_past_what_was_read(watermark, cap, lag, complete):
    """Covers P3, R102: the window's own end, fixed before the first call, whatever the time is then."""
    row = stream(watermark, window_cap=cap)
    window = open_window(row, facts(lag), sweep(), NOON)
    assume(window is not None)
    vouched = None if complete is None else minutes(complete)
    after = watermark_after(evolve(row, window=window, complete_until=vouched))
    assert after <= window.end
    assert row.watermark is None or after >= row.watermark
    if vouched is not None:
        assert after <= max(vouched, row.watermark or vouched), "no further than the channel vouches for"


@given(st.integers(1, 300), st.lists(st.integers(1, 90), min_size=1, max_size=5))
def test_what_changes_during_a_pass_falls_into_the_next_one(behind, waits):
    """Covers R102, R103: passes join without a gap, however long each one takes."""
    row, now = stream(-behind), NOON
    for wait in waits:
        window = open_window(row, facts(), sweep(), now)
        if window is not None:
            assert window.start <= row.watermark, "nothing between two passes is left out"
            row = evolve(row, watermark=watermark_after(evolve(row, window=window)))
            assert row.watermark <= now - timedelta(minutes=2)
        now += timedelta(minutes=wait)


@given(st.integers(0, 3000), st.integers(1, 500))
def test_a_pass_whose_pages_outlive_half_a_cursor_is_capped(records, span):
    """Covers P1: 60 minutes of cursor, one page of ten a minute: 300 records."""
    row = stream(-span, window=Window(minutes(-span), NOON), records=records)
    cap = cap_for(row, facts(), LIMITS)
    if records <= 300:
        assert cap is None
    else:
        assert cap == pytest.approx(max(MIN_CAP.total_seconds(), span * 60 * 300 / records))
    assert cap_for(row, facts(lifetime=None), LIMITS) is None


def test_a_cap_is_lifted_step_by_step_until_nothing_waits():
    """Covers P1, P11: one short window that fits says nothing of the long one behind it."""
    row = stream(-500, window=Window(minutes(-505), minutes(-490)), records=10, window_cap=600.0)
    assert cap_for(row, facts(), LIMITS) == cap_for(row, facts(lifetime=None), LIMITS) == 1200.0
    last = evolve(row, window=Window(minutes(-12), minutes(-2)))
    assert cap_for(last, facts(), LIMITS) is None


@given(st.integers(2, 500), caps, st.integers(0, 1500))
def test_an_expired_cursor_halves_what_is_read_at_once(span, cap, overlap):
    """Covers P1: the overlap of a repair too, until it fits, and never to nothing."""
    window = open_window(stream(-span), facts(lag=0, horizon=2000), sweep(overlap), NOON)
    row, tries = stream(-span, window=window, window_cap=cap), 0
    while not is_smallest(row):
        before = part_of(row)
        row = evolve(row, window_cap=halved(row))
        half = max(MIN_CAP, (before.end - before.start) / 2)
        assert part_of(row) == Window(before.start, before.start + half)
        tries += 1
    assert tries <= 11
    assert halved(row) == MIN_CAP.total_seconds()
