"""How `run` ends: at the first signal with what it has begun, at the second at once."""

import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from entrepot.store.sqlite.maintenance import check
from tests.system.judge import broken
from tests.system.processes import Site, is_listening, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]


@pytest.fixture
def site(tmp_path):
    site = Site.make(tmp_path, scale=200)
    site.count_shelf()
    return site


@contextmanager
def mute_channels(site: Site) -> Iterator[None]:
    """Servers that take every request and never answer: a call lasts until its deadline."""
    listeners = [socket.create_server(("127.0.0.1", port)) for port in site.ports.values()]
    try:
        yield
    finally:
        for listener in listeners:
            listener.close()


def held(site):
    """Streams that somebody holds, and attempts of which nobody knows the outcome."""
    with closing(sqlite3.connect(site.config.database)) as database:
        owners = "SELECT kind FROM stream WHERE owner IS NOT NULL OR lease_until IS NOT NULL"
        return [*database.execute(owners), *database.execute("SELECT id FROM attempt WHERE state = 'open'")]


def test_the_first_signal_drains(site):
    """Covers P10."""
    with site.simulators("--demand", "20", "--hours", "2"):
        daemon = site.start_daemon()
        wait_until(lambda: sum(len(site.truth(name)["orders"]) for name in site.ports) > 40, 30)
        assert daemon.stop() == 0
        assert daemon.logged("stopped")
        assert held(site) == []
        assert [finding.faults for finding in check(site.config.database)] == [()] * 4
        assert not any(fault.startswith("P5") and "without an attempt" in fault for fault in broken(site))


def test_a_signal_during_the_start_drains(site):
    """Covers P10: nothing is begun, and nothing was lost. The configuration is read for as long as we hold it up."""
    secret = site.folder / "token"
    os.mkfifo(secret)
    config = site.folder / "plugins.toml"
    config.write_text(config.read_text().replace("token-of-webshop", "file:token"))
    daemon = site.start("run")
    with secret.open("w") as told:  # opens once the other side reads
        daemon.signal(signal.SIGTERM)
        told.write("token-of-webshop")
    assert daemon.process.wait(30) == 0
    assert daemon.logged("stopped")
    secret.unlink()
    secret.write_text("token-of-webshop")  # the test reads the configuration as well
    assert held(site) == []
    assert site.read(lambda tx: tx.quota.counts()) == []


def test_draining_waits_for_the_call_that_runs(site):
    """Covers P10."""
    with mute_channels(site):
        daemon = site.start_daemon()
        wait_until(lambda: held(site), 10)
        assert daemon.stop() == 0
        assert held(site) == []
        assert daemon.logged("call_failed")


def test_the_second_signal_stops_at_once(site):
    """Covers P10."""
    with mute_channels(site):
        daemon = site.start_daemon()
        wait_until(lambda: held(site), 10)
        daemon.signal(signal.SIGTERM)
        wait_until(lambda: daemon.logged("draining"), 5, every=0.01)
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(2) == 130
        assert not daemon.logged("stopped")
        assert all(is_listening(port) for port in site.ports.values())
