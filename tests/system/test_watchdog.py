"""Real time: who keeps the loop is named while it does, by a thread."""

import asyncio
import json
import signal
import threading
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from entrepot.model import ProblemKind
from entrepot.sync.blocking import Doer, Stretches
from entrepot.sync.watchdog import Watchdog
from tests.system.judge import broken
from tests.system.plugins import install
from tests.system.processes import Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

DOER = Doer("acme", "shop", "fetch_orders")

BLOCKER = '''
import time
from pathlib import Path

from entrepot import hookimpl


@hookimpl
async def order_changed(event):
    """Blocks once, in the midst of trade."""
    with Path("told").open("a") as told:
        told.write(event.key + "\\n")
    if not Path("began").exists():
        Path("began").touch()
        time.sleep(5)
        Path("ended").touch()
'''


def watch(work):
    """What the watchdog logged, and the end of `work(watchdog)`; it has a patience of 100 ms."""

    async def main():
        watchdog = Watchdog(patience=timedelta(milliseconds=100), look=timedelta(milliseconds=20))
        watchdog.start()
        try:
            await asyncio.sleep(0.1)
            ended = await work(watchdog)
            await asyncio.sleep(0.1)
            found = []
            while not watchdog._found.empty():
                found.append(watchdog._found.get_nowait())
        finally:
            watchdog.stop()
        return ended, found

    with capture_logs() as logs:
        ended, found = asyncio.run(main())
    return [entry for entry in logs if entry["event"] == "loop_blocked"], ended, found


def test_who_blocks_is_named_while_it_does():
    """Covers P11: with its plugin, its account and the line of code."""
    during = []

    async def plugin_code(watchdog):
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251 - what must not be done
        during.append(watchdog.kept)

    async def work(watchdog):
        stretches = Stretches(DOER)
        await stretches.of(plugin_code(watchdog))
        return stretches

    (line,), stretches, (found,) = watch(work)
    assert (line["plugin"], line["account"], line["operation"]) == ("acme", "shop", "fetch_orders")
    assert line["at"].startswith("tests.system.test_watchdog:")
    assert line["at"].endswith(" (plugin_code)")
    assert 100 <= line["milliseconds"] < 450
    assert (during[0].doer, during[0].at, stretches.seen_at) == (DOER, line["at"], line["at"])
    assert (found.doer, found.at) == (DOER, line["at"])
    assert timedelta() <= found.span - stretches.longest < timedelta(seconds=1)  # the watchdog began to wait before it


def test_a_task_that_nobody_measures_is_named_by_its_package():
    async def work(watchdog):
        await asyncio.create_task(careless())

    async def careless():
        threading.Event().wait(0.3)

    (line,), _, (found,) = watch(work)
    assert (line["plugin"], found.doer.plugin) == ("tests", "tests")
    assert line["frames"][0].startswith("threading:")
    assert line["frames"][-1] == line["at"]
    assert line["at"].endswith("(careless)")


def test_who_waits_is_not_named():
    async def work(watchdog):
        stretches = Stretches(DOER)
        await stretches.of(asyncio.sleep(0.3))
        await asyncio.to_thread(time.sleep, 0.3)

    assert watch(work) == ([], None, [])


@pytest.fixture
def site(tmp_path, monkeypatch):
    site = Site.make(tmp_path, scale=200)
    site.count_shelf()
    install(monkeypatch, tmp_path, "blocker", BLOCKER)
    return site


def test_an_observer_that_blocks_for_five_seconds_loses_nothing(site):
    """Covers P1, P2, P5, P11: two daemons at trade; leases are over after five seconds."""
    with site.simulators("--demand", "30", "--hours", "1"):
        daemons = [site.start("--log-format", "json", "run") for _ in range(2)]
        wait_until((site.folder / "began").exists, 40)
        wait_until(lambda: any(daemon.logged("loop_blocked") for daemon in daemons), 4)
        assert not (site.folder / "ended").exists()
        (blocked,) = [daemon for daemon in daemons if daemon.logged("loop_blocked")]
        line = next(entry for entry in lines(blocked) if entry["event"] == "loop_blocked")
        assert (line["plugin"], line["operation"], line["account"]) == ("blocker.order_changed", "order_changed", None)
        assert line["at"].startswith("blocker:")
        wait_until((site.folder / "ended").exists, 10)
        wait_until(lambda: problems(site), 5)
        (problem,) = problems(site)
        assert "the plugin blocker.order_changed worked for 5" in problem.message
        assert "blocker:" in problem.message
        wait_until(lambda: not any(site.truth(account)["trading"] for account in site.ports), 60)
        wait_until(lambda: not broken(site), 120, every=0.5)
        events = site.read(lambda tx: tx.outbox.after(0, 100_000))
        changes = [row.key for row in events if row.name == "order_changed"]
        wait_until(lambda: len((site.folder / "told").read_text().splitlines()) >= len(changes), 20)
        told = (site.folder / "told").read_text().splitlines()
        assert sorted(told) == sorted(changes)
        assert [daemon.stop() for daemon in daemons] == [0, 0]


def test_a_process_that_was_stopped_blames_nobody(site):
    """Neither a suspended machine nor a debugger is a plugin's fault."""
    with site.simulators():
        daemon = site.start_daemon()
        daemon.signal(signal.SIGSTOP)
        time.sleep(2)
        daemon.signal(signal.SIGCONT)
        time.sleep(1)
        assert daemon.stop() == 0
        assert not daemon.logged("loop_blocked")


def lines(daemon):
    return [json.loads(line) for line in daemon.log.read_text().splitlines() if line.startswith("{")]


def problems(site):
    found = site.read(lambda tx: tx.problems.all())
    return [one for one in found if one.kind is ProblemKind.PLUGIN_BLOCKS_LOOP]
