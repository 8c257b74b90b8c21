import asyncio
from datetime import timedelta

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from entrepot.model import ProblemKind
from entrepot.simulation import run
from entrepot.store.records import StreamKind
from entrepot.sync.blocking import Doer, Stretches
from tests.store.opened import done, open_inline
from tests.sync.rig import PAGED, live

KIND = ProblemKind.PLUGIN_BLOCKS_LOOP
DOER = Doer("mock", "shop", "fetch_orders")


def slow_maps(seconds, times):
    """A channel whose mapper of orders takes so long for each of the first records."""
    mapper = PAGED.maps["order"]
    slow = iter([seconds] * times)

    def map_order(record):
        asyncio.get_running_loop().spend(next(slow, 0))
        return mapper(record)

    return evolve(PAGED, maps={**PAGED.maps, "order": map_order})


def told(folder, seconds, *, orders=1, times=1000, restart=False):
    found = []

    async def story(rig):
        await rig.place(orders)
        await rig.wait(minutes=30)
        if restart:
            await rig.life.drain()
            rig.start()
            await rig.wait(minutes=10)
        found.extend(problem for problem in await rig.read(lambda tx: tx.problems.all()) if problem.kind == KIND)
        await rig.life.drain()

    live(folder, story, channel=slow_maps(seconds, times))
    return found


def test_a_plugin_that_blocks_the_loop_is_named(tmp_path):
    """Covers P11."""
    (problem,) = told(tmp_path, 0.6)
    assert (problem.account, problem.subject) == ("shop", "operation/fetch_orders")
    assert problem.message.startswith("the plugin mock worked for 600 ms without giving way in fetch_orders of shop")


def test_a_page_is_one_stretch(tmp_path):
    (problem,) = told(tmp_path, 0.16, orders=4)
    assert "for 640 ms" in problem.message


def test_who_gives_way_in_time_is_not_named(tmp_path):
    assert told(tmp_path, 0.1, orders=4) == []


def test_it_stays_open_until_the_next_start(tmp_path):
    """The pages of half an hour later are quick. A plugin's code changes with a restart only."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    assert len(told(before, 0.6, times=1)) == 1
    assert told(after, 0.6, times=1, restart=True) == []


def test_a_page_whose_lease_ran_out_meanwhile_is_refused(tmp_path):
    """Covers P2, P11: another daemon has the stream. The plugin is named all the same, the order taken in once."""
    mapper, taken = PAGED.maps["order"], []

    def map_order(record):
        loop = asyncio.get_running_loop()
        if not taken:
            loop.spend(60)
            taken.append(take_over(tmp_path / "entrepot.db", clock))
        return mapper(record)

    clock = []

    async def story(rig):
        clock.append(rig.world.clock)
        with capture_logs() as logs:
            (number,) = await rig.place(1)
            await rig.wait(hours=1)
        assert [entry["stream"] for entry in logs if entry["event"] == "lease_lost"] == ["orders"]
        assert (list(await rig.stored()), await rig.reserved()) == ([number], 1)
        (problem,) = [one for one in await rig.read(lambda tx: tx.problems.all()) if one.kind == KIND]
        assert "the plugin mock worked for 60000 ms" in problem.message
        await rig.life.drain()

    live(tmp_path, story, channel=evolve(PAGED, maps={**PAGED.maps, "order": map_order}))


def take_over(path, clock):
    """What another daemon does with a stream whose lease has run out; its call brings nothing."""
    store, now = open_inline(path), clock[0].now()

    def claim_and_release(tx):
        (stream,) = [row for row in tx.streams.all() if row.kind is StreamKind.ORDERS]
        held = tx.streams.claim(stream.id, "another", now, now + timedelta(seconds=45))
        tx.streams.release(held)
        return held.epoch

    try:
        return done(store.write(claim_and_release))
    finally:
        store.close()


def measured(work):
    """The longest stretch of `work(loop)`, in milliseconds, and its result."""

    async def main(loop):
        stretches = Stretches(DOER)
        result = await stretches.of(work(loop))
        return round(stretches.longest.total_seconds() * 1000), result

    return run(main, 1)


def test_the_longest_stretch_counts_and_waits_do_not():
    async def work(loop):
        for milliseconds in (20, 70, 30):
            loop.spend(milliseconds / 1000)
            await asyncio.sleep(5)
        return "done"

    assert measured(work) == (70, "done")


def test_what_is_raised_and_cancelled_passes_through():
    async def work(loop):
        try:
            async with asyncio.timeout(1):
                await asyncio.sleep(60)
        except TimeoutError:
            loop.spend(0.5)
        return loop.time()

    assert measured(work) == (500, pytest.approx(1.5))

    async def failing(loop):
        loop.spend(0.1)
        await asyncio.sleep(1)
        raise ValueError(loop.time())

    with pytest.raises(ValueError, match=r"1\.1"):
        measured(failing)
