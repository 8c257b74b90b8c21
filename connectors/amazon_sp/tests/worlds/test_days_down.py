"""Daemons that come back after a day, or after two weeks, to what was sold meanwhile."""

import resource
import time
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.worlds.days_down import come_back


@pytest.mark.simulation
def test_a_day_down_is_caught_up_within_the_hour(tmp_path):
    """Covers P1, P2, P4, P5, P6, P8: nothing is lost, and no request is refused for its frequency."""
    back = come_back(tmp_path, 1, timedelta(days=1), orders_a_day=400)
    assert back.broken == ()
    assert back.orders >= 400
    assert back.caught_up < timedelta(hours=1)


@pytest.mark.soak
def test_two_weeks_down_at_5000_orders_a_day_are_caught_up(tmp_path, record_property):
    """Covers P1, P2, P4, P5, P6, P8."""
    begin = time.process_time()
    back = come_back(tmp_path, 1, timedelta(days=14), orders_a_day=5000)
    seconds, memory = time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = f"{back.orders} orders, caught up after {back.caught_up}; {seconds:.0f} s of CPU, {memory:.0f} MB"
    record_property("figures", line)  # printed at the end of `make soak`
    assert back.broken == ()
    assert back.orders >= 70_000
    assert back.caught_up < timedelta(days=2)
