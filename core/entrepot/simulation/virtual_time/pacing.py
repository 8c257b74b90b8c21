"""A run in virtual time for people: they may watch it, at a speed that eyes can follow, and end it early."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from entrepot.runtime import Clock, Rng
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.virtual_time.schedule import Schedule

GLANCE = timedelta(seconds=0.1)
"""Of the clock on the wall: how often somebody looks."""

SHORTEST = 0.005
"""Seconds on the wall that are not worth a wait; what is left out now is waited for later."""


Look: TypeAlias = Callable[[], None]


def _look_away() -> None:
    """Nobody watches."""


class Pace:
    """How a run passes on the wall. What happens in it is the same at every pace.

    `scale`: seconds of the run for each second of `clock`; None: nobody waits. `look` is called every `GLANCE`,
    between two instants of the run. `closing` is set in the run once somebody has called `stop`.
    """

    def __init__(self, clock: Clock, scale: int | None = None) -> None:
        self.closing = asyncio.Event()
        self.look: Look = _look_away
        self._clock = clock
        self._scale = scale
        self._start = self._looked = clock.now()
        self._stopped = threading.Event()
        self._broken_off = False

    def stop(self) -> None:
        """Ask the run to come to its end, without a wait from now on; the second time, break it off.

        A handler of signals may call this.
        """
        self._broken_off = self._stopped.is_set()
        self._stopped.set()

    def hold(self, until: float) -> None:
        """Returns when the run's time may be `until`, or something has to be done before.

        Raises KeyboardInterrupt, between two instants, where the run is broken off.
        """
        self._glance()
        while not self._stopped.is_set() and (left := self._left(until)) > SHORTEST:
            self._stopped.wait(min(left, GLANCE.total_seconds()))
            self._glance()
        if self._stopped.is_set():
            self.closing.set()
        if self._broken_off:
            self._broken_off = False  # what is cleaned up then takes its own time
            raise KeyboardInterrupt

    def _left(self, until: float) -> float:
        """Seconds on the wall."""
        if self._scale is None:
            return 0
        return until / self._scale - (self._clock.now() - self._start).total_seconds()

    def _glance(self) -> None:
        now = self._clock.now()
        if now - self._looked >= GLANCE:
            self._looked = now
            self.look()


class PacedLoop(VirtualLoop):
    """A virtual loop whose time does not run ahead of its pace."""

    def __init__(self, rng: Rng, pace: Pace) -> None:
        super().__init__(rng)
        self._schedule = _PacedSchedule(rng, pace)


class _PacedSchedule(Schedule):
    def __init__(self, rng: Rng, pace: Pace) -> None:
        super().__init__(rng)
        self._pace = pace

    def jump(self) -> bool:
        if self._timers:
            self._pace.hold(self._timers[0][0])
        return self.has_ready() or super().jump()
