"""Quota for a program that runs alone: it waits until a request may be sent.

Daemons do not use it. They share `StoreQuota`, which survives a restart and never waits.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from heapq import heapify, heappush
from itertools import count

from aiolimiter import AsyncLimiter
from attrs import field, frozen

from entrepot.channel import Limit
from entrepot.model import AccountId
from entrepot.quota.bucket import CALL_DEADLINE, JITTER, check_units, usable_burst
from entrepot.quota.priority import Priority

TICK = 1e-6
"""Seconds. A shorter wait could end before float arithmetic notices that time has passed."""


@frozen
class BucketKey:
    """One account's bucket of one declared limit. Two accounts never share one."""

    account: AccountId
    limit: str


class MemoryQuota:
    """Buckets in memory, full at first use, in the running loop's time."""

    def __init__(
        self, limits: Mapping[str, Limit], *, jitter: timedelta = JITTER, call_deadline: timedelta = CALL_DEADLINE
    ) -> None:
        self._limits = limits
        self._jitter = jitter
        self._call_deadline = call_deadline
        self._lines: dict[BucketKey, _Line] = {}

    async def acquire(self, key: BucketKey, units: int = 1, priority: Priority = Priority.FRESH_ORDERS) -> None:
        """Wait until the request may be sent. Call `answered` when it was, also after a failure.

        Raises ValueError for more units than the bucket ever holds, KeyError for a limit that nobody declared.
        """
        limit = self._limits[key.limit]
        check_units(limit, units, usable_burst(limit, self._jitter))
        if key not in self._lines:
            self._lines[key] = _Line(limit, self._jitter, self._call_deadline)
        await self._lines[key].acquire(units, priority)

    def answered(self, key: BucketKey) -> None:
        """Note the answer. A bucket with a burst of 1 grants nothing before that, or before the call's deadline."""
        self._lines[key].answered()


@frozen(order=True)
class _Waiter:
    place: tuple[int, int]
    wake: asyncio.Event = field(factory=asyncio.Event, order=False)


class _Line:
    """Those who wait for one bucket. Only the first asks it: aiolimiter lets small requests overtake large ones."""

    def __init__(self, limit: Limit, jitter: timedelta, call_deadline: timedelta) -> None:
        self._bucket = (
            _AnswerBucket(limit, call_deadline) if limit.burst == 1 else _Bucket(limit, usable_burst(limit, jitter))
        )
        self._waiting: list[_Waiter] = []
        self._numbers = count()
        self._served = 0

    async def acquire(self, units: int, priority: Priority) -> None:
        waiter = _Waiter((self._served + priority.head_start, next(self._numbers)))
        heappush(self._waiting, waiter)
        try:
            await self._turn(waiter, units)
            self._served += units
        finally:
            self._waiting.remove(waiter)
            heapify(self._waiting)
            self._wake_first()

    async def _turn(self, waiter: _Waiter, units: int) -> None:
        """Someone more urgent may step in while the first one sleeps, so the place is looked at after each sleep."""
        while (delay := self._delay(waiter, units)) != 0:
            waiter.wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await waiter.wake.wait()
        await self._bucket.acquire(units)  # at once: there is room, and everyone else stands behind

    def _delay(self, waiter: _Waiter, units: int) -> float | None:
        """Seconds until the bucket has room; None for anyone but the first, who is woken."""
        return self._bucket.delay(units) if self._waiting[0] is waiter else None

    def answered(self) -> None:
        self._bucket.answered()
        self._wake_first()

    def _wake_first(self) -> None:
        if self._waiting:
            self._waiting[0].wake.set()


class _Bucket(AsyncLimiter):
    """aiolimiter's bucket that also says how long it will take."""

    def __init__(self, limit: Limit, usable: int) -> None:
        super().__init__(usable, usable / limit.per_second)

    def delay(self, units: int) -> float:
        """Seconds until there is room for `units`; 0 if there is."""
        if self.has_capacity(units):
            return 0
        return max(TICK, (self._level + units - self.max_rate) * self.time_period / self.max_rate)

    def answered(self) -> None:
        """With a burst an answer proves nothing that is not known."""


class _AnswerBucket(_Bucket):
    """Grants one request a period after the answer to the one before."""

    def __init__(self, limit: Limit, call_deadline: timedelta) -> None:
        super().__init__(limit, 1)
        self._deadline = call_deadline.total_seconds()
        self._given_up_at: float | None = None

    def delay(self, units: int) -> float:
        if self._given_up_at is not None:
            left = self._given_up_at - asyncio.get_running_loop().time()
            if left > 0:
                return max(TICK, left)
            self.answered()
        return super().delay(units)

    async def acquire(self, amount: float = 1) -> None:
        await super().acquire(amount)
        self._given_up_at = asyncio.get_running_loop().time() + self._deadline

    def answered(self) -> None:
        if self._given_up_at is not None:
            self._given_up_at = None
            self._level, self._last_check = self.max_rate, asyncio.get_running_loop().time()
