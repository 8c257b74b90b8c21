"""Broken daemons in which one account's trouble becomes another one's."""

import pytest

from tests.mutants import loop
from tests.simulation.troubled_day import Trouble, live_through

MUTANTS = [
    (loop.one_refused_account_parks_them_all, Trouble.REVOKED),
    (loop.failures_are_waited_out_in_line, Trouble.BROKEN),
]


@pytest.mark.simulation
@pytest.mark.parametrize(("mutant", "trouble"), MUTANTS)
def test_the_other_account_is_late(mutant, trouble, tmp_path, monkeypatch):
    """Covers P11."""
    mutant(monkeypatch)
    assert any(line.startswith("P11 market") for line in live_through(tmp_path, trouble, seed=1))
