"""The decision whether a request may be sent now, without a clock, a lock or a store.

A channel counts requests when they arrive, we count them when we send. Two requests that were sent one period apart may
arrive closer together, by as much as latency varies: an exact copy of the channel's bucket is refused now and then.

    burst >= 2   what may arrive early is kept back: burst - ceil(rate x jitter) tokens are used, at least 1
    burst == 1   nothing can be kept back: a request goes out one period after the answer to the one before, which
                 proves that it has arrived

The rate is the published one until the channel tells another (`learning.py`), times the share that refusals have left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, floor

from attrs import evolve, frozen

from entrepot.channel import Limit
from entrepot.quota.line import Waiting

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

LONGEST_CLOSED = timedelta(hours=1)
"""A channel that wants to be left alone for longer is asked again after this long."""


@frozen
class Level:
    """A bucket as it was at `updated_at`. `answered_at` is None while the last request is not answered (burst 1).

    `told`: the rate that the channel told, per second. `share` of rate and burst is used: refusals cut it, the last
    time at `cut_at`. Nothing is granted before `closed_until`.
    """

    tokens: float
    updated_at: datetime
    answered_at: datetime | None = None
    told: float | None = None
    share: float = 1.0
    cut_at: datetime | None = None
    closed_until: datetime | None = None


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
    ahead: Sequence[Waiting] = (),
) -> Granted | At:
    """Take `units` tokens, or say when to ask again. `level` is None at the first use: the bucket is full.

    `limit` as it is in force. `ahead`: those who wait and go first; what is granted delays none of them. Raises
    ValueError for more units than the bucket ever holds.
    """
    usable = usable_burst(limit, jitter)
    check_units(limit, units, usable)
    if level is not None and is_closed(level, now):
        return At(level.closed_until or now)
    if limit.burst == 1:
        return _after_answer(level, limit, now, call_deadline, ahead)
    current = refilled(level, limit, max(units, floor(usable * level.share)) if level else usable, now)
    left = current.tokens - units
    if left >= -ROUNDING and _leaves_enough(left, limit, ahead, now):
        return Granted(evolve(current, tokens=left))
    missing = units + sum(waiting.units for waiting in ahead) - current.tokens
    return At(current.updated_at + _time_for(missing, limit))


def in_force(
    limit: Limit, level: Level | None, units: int = 1, *, time_scale: int = 1, jitter: timedelta = JITTER
) -> Limit:
    """The limit at the rate that was told, cut by refusals.

    Not faster than leaves `units` tokens beside those that are kept back for jitter: the channel tells no burst.
    """
    limit = scaled(limit, time_scale)
    if level is None or (level.told is None and level.share == 1):
        return limit
    rate = level.told * time_scale if level.told else limit.per_second
    if limit.burst > 1 and rate > limit.per_second:
        rate = max(limit.per_second, min(rate, (limit.burst - units) / jitter.total_seconds()))
    return evolve(limit, per_second=rate * level.share)


def answered(level: Level, now: datetime) -> Level:
    """Note that the last request was answered, or given up after the call's deadline."""
    return evolve(level, answered_at=max(now, level.updated_at))


def scaled(limit: Limit, n: int) -> Limit:
    """The same bucket where time runs `n` times as fast (`time_scale`)."""
    if n == 1:
        return limit
    application = {name: scaled(bucket, n) for name, bucket in limit.application.items()}
    return evolve(limit, per_second=limit.per_second * n, application=application)


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


def refilled(level: Level | None, limit: Limit, usable: int, now: datetime) -> Level:
    """The level at `now`, with at most `usable` tokens."""
    if level is None:
        return Level(float(usable), now)
    level = _in_step(level, now)
    elapsed = max(0.0, (now - level.updated_at).total_seconds())
    tokens = min(float(usable), level.tokens + elapsed * limit.per_second)
    return evolve(level, tokens=tokens, updated_at=max(now, level.updated_at))


def is_closed(level: Level, now: datetime) -> bool:
    """Where the clock was set back since, an old wish of the channel's must not stop us for as long."""
    return level.closed_until is not None and now < level.closed_until <= now + LONGEST_CLOSED


def _after_answer(
    level: Level | None, limit: Limit, now: datetime, call_deadline: timedelta, ahead: Sequence[Waiting]
) -> Granted | At:
    period = _time_for(1, limit)
    soon = [waiting for waiting in ahead if waiting.due < now + 2 * period]
    level = Level(0.0, now, now - period) if level is None else _in_step(level, now)
    given_up = level.updated_at + call_deadline
    due = (level.answered_at or given_up) + period
    if now >= due and not soon:
        return Granted(evolve(level, tokens=0.0, updated_at=now, answered_at=None))
    if level.answered_at is None:  # the answer may come at any time
        due = min(due, max(level.updated_at + period, now + min(period, RECHECK)))
    return At(max(due, now) + len(soon) * period)


def _leaves_enough(left: float, limit: Limit, ahead: Sequence[Waiting], now: datetime) -> bool:
    """Will everyone who goes first find the tokens when they come?"""
    owed = 0
    for waiting in sorted(ahead, key=lambda waiting: waiting.due):
        owed += waiting.units
        grown = max(0.0, (waiting.due - now).total_seconds()) * limit.per_second
        if left + grown + ROUNDING < owed:
            return False
    return True


def _in_step(level: Level, now: datetime) -> Level:
    """Empty from now on where the clock was set back. A little behind is another worker's clock: time stands still."""
    if level.updated_at - now <= CLOCK_STEP:
        return level
    return evolve(level, tokens=min(0.0, level.tokens), updated_at=now, answered_at=level.answered_at and now)


def _time_for(tokens: float, limit: Limit) -> timedelta:
    """How long they take to come back, rounded up: nobody asks a moment too early."""
    return timedelta(microseconds=ceil(tokens / limit.per_second * 1e6))
