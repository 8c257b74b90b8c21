"""Records as they came, and for how long they are kept."""

from datetime import timedelta

from entrepot.sync.retention import AT_ONCE
from tests.store.values import SHOP
from tests.sync.rig import live


def test_a_daemon_forgets_raw_records_after_90_days(tmp_path):
    """Covers P9: once a day, in as many small transactions as it takes."""
    many = 2 * AT_ONCE + 1

    async def story(rig):
        now = rig.world.clock.now()
        old = [(str(number), "hash", b"{}") for number in range(many)]
        await rig.read(lambda tx: tx.orders.save_raw(SHOP, "order", old, "1", now - timedelta(days=89, hours=12)))
        await rig.read(lambda tx: tx.orders.save_raw(SHOP, "order", [("young", "hash", b"{}")], "1", now))
        await rig.wait(hours=11)
        assert await rig.read(raw_records) == many + 1
        await rig.wait(hours=14)
        assert await rig.read(raw_records) == 1

    live(tmp_path, story)


def raw_records(tx):
    return tx.orders._db.execute("SELECT count(*) FROM raw_record").fetchone()[0]
