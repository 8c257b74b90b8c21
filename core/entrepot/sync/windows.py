"""Which span of channel time a pass reads. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.channel import Limit, Reads
from entrepot.model import Window
from entrepot.store.records import StreamRow

MIN_CAP = timedelta(minutes=1)


@frozen
class Sweep:
    """How a stream goes over its records: how far back each pass begins again, and how often."""

    overlap: timedelta
    every: timedelta


def open_window(stream: StreamRow, facts: Reads, sweep: Sweep, channel_now: datetime) -> Window | None:
    """From the watermark less the overlap to what the channel is sure to show; None where nothing new can be there.

    The upper bound is fixed before the first call and never moves: what changes during the pass belongs to the next
    one.
    """
    end = channel_now - facts.settle_lag
    horizon = channel_now - facts.history_horizon
    read_until = max(stream.watermark or horizon, horizon)
    if end <= read_until:
        return None
    if stream.window_cap is not None:
        end = min(end, read_until + timedelta(seconds=stream.window_cap))
    return Window(max(read_until - sweep.overlap, horizon), end)


def watermark_after(stream: StreamRow) -> datetime:
    """Where the next pass starts: the window's end, or what the channel vouched for. Never back."""
    if stream.window is None:
        msg = "a pass has a window"
        raise ValueError(msg)
    reached = min(stream.window.end, stream.complete_until or stream.window.end)
    return max(reached, stream.watermark or reached)


def cap_for(stream: StreamRow, facts: Reads, limits: Sequence[Limit]) -> float | None:
    """Seconds that a window may span so that its pages fit into half of a cursor's life, judged by the pass that ended.

    None where cursors do not expire, or everything fits: 24 h of cursor at one call in 179 s reads 48,300 orders. A
    window that fits because it was capped says nothing of the rest: the next one may be twice as long.
    """
    if facts.cursor_lifetime is None or stream.window is None:
        return None
    span = (stream.window.end - stream.window.start).total_seconds()
    page_period = max((limit.period for limit in limits), default=timedelta(0)).total_seconds()
    needed = stream.records / facts.page_size * page_period
    allowed = facts.cursor_lifetime.total_seconds() / 2
    if needed > allowed:
        return max(MIN_CAP.total_seconds(), span * allowed / needed)
    return 2 * stream.window_cap if stream.window_cap is not None and is_capped(stream) else None


def is_capped(stream: StreamRow) -> bool:
    """Does the running window end at the cap? Then later time waits already."""
    return stream.window_cap is not None and _unread(stream) >= timedelta(seconds=stream.window_cap)


def halved(stream: StreamRow) -> float:
    """The cap after a cursor expired in the middle of a pass."""
    return max(MIN_CAP.total_seconds(), _unread(stream).total_seconds() / 2)


def _unread(stream: StreamRow) -> timedelta:
    """The part of the window that no pass has read before."""
    if stream.window is None:
        return timedelta(0)
    return stream.window.end - max(stream.watermark or stream.window.start, stream.window.start)
