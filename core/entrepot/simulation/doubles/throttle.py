"""A server's side of rate limits: exact token buckets that refuse."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from entrepot.channel.facts import Limit
from entrepot.runtime import Clock

ROUNDING = 1e-9
"""Tokens that float arithmetic may lose while a bucket fills up to a whole one."""


class Bucket:
    """Full at first, as a channel's bucket is for a caller that it has not seen for long."""

    def __init__(self, limit: Limit, now: datetime) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._filled_at = now

    def take(self, now: datetime) -> timedelta | None:
        """Take one token. Without one, how long until there is one."""
        self._fill(now)
        if self._tokens + ROUNDING < 1:
            return timedelta(seconds=(1 - self._tokens) / self._limit.per_second)
        self._tokens -= 1
        return None

    def resize(self, limit: Limit, now: datetime) -> None:
        """From now on it fills as `limit` says. What is in it stays, up to the new burst."""
        self._fill(now)
        self._limit = limit
        self._tokens = min(self._tokens, limit.burst)

    def _fill(self, now: datetime) -> None:
        grown = (now - self._filled_at).total_seconds() * self._limit.per_second
        self._tokens = min(self._limit.burst, self._tokens + grown)
        self._filled_at = now


class Throttle:
    """All buckets of one account. `calls` and `refused` count requests by limit; a refused one is in both."""

    def __init__(self, limits: Mapping[str, Limit], clock: Clock) -> None:
        self._clock = clock
        self._buckets = {name: Bucket(limit, clock.now()) for name, limit in limits.items()}
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def take(self, limit: str) -> timedelta | None:
        self.calls[limit] += 1
        wait = self._buckets[limit].take(self._clock.now())
        if wait is not None:
            self.refused[limit] += 1
        return wait

    def resize(self, name: str, limit: Limit) -> None:
        self._buckets[name].resize(limit, self._clock.now())
