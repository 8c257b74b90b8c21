import asyncio

import pytest
from attrs import evolve

from entrepot.model import ProblemKind
from entrepot.simulation import run
from entrepot.sync.blocking import Stretches
from tests.sync.rig import PAGED, live

KIND = ProblemKind.PLUGIN_BLOCKS_LOOP


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
    (problem,) = told(tmp_path, 0.3)
    assert (problem.account, problem.subject) == ("shop", "operation/fetch_orders")
    assert problem.message.startswith("the plugin mock worked for 300 ms without giving way in fetch_orders of shop")


def test_a_page_is_one_stretch(tmp_path):
    (problem,) = told(tmp_path, 0.06, orders=4)
    assert "for 240 ms" in problem.message


def test_who_gives_way_in_time_is_not_named(tmp_path):
    assert told(tmp_path, 0.04, orders=4) == []


def test_it_stays_open_until_the_next_start(tmp_path):
    """The pages of half an hour later are quick. A plugin's code changes with a restart only."""
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    assert len(told(before, 0.3, times=1)) == 1
    assert told(after, 0.3, times=1, restart=True) == []


def measured(work):
    """The longest stretch of `work(loop)`, in milliseconds, and its result."""

    async def main(loop):
        stretches = Stretches()
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
