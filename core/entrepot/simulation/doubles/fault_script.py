"""What a run is to suffer, as a line of text: `storm,html_page=0.02,stuck_feed=3x,outage@2h+30m,clock=-10m`."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

from attrs import frozen

from entrepot.runtime import Clock
from entrepot.simulation.doubles.fault_points import FaultPoints
from entrepot.simulation.doubles.shop import ShopDouble

ALL = "all"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN = r"\d+[smhd]"
PART = re.compile(
    rf"clock=(?P<ahead>[+-]{SPAN})"
    rf"|(?P<name>\w+)(=(?P<share>0?\.\d+|1)|=(?P<times>\d+)x|@(?P<begin>{SPAN})\+(?P<span>{SPAN}))?"
)
FORMS = "write NAME, NAME=0.02 (a share), NAME=3x (the next three), NAME@2h+30m (a span), all, or clock=-10m"


class UnreadableScript(ValueError):  # noqa: N818 - names what was given
    """Says which part of the text, and what may be written."""


class SkewedClock:
    """A clock that is ahead of another by so much."""

    def __init__(self, clock: Clock, ahead: timedelta) -> None:
        self._clock = clock
        self._ahead = ahead

    def now(self) -> datetime:
        return self._clock.now() + self._ahead


@frozen
class Part:
    """A fault, and what plans it."""

    name: str
    plan: Callable[[FaultPoints], None]


@frozen
class FaultScript:
    """`ahead` is by how much the server's clock is, from the first to the last."""

    ahead: timedelta
    parts: tuple[Part, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Parts are separated by commas. Raises UnreadableScript."""
        ahead, parts = timedelta(), list[Part]()
        for word in filter(None, (word.strip() for word in text.split(","))):
            found = PART.fullmatch(word)
            if found is None:
                raise UnreadableScript(f"{word!r} cannot be read. Next: {FORMS}")
            if found["ahead"]:
                ahead = _span(found["ahead"])
            else:
                parts.append(_part(found))
        return cls(ahead, tuple(parts))

    def check(self, simulator: object) -> None:
        """Raises UnreadableScript for a fault that the simulator does not have."""
        known = [ALL, *sorted(simulator.faults.points)] if isinstance(simulator, ShopDouble) else []
        for part in self.parts:
            if part.name not in known:
                raise UnreadableScript(f"no fault {part.name!r}. Next: one of {', '.join(known) or 'none'}")

    def begin(self, simulator: object) -> None:
        """Spans count from now. Nothing for a simulator that has no faults."""
        if isinstance(simulator, ShopDouble):
            for part in self.parts:
                part.plan(simulator.faults)


def _part(found: re.Match[str]) -> Part:
    name = found["name"]
    if found["share"]:
        return Part(name, lambda faults: faults.plan_share(name, float(found["share"])))
    if found["times"]:
        return Part(name, lambda faults: faults.plan(name, int(found["times"])))
    if found["span"]:
        return Part(name, lambda faults: faults.plan_span(name, _span(found["begin"]), _span(found["span"])))
    return Part(name, _plan_all if name == ALL else lambda faults: _plan_usual(faults, name))


def _span(text: str) -> timedelta:
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def _plan_usual(faults: FaultPoints, name: str) -> None:
    faults.plan_share(name, faults.points[name].share)


def _plan_all(faults: FaultPoints) -> None:
    for name in faults.points:
        _plan_usual(faults, name)
