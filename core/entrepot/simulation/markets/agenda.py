"""What takes effect later: each at its own instant, and before anything that happens after that."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from entrepot.runtime import Clock


class Agenda:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._numbers = count()
        self._instant: datetime | None = None

    def now(self) -> datetime:
        """The clock's time, or the instant of the action that is running."""
        return self._instant or self._clock.now()

    def add(self, at: datetime, action: Callable[[], object]) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), action))

    def catch_up(self) -> None:
        """Run the actions that are due, and none in the midst of another."""
        if self._instant is not None:
            return
        while self._due and self._due[0][0] <= self.now():
            self._instant, _, action = heapq.heappop(self._due)
            try:
                action()
            finally:
                self._instant = None
