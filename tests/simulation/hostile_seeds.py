"""Many hostile days, one after the other, and the smallest one that still breaks a promise."""

import json
import os
import shlex
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import asdict, evolve, frozen

from entrepot.simulation.worlds.hostile import live_through

ENOUGH = 100
"""Seeds; fewer say nothing about what happens in one of a hundred."""
LEAST_TRADE = 40
"""Orders of a day that has not been shrunk: on fewer a promise is kept easily."""
TRIES = 40
"""Days that are lived through in search of a smaller one."""


@frozen
class Cut:
    """What is left of a day. `hours` of trade."""

    daemons: int
    hours: float
    demand: int
    network: float
    faults: tuple[str, ...]

    @classmethod
    def of(cls, day):
        hours = day.span / timedelta(hours=1)
        return cls(day.hostility.daemons, hours, day.demand, day.network, day.hostility.faults)

    @classmethod
    def read(cls, text):
        told = json.loads(text)
        return cls(**told | {"faults": tuple(told["faults"])})

    def apply(self, day):
        hostility = evolve(day.hostility, daemons=self.daemons, faults=self.faults)
        span = timedelta(hours=self.hours)
        return evolve(day, hostility=hostility, span=span, demand=self.demand, network=self.network)

    def smaller(self):
        """Most is cut off first."""
        if self.faults:
            middle = len(self.faults) // 2
            yield evolve(self, faults=())
            yield evolve(self, faults=self.faults[:middle])
            yield evolve(self, faults=self.faults[middle:])
        if self.daemons > 1:
            yield evolve(self, daemons=1)
            yield evolve(self, daemons=self.daemons - 1)
        if self.network:
            yield evolve(self, network=0.0)
        if self.hours > 1:
            yield evolve(self, hours=self.hours / 2)
        if self.demand > 1:
            yield evolve(self, demand=self.demand // 2)
        if len(self.faults) > 1:
            yield from (evolve(self, faults=tuple(f for f in self.faults if f != one)) for one in self.faults)


def live_through_seeds(make_day, seeds, world):
    """How many of the days met what. `make_day` takes a folder and a seed, `world` is for -k of pytest.

    Raises AssertionError with the command for the smallest day that breaks the same promise.
    """
    days, given = Counter(), os.environ.get("ENTREPOT_DAY")
    for seed in seeds:
        verdict = live(make_day, seed, Cut.read(given) if given else None)
        days.update(set(verdict.happened))
        again = "" if given or not verdict.broken else f"\nagain: {shrunk(make_day, seed, verdict, world)}"
        assert not verdict.broken, f"seed {seed}: {verdict.broken[:5]}{again}"
        assert given or verdict.orders >= LEAST_TRADE
    return days


def live(make_day, seed, cut=None):
    with TemporaryDirectory() as folder:
        day = make_day(Path(folder), seed)
        return live_through(day if cut is None else cut.apply(day), seed)


def shrunk(make_day, seed, verdict, world):
    """The command for the smallest day, of those tried, whose first broken promise is the same."""
    with TemporaryDirectory() as folder:
        cut = Cut.of(make_day(Path(folder), seed))
    promise, tries = verdict.broken[0].split()[0], TRIES
    candidates = cut.smaller()
    while tries and (candidate := next(candidates, None)):
        tries -= 1
        if any(line.startswith(promise) for line in live(make_day, seed, candidate).broken):
            cut, candidates = candidate, candidate.smaller()
    day = shlex.quote(json.dumps(asdict(cut)))
    return f"make simulate SEEDS=1 FIRST={seed} WORKERS=0 ARGS='-k \"{world}\"' DAY={day}"


def met_too_rarely(days, names, seeds):
    """Those of the names that happened in less than one of a hundred days; none where there are too few days."""
    return {name for name in names if days[name] < len(seeds) / 100} if len(seeds) >= ENOUGH else set()
