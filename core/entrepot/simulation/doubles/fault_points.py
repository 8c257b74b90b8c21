"""The named points at which a simulated server can fail, and when it does: on order, by lot, or for a while."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import define, field, frozen

from entrepot.runtime import Rng
from entrepot.simulation.doubles.call import Call
from entrepot.simulation.doubles.routes import ANY_ROUTE

Instants: TypeAlias = tuple[datetime, datetime]
"""From the first one on, and no more at the second."""

ANYWHERE = ""
"""Where a plan strikes that names nothing: at each occasion, public routes included."""


@frozen
class FaultPoint:
    """`what` happens, for people. `share` of its occasions are struck where a plan names none.

    One that `lasts` strikes each occasion of that time once it has struck. One of `requests` has an occasion at every
    request, so that a plan may name an operation.
    """

    name: str
    what: str
    share: float
    lasts: timedelta = timedelta()
    requests: bool = False


@define
class _Plan:
    """When a fault strikes at one place."""

    times: int = 0
    share: float | None = None
    spans: list[Instants] = field(factory=list)

    def lasts(self, now: datetime) -> bool:
        return any(start <= now < end for start, end in self.spans)

    def begins(self, rng: Rng) -> bool:
        if self.times:
            self.times -= 1
            return True
        return self.share is not None and rng.random() < self.share


class FaultPoints:
    """Those of one server. `happened` counts strikes, `victims` has the ids that they concerned.

    A plan strikes `at` the requests of an operation, at those of ANY_ROUTE that is not public, or ANYWHERE. Spans of
    time are divided by `time_scale`. Every method raises KeyError for a name that is no point of this server.
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
        self._plans: dict[str, defaultdict[str, _Plan]] = {name: defaultdict(_Plan) for name in self.points}

    def plan(self, fault: str, times: int = 1, at: str = ANYWHERE) -> None:
        """It strikes at the next occasions."""
        self._plans[fault][at].times += times

    def plan_share(self, fault: str, share: float, at: str = ANYWHERE) -> None:
        """It strikes so many of its occasions, by lot."""
        self._plans[fault][at].share = share

    def plan_span(self, fault: str, begin: timedelta, span: timedelta, at: str = ANYWHERE) -> None:
        """It strikes each occasion of a span that begins after `begin` from now."""
        start = self._now() + begin / self._time_scale
        self._plans[fault][at].spans.append((start, start + span / self._time_scale))

    def calm(self) -> None:
        """Forget what has not struck yet, and end what lasts."""
        for plans in self._plans.values():
            plans.clear()

    def strikes(self, fault: str, victim: str = "", call: Call | None = None) -> bool:
        """Whether it does, at this occasion: the request `call`, if it is one. A server asks once for each."""
        plans = self._plans[fault]
        struck = next((at for at in _places(call) if at in plans and self._struck(plans[at])), None)
        if struck is None:
            return False
        point = self.points[fault]
        if point.lasts and not plans[struck].lasts(self._now()):
            self.plan_span(fault, timedelta(), point.lasts, ANYWHERE if struck == ANY_ROUTE else struck)
        self.happened[fault] += 1
        if victim:
            self.victims[fault].add(victim)
        return True

    def is_planned(self, fault: str) -> bool:
        return any(plan.times or plan.share or plan.spans for plan in self._plans[fault].values())

    def span(self, least: timedelta, most: timedelta) -> timedelta:
        """By lot between the two."""
        return (least + self._rng.random() * (most - least)) / self._time_scale

    def _struck(self, plan: _Plan) -> bool:
        return plan.lasts(self._now()) or plan.begins(self._rng)


def _places(call: Call | None) -> tuple[str, ...]:
    """Those whose plans an occasion meets."""
    if call is None:
        return ANYWHERE, ANY_ROUTE
    return (ANYWHERE, call.operation) if call.public else (ANYWHERE, ANY_ROUTE, call.operation)
