"""Hostile days with Amazon: one to eight daemons, its own faults, and a mock shop that sells the same articles."""

import os
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.worlds.hostile_day import FAULTS, hostile_day
from entrepot.errors import AuthError, ConsentRevoked, CursorExpired, RateLimited, TransientError, UnknownOutcome
from entrepot.simulation import NetworkFault
from tests.simulation.hostile_seeds import ENOUGH, live, live_through_seeds, met_too_rarely

SEEDS = int(os.environ.get("ENTREPOT_SEEDS", "8"))
FIRST = int(os.environ.get("ENTREPOT_FIRST_SEED", "0"))
PARTS = 1 if SEEDS <= ENOUGH else 2
ERRORS = (AuthError, ConsentRevoked, CursorExpired, RateLimited, TransientError, UnknownOutcome)
SOMETIMES = {
    *FAULTS,
    *(str(fault) for fault in NetworkFault),
    *(kind.__name__ for kind in ERRORS),
    *(f"killed_{phase}" for phase in ("before_request", "after_answer", "before_transaction", "after_transaction")),
    *("killed_at_clock", "lease_lost", "lowered_by_hand", "pause"),
}
"""What a set of seeds must have met, each in at least one of a hundred."""


@pytest.mark.simulation
@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_on_hostile_days_of_amazon(part):
    """Covers P1, P2, P3, P4, P5, P6, P8, P9, P10."""
    seeds = range(FIRST + part, FIRST + SEEDS, PARTS)
    days = live_through_seeds(hostile_day, seeds, "amazon")
    assert not met_too_rarely(days, SOMETIMES, seeds)


def test_the_same_seed_gives_the_same_day_of_amazon():
    """Covers P12."""

    def short_day(folder, seed):
        return hostile_day(folder, seed, span=timedelta(hours=2))

    assert live(short_day, 7) == live(short_day, 7)
