"""Work that comes back does so when plugins.toml says, and by a reload when it says so then."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve

from entrepot.model.schedule import Daily, Every, Timetable
from entrepot.store.records import StreamKind
from entrepot.sync.retention import AT_ONCE
from tests.store.values import SHOP
from tests.sync.rig import live
from tests.sync.test_retention import raw_records

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = Timetable(BERLIN, order_audit=Daily(time(4, 15)), drift_sweep=Daily(time(2, 30)), purge=Daily(time(3, 0)))


async def ends(rig, kind, hours):
    """When the passes ended, on the wall in Berlin; one that was under way before is not among them."""
    seen = {(await rig.stream(kind)).watermark}
    told = []
    for _ in range(hours):
        await rig.wait(hours=1)
        mark = (await rig.stream(kind)).watermark
        if mark not in seen:
            seen.add(mark)
            told.append(mark.astimezone(BERLIN))
    return told


def at_hour(ended, hour, minute):
    """Within ten minutes: a pass takes a while, and what it reads ends before what may not show yet."""
    minutes = ended.hour * 60 + ended.minute - (hour * 60 + minute)
    return -10 <= minutes <= 10


def test_the_audit_and_the_sweep_have_their_hour(tmp_path):
    """Covers P8."""

    async def story(rig):
        audits = await ends(rig, StreamKind.ORDER_REPAIR, 72)
        assert len(audits) == 3
        assert all(at_hour(one, 4, 15) for one in audits)
        sweeps = await ends(rig, StreamKind.STOCK, 72)
        assert len(sweeps) == 3
        assert all(at_hour(one, 2, 30) for one in sweeps)

    live(tmp_path, story, timetable=NIGHTLY)


def test_without_a_word_they_come_every_six_hours(tmp_path):
    async def story(rig):
        assert len(await ends(rig, StreamKind.ORDER_REPAIR, 24)) == 4
        assert len(await ends(rig, StreamKind.STOCK, 24)) in {3, 4}  # six hours from end to begin

    live(tmp_path, story)


def test_a_reload_brings_another_schedule(tmp_path):
    """Covers P8: for what has an hour the reload itself is no occasion."""

    async def story(rig):
        before = await rig.stream(StreamKind.ORDER_REPAIR)
        await rig.life.reload(evolve(rig.world.config, timetable=NIGHTLY))
        await rig.wait(minutes=30)
        assert (await rig.stream(StreamKind.ORDER_REPAIR)).watermark == before.watermark
        often = evolve(NIGHTLY, order_audit=Every(timedelta(minutes=40)), drift_sweep=Every(timedelta(minutes=20)))
        await rig.life.reload(evolve(rig.world.config, timetable=often))
        assert len(await ends(rig, StreamKind.ORDER_REPAIR, 3)) == 3
        assert len(await ends(rig, StreamKind.STOCK, 3)) == 3

    live(tmp_path, story)


def test_old_records_are_forgotten_at_the_hour_that_a_reload_brought(tmp_path):
    """Covers P9."""

    async def story(rig):
        now = rig.world.clock.now()
        old = [(str(number), "hash", b"{}") for number in range(AT_ONCE)]
        await rig.read(lambda tx: tx.orders.save_raw(SHOP, "order", old, "1", now - timedelta(days=89, hours=23)))
        soon = (now + timedelta(hours=2)).astimezone(BERLIN).time().replace(second=0, microsecond=0)
        await rig.life.reload(evolve(rig.world.config, timetable=evolve(NIGHTLY, purge=Daily(soon))))
        await rig.wait(minutes=110)
        assert await rig.read(raw_records) == AT_ONCE
        await rig.wait(minutes=20)
        assert await rig.read(raw_records) == 0

    live(tmp_path, story)
