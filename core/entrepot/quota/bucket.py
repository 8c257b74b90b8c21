"""The decision whether a request may be sent now, without a clock, a lock or a store.

A channel counts requests when they arrive, we count them when we send. Two requests that were sent one period apart may
arrive closer together, by as much as latency varies: an exact copy of the channel's bucket is refused now and then.

    burst >= 2   what may arrive early is kept back: burst - ceil(rate x jitter) tokens are used, at least 1
    burst == 1   nothing can be kept back: a request goes out one period after the answer to the one before, which
                 proves that it has arrived
"""

from datetime import datetime, timedelta
from math import ceil

from attrs import evolve, frozen

from entrepot.channel import Limit

JITTER = timedelta(seconds=0.5)
"""By how much the way to a channel varies, unless somebody knows better."""

CALL_DEADLINE = timedelta(seconds=60)
"""After this long no answer comes any more."""

CLOCK_STEP = timedelta(minutes=1)
"""A clock that lags behind the stored level by more was set back."""

RECHECK = timedelta(seconds=1)
"""When to ask again while somebody else's answer is awaited."""

ROUNDING = 1e-9
"""A part of a token: what float arithmetic may lose."""


@frozen
class Level:
    """A bucket as it was at `updated_at`. `answered_at` is None while the last request is not answered (burst 1)."""

    tokens: float
    updated_at: datetime
    answered_at: datetime | None = None


@frozen
class Granted:
    """Send now; store the level first."""

    level: Level


@frozen
class At:
    """Not now; ask again at `instant`, which is the earliest that could be granted."""

    instant: datetime


def reserve(
    level: Level | None,
    limit: Limit,
    units: int,
    now: datetime,
    jitter: timedelta = JITTER,
    call_deadline: timedelta = CALL_DEADLINE,
) -> Granted | At:
    """Take `units` tokens, or say when to ask again. `level` is None at the first use: the bucket is full.

    Raises ValueError for more units than the bucket ever holds.
    """
    usable = usable_burst(limit, jitter)
    check_units(limit, units, usable)
    if limit.burst == 1:
        return _after_answer(level, limit, now, call_deadline)
    current = _refilled(level, limit, usable, now)
    missing = units - current.tokens
    if missing <= ROUNDING:
        return Granted(evolve(current, tokens=current.tokens - units))
    return At(current.updated_at + _time_for(missing, limit))


def answered(level: Level, now: datetime) -> Level:
    """Note that the last request was answered, or given up after the call's deadline."""
    return evolve(level, answered_at=max(now, level.updated_at))


def scaled(limit: Limit, n: int) -> Limit:
    """The same bucket where time runs `n` times as fast (`time_scale`)."""
    return evolve(limit, per_second=limit.per_second * n)


def usable_burst(limit: Limit, jitter: timedelta = JITTER) -> int:
    """What of a burst is used, so that requests which overtake each other on the way find a token."""
    return max(1, limit.burst - ceil(limit.per_second * jitter.total_seconds() - ROUNDING))


def check_units(limit: Limit, units: int, usable: int) -> None:
    """Raises ValueError where waiting would never end."""
    if not 1 <= units <= usable:
        raise ValueError(
            f"{units} units can never be reserved: the bucket has a burst of {limit.burst}, of which {usable} are "
            f"usable at {limit.per_second:g} per second. Next: spend less at once, or correct the declared limit"
        )


def _after_answer(level: Level | None, limit: Limit, now: datetime, call_deadline: timedelta) -> Granted | At:
    sent = Granted(Level(0.0, now))
    if level is None:
        return sent
    level = _in_step(level, now)
    period = _time_for(1, limit)
    given_up = level.updated_at + call_deadline
    due = (level.answered_at or given_up) + period
    if now >= due:
        return sent
    if level.answered_at is None:  # the answer may come at any time
        due = min(due, max(level.updated_at + period, now + min(period, RECHECK)))
    return At(due)


def _refilled(level: Level | None, limit: Limit, usable: int, now: datetime) -> Level:
    if level is None:
        return Level(float(usable), now)
    level = _in_step(level, now)
    elapsed = max(0.0, (now - level.updated_at).total_seconds())
    tokens = min(float(usable), level.tokens + elapsed * limit.per_second)
    return Level(tokens, max(now, level.updated_at))


def _in_step(level: Level, now: datetime) -> Level:
    """Empty from now on where the clock was set back. A little behind is another worker's clock: time stands still."""
    if level.updated_at - now <= CLOCK_STEP:
        return level
    return Level(min(0.0, level.tokens), now, level.answered_at and now)


def _time_for(tokens: float, limit: Limit) -> timedelta:
    """How long they take to come back, rounded up: nobody asks a moment too early."""
    return timedelta(microseconds=ceil(tokens / limit.per_second * 1e6))
