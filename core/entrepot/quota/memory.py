"""Quota for a program that runs alone: it waits until a request may be sent.

Daemons do not use it. They share the buckets in the store, which survive a restart, and never wait.
"""

import asyncio
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from heapq import heapify, heappush
from itertools import count
from typing import TYPE_CHECKING

from attrs import field, frozen

from entrepot.channel import Limit
from entrepot.model import AccountId
from entrepot.quota.bucket import CALL_DEADLINE, JITTER, check_units, usable_burst
from entrepot.quota.buckets import Bucket, buckets_of
from entrepot.quota.observed import Observed
from entrepot.quota.priority import Priority
from entrepot.runtime import Clock

if TYPE_CHECKING:
    from entrepot.quota.memory_bucket import MemoryBucket

THIS_PROGRAM = ""
"""The application: all accounts of the program are called through it."""


@frozen
class BucketKey:
    """One account's bucket of one declared limit. Two accounts never share one."""

    account: AccountId
    limit: str


@frozen
class Turn:
    """How long a request waits for its turn at least, and what the bucket that it waits for gives in a second."""

    wait: timedelta
    per_second: float


class MemoryQuota:
    """Buckets in memory, full at first use. `clock` is that of the answers; `learns`: believe the rates they tell."""

    def __init__(
        self,
        limits: Mapping[str, Limit],
        clock: Clock,
        *,
        jitter: timedelta = JITTER,
        call_deadline: timedelta = CALL_DEADLINE,
        learns: bool = True,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._jitter = jitter
        self._call_deadline = call_deadline
        self._learns = learns
        self._buckets: dict[tuple[str, str], MemoryBucket] = {}
        self._lines: dict[BucketKey, _Line] = {}

    async def acquire(
        self,
        key: BucketKey,
        units: int = 1,
        priority: Priority = Priority.FRESH_ORDERS,
        *,
        within: Container[str] | None = None,
    ) -> None:
        """Wait until the request may be sent. Call `answered` when it was, also after a failure.

        `within`: which buckets of the application it spends from; None for all that the limit has. Raises ValueError
        for more units than the bucket ever holds, KeyError for a limit that nobody declared.
        """
        for bucket in self._spent(key, within):
            check_units(bucket.plan, units, usable_burst(bucket.plan, self._jitter))
        if key not in self._lines:
            self._lines[key] = _Line(self, key)
        await self._lines[key].acquire(units, priority, within)

    def answered(
        self, key: BucketKey, answers: Iterable[Observed] = (), *, within: Container[str] | None = None
    ) -> None:
        """Note the answer. A bucket with a burst of 1 grants nothing before that, or before the call's deadline."""
        answers = tuple(answers)
        for bucket in self._spent(key, within):
            self._buckets[bucket.owner, bucket.name].settle(answers)
        for line in self._lines.values():  # others spend from the application's buckets too
            line.wake_first()

    def turn(self, key: BucketKey, *, within: Container[str] | None = None) -> Turn:
        """Of a request that comes now, behind those that wait.

        No more than that can be known: an answer that is awaited may come at once or late, and teach another rate.
        """
        units = 1 + (self._lines[key].length if key in self._lines else 0)
        waits = ((bucket.wait(units), bucket.per_second) for bucket in map(self._held, self._spent(key, within)))
        seconds, per_second = max(waits)
        return Turn(timedelta(seconds=seconds), per_second)

    async def take(self, key: BucketKey, units: int, within: Container[str] | None) -> float:
        """From all buckets or from none: then the seconds until there may be enough in each, else 0."""
        buckets = [self._held(bucket) for bucket in self._spent(key, within)]
        delay = max(bucket.delay(units) for bucket in buckets)
        if not delay:
            for bucket in buckets:  # nothing else runs meanwhile: there is room in each
                await bucket.take(units)
        return delay

    def _held(self, bucket: Bucket) -> "MemoryBucket":
        from entrepot.quota.memory_bucket import MemoryBucket  # noqa: PLC0415 - aiolimiter takes long, daemons go without

        name = bucket.owner, bucket.name
        if name not in self._buckets:
            self._buckets[name] = MemoryBucket(
                bucket, self._clock, self._jitter, self._call_deadline, learns=self._learns
            )
        return self._buckets[name]

    def _spent(self, key: BucketKey, within: Container[str] | None) -> Iterable[Bucket]:
        buckets = buckets_of(key.limit, self._limits[key.limit], key.account, THIS_PROGRAM)
        return (bucket for bucket in buckets if within is None or not bucket.within or bucket.within in within)


@frozen(order=True)
class _Waiter:
    place: tuple[int, int]
    wake: asyncio.Event = field(factory=asyncio.Event, order=False)


class _Line:
    """Those who wait for an account's bucket. Only the first asks: aiolimiter lets small ones overtake large ones."""

    def __init__(self, quota: MemoryQuota, key: BucketKey) -> None:
        self._quota = quota
        self._key = key
        self._waiting: list[_Waiter] = []
        self._numbers = count()
        self._served = 0

    @property
    def length(self) -> int:
        return len(self._waiting)

    async def acquire(self, units: int, priority: Priority, within: Container[str] | None) -> None:
        waiter = _Waiter((self._served + priority.head_start, next(self._numbers)))
        heappush(self._waiting, waiter)
        try:
            await self._turn(waiter, units, within)
            self._served += units
        finally:
            self._waiting.remove(waiter)
            heapify(self._waiting)
            self.wake_first()

    async def _turn(self, waiter: _Waiter, units: int, within: Container[str] | None) -> None:
        """Someone more urgent may step in while the first one sleeps, so the place is looked at after each sleep."""
        while (delay := await self._delay(waiter, units, within)) != 0:
            waiter.wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await waiter.wake.wait()

    async def _delay(self, waiter: _Waiter, units: int, within: Container[str] | None) -> float | None:
        """0 where the tokens were taken, else seconds until they may be there; None for anyone but the first."""
        return await self._quota.take(self._key, units, within) if self._waiting[0] is waiter else None

    def wake_first(self) -> None:
        if self._waiting:
            self._waiting[0].wake.set()
