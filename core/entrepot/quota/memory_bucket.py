"""A bucket in memory: aiolimiter holds its tokens, and what answers teach sets the rate.

Time is the running loop's, which has no date: it begins in 1970.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import floor

from aiolimiter import AsyncLimiter
from attrs import evolve

from entrepot.channel import Limit
from entrepot.quota.bucket import Level, in_force, is_closed, usable_burst
from entrepot.quota.buckets import Bucket
from entrepot.quota.learning import settled
from entrepot.quota.observed import Observed
from entrepot.runtime import Clock

TICK = 1e-6
"""Seconds. A shorter wait could end before float arithmetic notices that time has passed."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tokens(AsyncLimiter):
    """aiolimiter's bucket, which also says how long it will take, and whose rate may change.

    It fills up with what is spent and leaks at the rate; the tokens are the room that is left. aiolimiter has no public
    way to either, so this touches `_level` and `_rate_per_sec`.
    """

    def __init__(self, rate: float, capacity: float) -> None:
        super().__init__(capacity, capacity / rate)

    @property
    def left(self) -> float:
        self.has_capacity()  # leaks what is due
        return self.max_rate - self._level

    def delay(self, units: int) -> float:
        """Seconds until there is room for `units`; 0 if there is."""
        if self.has_capacity(units):
            return 0.0
        return max(TICK, (units - self.left) / self._rate_per_sec)

    def change(self, rate: float, capacity: float) -> None:
        """From now on. The tokens that are left stay, as far as the capacity allows."""
        left = self.left
        self.max_rate, self.time_period, self._rate_per_sec = capacity, capacity / rate, rate
        self._level = max(0.0, capacity - left)

    def empty(self) -> None:
        self._level += self.left


class MemoryBucket:
    """Tokens, and the level without them: what was learned. Its own `tokens` are those that a lesson finds.

    Without a burst, a request goes a period after the answer to the one before.
    """

    def __init__(
        self, bucket: Bucket, clock: Clock, jitter: timedelta, call_deadline: timedelta, *, learns: bool
    ) -> None:
        self._bucket = bucket
        self._clock = clock
        self._jitter = jitter
        self._call_deadline = call_deadline
        self._learns = learns
        self._tokens = Tokens(bucket.plan.per_second, usable_burst(bucket.plan, jitter))
        self._level = Level(self._tokens.left, clock.now(), clock.now())

    def delay(self, units: int) -> float:
        """Seconds until `units` may be there; 0 if they are."""
        now = self._clock.now()
        held_until = self._held_until(now)
        if held_until > now:
            return max(TICK, (held_until - now).total_seconds())
        if self._awaits_answer:  # it comes no more
            self.settle(())
        limit = self._in_force(units)
        usable = floor(usable_burst(limit, self._jitter) * self._level.share)
        self._tokens.change(limit.per_second, max(units, usable))
        return self._tokens.delay(units)

    @property
    def per_second(self) -> float:
        return self._in_force().per_second

    def wait(self, units: int) -> float:
        """Seconds until so many requests can have gone, one by one; at least, for an awaited answer may come late."""
        now = self._clock.now()
        closed = self._level.closed_until if is_closed(self._level, now) else None
        left = 0.0 if self._awaits_answer else self._tokens.left
        return max(0.0, (units - left) / self.per_second, ((closed or now) - now).total_seconds())

    async def take(self, units: int) -> None:
        """At once where `delay` has just said 0."""
        await self._tokens.acquire(units)
        self._level = evolve(self._level, updated_at=self._clock.now(), answered_at=None)

    def settle(self, answers: Iterable[Observed]) -> None:
        """Learn from the answers. The rate changes at once, and a refusal leaves no tokens."""
        level = evolve(self._level, tokens=self._tokens.left)
        self._level = settled(self._bucket, level, answers, self._clock.now(), learns=self._learns)
        self._tokens.change(self._in_force().per_second, self._tokens.max_rate)
        if self._bucket.plan.burst == 1 or self._level.tokens < level.tokens:
            self._tokens.empty()

    @property
    def _awaits_answer(self) -> bool:
        return self._bucket.plan.burst == 1 and self._level.answered_at is None

    def _held_until(self, now: datetime) -> datetime:
        """By the channel's wish or by an answer that is awaited; else now."""
        closed = self._level.closed_until if is_closed(self._level, now) else None
        return closed or (self._level.updated_at + self._call_deadline if self._awaits_answer else now)

    def _in_force(self, units: int = 1) -> Limit:
        return in_force(self._bucket.plan, self._level, units, jitter=self._jitter)
