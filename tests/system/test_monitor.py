"""A real daemon, asked over HTTP how it is."""

import json
import signal

import httpx
import pytest

from tests.system.plugins import install
from tests.system.processes import Site, free_ports, wait_until
from tests.system.test_signals import held, mute_channels

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

BLOCKER = """
import time
from pathlib import Path

from entrepot import hookimpl


@hookimpl
async def order_changed(event):
    if not Path("began").exists():
        Path("began").touch()
        time.sleep(3)
"""


@pytest.fixture
def site(tmp_path):
    site = Site.make(tmp_path, scale=200)
    site.count_shelf()
    return site


@pytest.fixture
def ask(site):
    """Status and body of the answer; (0, "") where nobody answers."""
    (port,) = free_ports(1)
    config = site.folder / "plugins.toml"
    config.write_text(config.read_text().replace("[entrepot]\n", f'[entrepot]\nmetrics = "127.0.0.1:{port}"\n'))

    def get(path):
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, timeout=5)
        except httpx.TransportError:
            return 0, ""
        return answer.status_code, answer.text

    return get


def codes(ask):
    status, body = ask("/healthz")
    return status, [reason["code"] for reason in json.loads(body)["reasons"]] if body else []


def test_it_answers_while_a_plugin_blocks_the_loop(site, ask, monkeypatch):
    """Covers P8, P11: 200, then 503 with the plugin's name, then 200 again; the log tells the same."""
    install(monkeypatch, site.folder, "blocker", BLOCKER)
    with site.simulators("--demand", "30", "--hours", "0.5"):
        daemon = site.start_daemon()
        wait_until(lambda: codes(ask)[0] == 200, 5)
        wait_until((site.folder / "began").exists, 30)
        wait_until(lambda: codes(ask) == (503, ["loop_blocked"]), 2, every=0.02)
        assert "blocker.order_changed" in ask("/healthz")[1]
        wait_until(lambda: codes(ask) == (200, []), 10)
        wait_until(lambda: 'entrepot_problems_open{kind="plugin_blocks_loop"} 1.0' in ask("/metrics")[1], 5)
        told = ask("/metrics")[1]
        assert "entrepot_loop_blocked_total 1.0" in told
        assert "entrepot_healthy 1.0" in told
        assert "entrepot_unknown_fields_total{" not in told  # both simulators send what is documented
        assert ask("/orders")[0] == 404
        wait_until(lambda: daemon.logged("problem_opened"), 5)
        assert daemon.stop() == 0
        assert ask("/healthz") == (0, "")


def test_a_database_that_is_gone_and_a_drain(site, ask):
    """Covers P8."""
    with mute_channels(site):
        daemon = site.start_daemon()
        wait_until(lambda: codes(ask) == (200, []), 5)
        database = site.config.database
        database.rename(database.with_suffix(".moved"))
        assert codes(ask) == (503, ["store_refused"])
        assert "entrepot_healthy 0.0" in ask("/metrics")[1]
        database.with_suffix(".moved").rename(database)
        wait_until(lambda: held(site), 10)
        daemon.signal(signal.SIGTERM)
        wait_until(lambda: codes(ask) == (503, ["draining"]), 3, every=0.02)
        assert daemon.process.wait(30) == 0


def test_a_second_daemon_takes_the_address_over(site, ask):
    with mute_channels(site):
        first, second = site.start_daemon(), site.start_daemon()
        assert json.loads(ask("/healthz")[1])["worker"].endswith(f":{first.process.pid}")
        wait_until(lambda: second.logged("metrics_not_served"), 5)
        first.kill()
        wait_until(lambda: json.loads(ask("/healthz")[1] or '{"worker": ""}')["worker"], 10)
        assert json.loads(ask("/healthz")[1])["worker"].endswith(f":{second.process.pid}")
        assert second.stop() == 0
