"""The named points at which a simulated server can fail, and when it does: on order, by lot, or for a while."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import frozen

from entrepot.runtime import Rng

Instants: TypeAlias = tuple[datetime, datetime]
"""From the first one on, and no more at the second."""


@frozen
class FaultPoint:
    """`what` happens, for people. `share` of its occasions are struck where a plan names none.

    One that `lasts` strikes each occasion of that time once it has struck.
    """

    name: str
    what: str
    share: float
    lasts: timedelta = timedelta()


class FaultPoints:
    """Those of one server. `happened` counts strikes, `victims` has the ids that they concerned.

    Spans of time are divided by `time_scale`. Every method raises KeyError for a name that is no point of this server.
    """

    def __init__(
        self, points: Iterable[FaultPoint], now: Callable[[], datetime], rng: Rng, *, time_scale: int = 1
    ) -> None:
        self.points = {point.name: point for point in points}
        self.happened: Counter[str] = Counter()
        self.victims: defaultdict[str, set[str]] = defaultdict(set)
        self._now = now
        self._rng = rng
        self._time_scale = time_scale
        self._times: Counter[str] = Counter()
        self._shares: dict[str, float] = {}
        self._spans: defaultdict[str, list[Instants]] = defaultdict(list)

    def plan(self, fault: str, times: int = 1) -> None:
        """It strikes at the next occasions."""
        self._times[self.points[fault].name] += times

    def plan_share(self, fault: str, share: float) -> None:
        """It strikes so many of its occasions, by lot."""
        self._shares[self.points[fault].name] = share

    def plan_span(self, fault: str, begin: timedelta, span: timedelta) -> None:
        """It strikes each occasion of a span that begins after `begin` from now."""
        start = self._now() + begin / self._time_scale
        self._spans[self.points[fault].name].append((start, start + span / self._time_scale))

    def calm(self) -> None:
        """Forget what has not struck yet, and end what lasts."""
        self._times.clear()
        self._shares.clear()
        self._spans.clear()

    def strikes(self, fault: str, victim: str = "") -> bool:
        """Whether it does, at this occasion. A server asks once for each."""
        point = self.points[fault]
        lasting = self._lasts(fault)
        if not lasting and not self._begins(fault):
            return False
        if not lasting and point.lasts:
            self.plan_span(fault, timedelta(), point.lasts)
        self.happened[fault] += 1
        if victim:
            self.victims[fault].add(victim)
        return True

    def is_planned(self, fault: str) -> bool:
        return bool(self._times[fault] or self._shares.get(fault) or self._spans.get(fault))

    def span(self, least: timedelta, most: timedelta) -> timedelta:
        """By lot between the two."""
        return (least + self._rng.random() * (most - least)) / self._time_scale

    def _lasts(self, fault: str) -> bool:
        spans, now = self._spans.get(fault), self._now()
        return spans is not None and any(start <= now < end for start, end in spans)

    def _begins(self, fault: str) -> bool:
        if self._times[fault]:
            self._times[fault] -= 1
            return True
        share = self._shares.get(fault)
        return share is not None and self._rng.random() < share
