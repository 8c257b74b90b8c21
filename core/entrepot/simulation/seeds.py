"""Time, chance and identity of a simulated world."""

import random
from asyncio import AbstractEventLoop
from datetime import UTC, datetime, timedelta

from entrepot.runtime import Rng

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
"""When worlds begin unless they say otherwise."""


def stream(seed: int, name: str) -> random.Random:
    """An independent source of chance for one purpose: a draw more in one of them never shifts the others.

    Seeding by text goes through SHA-512, which PYTHONHASHSEED does not touch.
    """
    return random.Random(f"{seed}/{name}")


class VirtualClock:
    """The loop's time as an instant. `skew` is how far a process is ahead of the world."""

    def __init__(self, loop: AbstractEventLoop, start: datetime = EPOCH, *, skew: timedelta = timedelta()) -> None:
        self._loop = loop
        self._start = start + skew

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())


class SeededIds:
    """32 hexadecimal digits, as RandomIds makes, but drawn from `rng`."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng

    def new(self) -> str:
        return f"{self._rng.randint(0, 2**128 - 1):032x}"
