"""What the outside world lends to the code: time, chance and identity.

Everything that needs one of these takes it as an argument, so that the same code runs in virtual time. This module is
the only one that may touch the process's own clock and entropy; a lint rule bans them everywhere else.
"""

import gc
import os
import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """Reads the time. Waiting is `asyncio.sleep`, which follows the event loop's time in both worlds."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class Rng(Protocol):
    """The part of `random.Random` that the code uses."""

    def random(self) -> float: ...
    def uniform(self, a: float, b: float) -> float: ...
    def randint(self, a: int, b: int) -> int: ...
    def choice(self, seq: Sequence[T]) -> T: ...


class Ids(Protocol):
    """Makes identifiers that no other process makes."""

    def new(self) -> str: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """Random UUIDs as 32 hexadecimal digits."""

    def new(self) -> str:
        return uuid.uuid4().hex


def system_rng() -> Rng:
    """Seeded by the operating system; used for jitter, never for secrets."""
    return random.Random()  # noqa: S311 - jitter needs no cryptographic strength


def secret_bytes(count: int) -> bytes:
    """For keys and nonces: unguessable in virtual time too, where nothing may depend on their values."""
    return os.urandom(count)


@contextmanager
def building() -> Iterator[None]:
    """Without collections of garbage, for a stretch that makes many objects and drops none, as decoding does.

    They would walk over the new objects again and again: half of the time of decoding a page.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def spare_what_is_loaded() -> None:
    """Have the garbage collector walk no more over what lives by now: modules, plugins, the configuration.

    Its full collections would take some 50 ms each, now and then in the middle of a transaction or of the loop.
    """
    gc.unfreeze()  # what an earlier call spared may be garbage by now
    gc.collect()
    gc.freeze()
