"""What answers teach about a bucket: the rate that the channel tells, and refusals.

A refusal cuts fast, and good answers make up for it slowly: additive increase and multiplicative decrease, as TCP has
it (RFC 5681). So programs that spend from one bucket without knowing of each other come to share it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isfinite

from attrs import evolve

from entrepot.channel import Limit
from entrepot.quota.bucket import LONGEST_CLOSED, Level, answered
from entrepot.quota.buckets import Bucket
from entrepot.quota.observed import Observed

MOST = 10.0
"""A told rate further from the published one than by this factor, up or down, is believed to be a mistake."""

CUT = 0.5
"""What a refusal leaves of the share."""

STEP = 0.005
"""Of the full rate, regained with each good answer."""

RECOVERY = timedelta(hours=2)
"""Where answers are so rare that their steps would take longer, each gives more: about so long at the full rate."""

LEAST = 1 / 64
"""Of the full rate. No number of refusals stops anything for good."""

LONGEST_PERIOD = timedelta(minutes=15)
"""Nor does a bucket that is slow anyway become slower than this by refusals."""


def settled(bucket: Bucket, level: Level, answers: Iterable[Observed], now: datetime, *, learns: bool) -> Level:
    """A bucket after the answers to requests that spent from its limit.

    A refusal empties and slows the bucket that it names, else the account's own. `learns` is False where told rates are
    none of production's.
    """
    for answer in answers:
        named = answer.bucket if answer.bucket in bucket.limit.application else ""
        if not answer.refused:
            level = recovered(level, bucket.plan)
            if learns and not bucket.within:
                level = told(level, bucket.plan, answer.rate)
        elif named == bucket.within:
            level = cut(level, bucket.plan, answer, now)
    return answered(level, now)


def told(level: Level, limit: Limit, rate: float | None) -> Level:
    """Believe a told rate, or nothing of it."""
    if (
        rate is None
        or rate == level.told
        or not isfinite(rate)
        or not limit.per_second / MOST <= rate <= limit.per_second * MOST
    ):
        return level
    return evolve(level, told=rate)


def cut(level: Level, limit: Limit, refusal: Observed, now: datetime) -> Level:
    """The channel's bucket is empty, whatever ours says. What was sent before the last cut does not cut again."""
    empty = evolve(level, tokens=min(0.0, level.tokens), updated_at=max(now, level.updated_at))
    if refusal.retry_after:
        empty = evolve(empty, closed_until=now + min(refusal.retry_after, LONGEST_CLOSED))
    if level.cut_at is not None and refusal.sent_at <= level.cut_at:
        return empty
    return evolve(empty, share=max(least_share(limit), level.share * CUT), cut_at=now)


def least_share(limit: Limit) -> float:
    """How far refusals may cut."""
    return max(LEAST, min(1.0, limit.period / LONGEST_PERIOD))


def recovered(level: Level, limit: Limit) -> Level:
    if level.share == 1:
        return level
    return evolve(level, share=min(1.0, level.share + max(STEP, limit.period / RECOVERY)))
