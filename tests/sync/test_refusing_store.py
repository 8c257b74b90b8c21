"""A disk without room, and a file that cannot be written: the daemon waits, and goes on by itself."""

import pytest
from structlog.testing import capture_logs

from tests.sync.rig import live

NONE_LEFT = ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000")  # SQLite takes the present size for less
READ_ONLY = ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")


@pytest.mark.parametrize(
    ("refuse", "allow", "reason"),
    [(*NONE_LEFT, "free some space"), (*READ_ONLY, "make the file and its folder writable")],
    ids=["full", "read-only"],
)
def test_a_store_that_refuses_stops_nothing_for_good(tmp_path, refuse, allow, reason):
    """Covers P1, P2, P8: every order is stored once, as soon as there is room, and what was refused is logged."""

    async def story(rig):
        database = rig.life._daemon.worker.store._database
        early = await rig.place(2, minutes=5)
        await rig.wait(hours=1)
        database.execute(refuse)
        with capture_logs() as logs:
            late = await rig.place(12, minutes=5)
            await rig.wait(minutes=30)
        refused = [entry for entry in logs if entry["event"] == "store_refused"]
        assert refused
        assert all(reason in entry["reason"] for entry in refused)
        assert set(await rig.stored()) < {*early, *late}
        daemon = rig.life._daemon
        told = []
        for _ in range(100):  # what is due is refused again and again: /healthz must not flap
            await rig.wait(seconds=5)
            told.append(daemon.refusal)
        assert all(reason in (one or "") for one in told)
        database.execute(allow)
        await rig.wait(hours=2)
        assert daemon.refusal is None
        assert set(await rig.stored()) == {*early, *late}
        assert await rig.reserved() == 14
        assert await rig.read(lambda tx: tx.ledger.wrong_positions()) == []
        assert rig.life._daemon.defects == []

    live(tmp_path, story)
