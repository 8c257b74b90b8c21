"""Which span of channel time a pass reads. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from entrepot.channel import Limit, Reads
from entrepot.model import Window
from entrepot.model.schedule import Schedule
from entrepot.store.records import StreamKind, StreamRow

MIN_CAP = timedelta(minutes=1)


@frozen
class Sweep:
    """How a stream goes over its records: how far back each pass begins again, and what begins the next one when."""

    overlap: timedelta
    schedule: Schedule


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
    return Window(max(read_until - sweep.overlap, horizon), end)


def resting(stream: StreamRow) -> StreamRow:
    """While calls rest, a part of which nothing is read yet loses its bounds: it ends later once they go on."""
    unread = stream.kind is StreamKind.ORDERS and stream.cursor is None and stream.records == 0
    return evolve(stream, window=None) if unread else stream


def part_of(stream: StreamRow) -> Window:
    """The part of the running window that is read now: all of it, or as much as the cap lets pass.

    The overlap is read in parts too: a cursor does not care which pass has read a record before.
    """
    if stream.window is None:
        msg = "a pass has a window"
        raise ValueError(msg)
    if stream.window_cap is None:
        return stream.window
    start, end = stream.window.start, stream.window.end
    return Window(start, min(end, start + timedelta(seconds=stream.window_cap)))


def rest_of(stream: StreamRow) -> Window | None:
    """What of the running window is left once its present part is read."""
    end = part_of(stream).end
    return Window(end, stream.window.end) if stream.window is not None and end < stream.window.end else None


def watermark_after(stream: StreamRow) -> datetime:
    """Where the next pass starts: the end of what was read, or what the channel vouched for. Never back."""
    end = part_of(stream).end
    reached = min(end, stream.complete_until or end)
    return max(reached, stream.watermark or reached)


def cap_for(stream: StreamRow, facts: Reads, limits: Sequence[Limit]) -> float | None:
    """Seconds that a part may span so that its pages fit into half of a cursor's life, judged by the part that ended.

    None where everything fits: 24 h of cursor at one call in 179 s reads 48,300 orders. A part that fits because it
    was capped says nothing of the rest: the next one may be twice as long.
    """
    if facts.cursor_lifetime is not None:
        page_period = max((limit.period for limit in limits), default=timedelta(0)).total_seconds()
        needed = stream.records / facts.page_size * page_period
        allowed = facts.cursor_lifetime.total_seconds() / 2
        if needed > allowed:
            return max(MIN_CAP.total_seconds(), _span(stream).total_seconds() * allowed / needed)
    return 2 * stream.window_cap if stream.window_cap is not None and rest_of(stream) else None


def halved(stream: StreamRow) -> float:
    """The cap after a cursor expired in the middle of a part."""
    return max(MIN_CAP.total_seconds(), _span(stream).total_seconds() / 2)


def is_smallest(stream: StreamRow) -> bool:
    """Does the stream read a part that cannot be halved any more?"""
    return stream.window is not None and _span(stream) <= MIN_CAP


def _span(stream: StreamRow) -> timedelta:
    part = part_of(stream)
    return part.end - part.start
