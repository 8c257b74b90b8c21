"""Broken daemons: each mutant, in a hostile day, breaks the promise that it is named with."""

from datetime import timedelta

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.worlds import hostile_day as amazon
from entrepot.simulation.worlds import hostile
from entrepot.simulation.worlds.chaos import Hostility
from entrepot.sync.runtime import Outcome, Turn
from tests.mutants import calls, intake, loop
from tests.simulation.hostile_day import hostile_day, write_config

SMALL = {"demand": 12, "span": timedelta(hours=5), "hostility": Hostility(daemons=2, between=(40, 240))}


def small_day(folder, seed):
    """Five hours, with a look at the orders every ten minutes."""
    return evolve(hostile_day(folder, seed, **SMALL), config=write_config(folder, freshness="10m"))


def small_amazon_day(folder, seed):
    """Five hours beside an Amazon whose clock is minutes behind, with a look at the orders every ten minutes."""
    day = amazon.hostile_day(folder, seed, span=timedelta(hours=5))
    late = dict.fromkeys(amazon.PLACES, timedelta(seconds=-280))
    return evolve(day, config=amazon.write_config(folder, freshness="10m"), ahead=late)


def channels_clocks_never_read(monkeypatch):
    for told in (Turn, Outcome):
        monkeypatch.setattr(told, "channel_now", property(lambda about: about.now))


# The promise that is broken, the words that its check begins with, and the seed from which on a day is looked for in
# which it happens: it moves whenever the daemon takes its steps in another order.
MUTANTS = [
    (loop.cursor_before_data, "P3 ", small_day, 41),  # a daemon dies between the two commits
    (loop.epoch_check_removed, "P3 the watermark", small_day, 44),  # one sleeps longer than its lease
    (loop.position_read_in_one_call_and_written_in_another, "P2 position", small_day, 1),  # both shops sell at once
    (intake.attempt_after_the_call, "P5 ", small_day, 4),  # a daemon dies between call and commit
    (loop.watermark_at_the_end_of_the_pass, "P3 ", small_day, 1),
    (intake.raise_on_a_mere_mismatch, "P4 ", small_day, 6),
    (intake.attempt_after_the_call, "P5 ", small_amazon_day, 1),
    (calls.received_secrets_kept_in_clear, "P9 token", small_amazon_day, 0),
    (channels_clocks_never_read, "P3 ", small_amazon_day, 0),  # windows reach into the channel's future
]
DAYS = 30


@pytest.mark.simulation
@pytest.mark.parametrize(("mutant", "promise", "day", "first"), MUTANTS)
def test_a_broken_daemon_breaks_its_promise(mutant, promise, day, first, tmp_path, monkeypatch):
    """Covers P2, P3, P4, P5, P9, R50, R101, R102."""
    mutant(monkeypatch)
    assert any(_breaks(promise, day, seed, tmp_path) for seed in range(first, first + DAYS))


def _breaks(promise, day, seed, tmp_path):
    folder = tmp_path / str(seed)
    folder.mkdir()
    told = hostile.live_through(day(folder, seed), seed).broken
    return any(line.startswith(promise) for line in told)
