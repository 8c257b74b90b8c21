"""Hostile days: the real daemons, crashes, sleeps, lies and faults, and the promises that hold all the same."""

import os
import shlex
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.errors import AuthError, RateLimited, TransientError, UnknownOutcome
from entrepot.simulation.markets.paging import PageFault
from entrepot.simulation.network.faults import NetworkFault
from entrepot.simulation.worlds.chaos import Chaos
from entrepot.simulation.worlds.hostile import live_through
from entrepot.simulation.worlds.invariants import Watch
from tests.simulation.hostile_day import hostile_day, write_config
from tests.simulation.hostile_seeds import ENOUGH, Cut, live_through_seeds, met_too_rarely
from tests.testing.recipes import NUMBERED_LOG, NumberedLog

SEEDS = int(os.environ.get("ENTREPOT_SEEDS", "200"))
FIRST = int(os.environ.get("ENTREPOT_FIRST_SEED", "0"))
PARTS = 1 if SEEDS <= ENOUGH else 2
SOMETIMES = {
    *(str(fault) for fault in NetworkFault),
    *(f"page_{fault}" for fault in PageFault),
    *(kind.__name__ for kind in (AuthError, RateLimited, TransientError, UnknownOutcome)),
    *(f"killed_{phase}" for phase in ("before_request", "after_answer", "before_transaction", "after_transaction")),
    "killed_at_clock",
    "lease_lost",
    "hidden_order",
    "lowered_by_hand",
}
"""What a set of seeds must have met, each in at least one of a hundred."""


@pytest.mark.simulation
@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_on_hostile_days(part):
    """Covers P1, P2, P3, P4, P5, P6, P8, P10."""
    seeds = range(FIRST + part, FIRST + SEEDS, PARTS)
    days = live_through_seeds(hostile_day, seeds, "not amazon")
    assert not met_too_rarely(days, SOMETIMES, seeds)


def short_day(folder, seed):
    return hostile_day(folder, seed, span=timedelta(hours=2), demand=2)


def test_a_day_that_breaks_a_promise_is_shrunk_to_one_command(monkeypatch):
    """The lie needs neither a second daemon nor a fault, only an order."""
    monkeypatch.setattr(Watch, "_unread", lambda *_: iter(["P3 a lie"]))
    with pytest.raises(AssertionError, match="seed 3: ") as failure:
        live_through_seeds(short_day, [3], "not amazon")
    command = str(failure.value).partition("again: ")[2]
    assert command.startswith("make simulate SEEDS=1 FIRST=3 WORKERS=0 ARGS='-k \"not amazon\"' DAY=")
    [day] = [word for word in shlex.split(command) if word.startswith("DAY=")]
    cut = Cut.read(day.removeprefix("DAY="))
    assert (cut.daemons, cut.demand, cut.network, cut.hours <= 1) == (1, 1, 0, True)
    monkeypatch.setenv("ENTREPOT_DAY", day.removeprefix("DAY="))
    with pytest.raises(AssertionError, match="P3 a lie"):
        live_through_seeds(short_day, [3], "not amazon")


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_holds_for_a_log_without_times(seed, tmp_path, monkeypatch):
    """Covers P1, P2, P3, P4, P5, P6, P8, P10: the number of its last change says which version of an order is newer.

    No order is hidden: a log that leaves one out has lost it.
    """
    monkeypatch.setattr(Chaos, "_hide_order", lambda _: None)
    channel = evolve(NUMBERED_LOG, simulator=lambda *rest: NumberedLog(NUMBERED_LOG, *rest))
    day = hostile_day(tmp_path, seed)
    config = write_config(tmp_path, freshness="60m", channel=channel)
    verdict = live_through(evolve(day, config=config), seed)
    assert not verdict.broken
    assert verdict.orders >= 50


def test_the_same_seed_gives_the_same_day(tmp_path):
    """Covers P12."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    one, other = (live_through(hostile_day(folder, 7), 7) for folder in (first, second))
    assert one == other
