"""`kill -9` in the midst of trade, again and again: nothing is lost, doubled or refused for its frequency."""

import random
import time

import pytest

from tests.system.judge import broken
from tests.system.processes import ACCOUNTS, Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

TIME_SCALE = 200
REST = 40
"""Seconds: longer than the leases of a killed daemon."""


@pytest.mark.parametrize(
    ("kills", "demand", "hours"), [(5, 12, "1.5"), pytest.param(20, 30, "6", marks=pytest.mark.soak)]
)
def test_kill_9_at_random_moments(tmp_path, note, kills, demand, hours):
    """Covers P1, P2, P5, P6, P10."""
    site = Site.make(tmp_path, TIME_SCALE)
    site.count_shelf()
    moments = random.Random(kills)
    with site.simulators("--demand", str(demand), "--hours", hours):
        for _ in range(kills):
            daemon = site.start("run")
            time.sleep(moments.uniform(0.5, 6))
            assert daemon.alive
            daemon.kill()
        daemon = site.start_daemon()
        try:
            wait_until(lambda: not any(site.truth(account)["trading"] for account in ACCOUNTS), REST)
            wait_until(lambda: not broken(site), REST, every=0.5)
        except TimeoutError:
            assert broken(site) == []
        finally:
            code = daemon.stop()
        assert code == 0
        assert broken(site) == []
        orders = {account: len(site.truth(account)["orders"]) for account in ACCOUNTS}
        note(f"{kills} kills: orders {orders}, nothing lost, doubled or refused")
        assert all(number >= 30 for number in orders.values())
