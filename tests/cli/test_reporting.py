"""What a running daemon says in its log, in virtual time."""

import asyncio
from datetime import timedelta

from structlog.testing import capture_logs

from entrepot.cli.monitor.reporting import Reporter
from entrepot.model import ProblemKind
from entrepot.store.records import DaemonRow
from entrepot.sync.announce import close_problem, open_problem
from tests.sync.rig import live


def told(folder, happens, **span):
    """The lines of `span`, in which `happens(rig, now)` goes on in one transaction, and the daemon's row."""
    found = []

    async def story(rig):
        daemon = rig.life._daemon
        name, began = daemon.worker.name, rig.world.clock.now()
        await rig.read(lambda tx: tx.daemons.enter(DaemonRow(name, "here", 1, began)))
        reporter = Reporter(daemon, summary=timedelta(minutes=10))
        await reporter.begin()
        with capture_logs() as logs:
            watching = asyncio.create_task(reporter.watch())
            await happens(rig)
            await rig.wait(**span)
            watching.cancel()
        row = await rig.read(lambda tx: tx.daemons.find(name))
        found.extend([logs, row.seen_at - began, await reporter.outlook()])
        await rig.life.drain()

    live(folder, story)
    return found


def test_a_summary_tells_what_was_done(tmp_path):
    async def happens(rig):
        await rig.place(3)

    logs, seen, outlook = told(tmp_path, happens, minutes=31)
    summaries = [entry for entry in logs if entry["event"] == "summary"]
    assert [one["minutes"] for one in summaries] == [10, 10, 10]
    assert sum(one["orders_taken_in"]["shop"] for one in summaries) == 3
    assert summaries[-1]["problems_open"] == 0
    assert summaries[-1]["orders_known_until"]["shop"].startswith("20")
    assert timedelta(minutes=30) < seen <= timedelta(minutes=31)
    assert outlook["accounts"] == {"shop": "live"}
    assert outlook["next_look"]


def test_problems_are_told_as_they_come_and_go_without_the_words_of_a_record(tmp_path):
    """Covers P8, P9."""
    private = "jane@example"

    async def happens(rig):
        now = rig.world.clock.now()

        def work(tx):
            open_problem(tx, ProblemKind.OFFER_UNMAPPED, "shop", "offer/MUG", "MUG is no article", "map it", now)
            open_problem(tx, ProblemKind.RECORD_REFUSED, "shop", "order/1", private, "update", now)
            close_problem(tx, ProblemKind.OFFER_UNMAPPED, "shop", "offer/MUG", now)

        await rig.read(work)

    logs, _, _ = told(tmp_path, happens, minutes=1)
    assert [entry["event"] for entry in logs] == ["problem_opened", "problem_opened", "problem_closed"]
    assert logs[0] | {"log_level": ""} == {
        "event": "problem_opened",
        "kind": "offer_unmapped",
        "account": "shop",
        "subject": "offer/MUG",
        "message": "MUG is no article",
        "log_level": "",
    }
    assert private not in str(logs)
