"""What a daemon costs while nothing happens."""

import time

import pytest

from tests.system.processes import Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.soak, pytest.mark.xdist_group("system")]


def test_an_idle_daemon_costs_next_to_nothing(tmp_path, note):
    """Two accounts at their usual pace: less than 1 % of a core, and less than 120 MB."""
    site = Site.make(tmp_path, scale=1)
    site.count_shelf()
    with site.simulators():
        daemon = site.start_daemon()
        wait_until(site.swept, 120)
        before = daemon.cpu_seconds()
        time.sleep(60)
        spent, resident = daemon.cpu_seconds() - before, daemon.resident_mb()
        assert daemon.stop() == 0
    note(f"idle daemon: {spent:.2f} s of CPU in 60 s, {resident:.0f} MB")
    assert spent < 0.6
    assert resident < 120
