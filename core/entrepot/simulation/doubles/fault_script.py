"""What a run is to suffer, as a line of text: `storm,html_page=0.02,error_after:orders=3x,outage@2h+30m,clock=-10m`."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Self

from attrs import frozen

from entrepot.runtime import Clock
from entrepot.simulation.doubles.fault_points import ANYWHERE, FaultPoints
from entrepot.simulation.doubles.routes import ANY_ROUTE
from entrepot.simulation.doubles.shop import ShopDouble

ALL = "all"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN = r"\d+[smhd]"
PART = re.compile(
    rf"clock=(?P<ahead>[+-]{SPAN})"
    rf"|(?P<name>\w+)(:(?P<at>[\w.]+))?(=(?P<share>0?\.\d+|1)|=(?P<times>\d+)x|@(?P<begin>{SPAN})\+(?P<span>{SPAN}))?"
)
FORMS = (
    "write NAME, NAME=0.02 (a share), NAME=3x (the next three), NAME@2h+30m (a span), each as NAME or NAME:OPERATION, "
    "all, or clock=-10m"
)


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
    """A fault, the operation that it is for, if any, and what plans it there. Several spans of one may be planned."""

    name: str
    at: str
    plan: Callable[[FaultPoints], None]
    is_span: bool

    @property
    def place(self) -> str:
        return f"{self.name}:{self.at}" if self.at else self.name


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
        places = Counter(part.place for part in parts if not part.is_span)
        if twice := [place for place, times in places.items() if times > 1]:
            raise UnreadableScript(f"{twice[0]} is planned twice. Next: write it once")
        return cls(ahead, tuple(parts))

    def check(self, simulator: object) -> None:
        """Raises UnreadableScript for a fault or an operation that the simulator does not have."""
        points = simulator.faults.points if isinstance(simulator, ShopDouble) else {}
        for part in self.parts:
            _check_known("fault", part.name, {ALL, *points} if points else set())
            if part.at and not (part.name in points and points[part.name].requests):
                raise UnreadableScript(f"{part.name} strikes no single operation. Next: write {part.name} alone")
            if part.at and isinstance(simulator, ShopDouble):
                _check_known("operation", part.at, simulator.operations)

    def begin(self, simulator: object) -> None:
        """Spans count from now. Nothing for a simulator that has no faults."""
        if isinstance(simulator, ShopDouble):
            for part in self.parts:
                self._plan_others(simulator.faults) if part.name == ALL else part.plan(simulator.faults)

    def _plan_others(self, faults: FaultPoints) -> None:
        """At their usual shares, all that no part names."""
        for name in faults.points.keys() - {part.name for part in self.parts}:
            faults.plan_share(name, faults.points[name].share)


def _check_known(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise UnreadableScript(f"no {what} {name!r}. Next: one of {', '.join(sorted(known)) or 'none'}")


def _part(found: re.Match[str]) -> Part:
    """The next times are those of requests that prove who asks: a login would use them up before anything is asked."""
    name, at = found["name"], found["at"] or ANYWHERE

    def plan(faults: FaultPoints) -> None:
        if found["times"]:
            faults.plan(name, int(found["times"]), at or ANY_ROUTE)
        elif found["span"]:
            faults.plan_span(name, _span(found["begin"]), _span(found["span"]), at)
        else:
            faults.plan_share(name, float(found["share"] or faults.points[name].share), at)

    return Part(name, at, plan, is_span=bool(found["span"]))


def _span(text: str) -> timedelta:
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})
