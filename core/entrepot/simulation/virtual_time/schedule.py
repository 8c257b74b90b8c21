"""What runs next in a virtual loop: chance picks among the ready, time jumps when there are none."""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable
from contextvars import Context
from hashlib import blake2b
from struct import Struct
from typing import Any

from attrs import define

from entrepot.runtime import Rng

DECISION = Struct("<dII")

TICK = 1e-6
"""Seconds: how far ahead every timer lies at least. Without it aiolimiter spins at Amazon's plans, where rounding
leaves it a wait that is too short to move the clock."""


@define(eq=False)  # made for every callback: a frozen one takes three times as long
class Step:
    """A callback that waits for its turn. `tag` is the simulated process that it belongs to."""

    handle: asyncio.Handle
    callback: Callable[..., object]
    args: tuple[Any, ...]
    context: Context
    tag: str | None


class Schedule:
    """Ready steps, timers, and the steps that paused processes hold back."""

    def __init__(self, rng: Rng) -> None:
        self.now = 0.0
        self.paused: set[str] = set()
        self.killed: set[str] = set()
        self._rng = rng
        self._ready: list[Step] = []
        self._timers: list[tuple[float, int, Step]] = []
        self._held: defaultdict[str, list[Step]] = defaultdict(list)
        self._timers_set = 0
        self._trace = blake2b(digest_size=16)

    def fingerprint(self) -> str:
        return self._trace.hexdigest()

    def has_ready(self) -> bool:
        return bool(self._ready)

    def add(self, step: Step) -> None:
        if step.tag not in self.killed:
            self._ready.append(step)

    def add_timer(self, when: float, step: Step) -> None:
        self._timers_set += 1
        heapq.heappush(self._timers, (when, self._timers_set, step))

    def pick(self) -> Step | None:
        """A ready step that may run, or None."""
        while self._ready:
            index = int(self._rng.random() * len(self._ready))
            self._trace.update(DECISION.pack(self.now, len(self._ready), index))
            self._ready[index], self._ready[-1] = self._ready[-1], self._ready[index]
            step = self._ready.pop()
            if step.handle.cancelled():
                continue
            if step.tag not in self.paused:
                return step
            self._held[str(step.tag)].append(step)
        return None

    def jump(self) -> bool:
        """Move time to the next timer that still counts and make ready what is due then; False if none is left."""
        while self._timers:
            when, _, step = heapq.heappop(self._timers)
            if step.handle.cancelled() or step.tag in self.killed:
                continue
            self.now = max(self.now, when)  # a step may have spent time
            self.add(step)
            while self._timers and self._timers[0][0] <= self.now:
                self.add(heapq.heappop(self._timers)[2])
            return True
        return False

    def resume(self, tag: str) -> None:
        self.paused.discard(tag)
        self._ready.extend(self._held.pop(tag, ()))

    def kill(self, tag: str) -> None:
        """Forget the steps of the process; its timers are passed over when their time comes."""
        self.killed.add(tag)
        self._held.pop(tag, None)
        self._ready = [step for step in self._ready if step.tag != tag]

    def clear(self) -> None:
        self._ready.clear()
        self._timers.clear()
        self._held.clear()
