"""A run that cannot go on says so, and names the rule that was broken."""

import asyncio
import contextlib

import anyio
import pytest
from aiolimiter import AsyncLimiter

from entrepot.simulation import Deadlock, Livelock, ThreadsBanned, VirtualLoop, run


def test_a_cancelled_timer_does_not_move_time():
    async def main(loop: VirtualLoop) -> None:
        loop.call_later(10, pytest.fail).cancel()
        await loop.create_future()

    with pytest.raises(Deadlock, match=r"Nothing can run at 0\.0 s"):
        run(main, 1)


@pytest.mark.parametrize(("rate", "burst"), [(0.0056, 20), (0.0167, 20), (0.0222, 10), (0.5, 30), (2.0, 10), (5.0, 40)])
def test_aiolimiter_does_not_spin_at_amazons_plans(rate: float, burst: int):
    """Without the least step ahead this is a Livelock at 0.0056 per second with a burst of 20."""

    async def main(loop: VirtualLoop) -> float:
        limiter = AsyncLimiter(burst, burst / rate)
        for _ in range(burst + 100):
            await limiter.acquire()
        return loop.time()

    assert run(main, 1) == pytest.approx(100 / rate, rel=1e-3)


def test_a_deadlock_names_the_tasks_and_where_they_wait():
    async def worker(event: asyncio.Event) -> None:
        await event.wait()

    async def main(_loop: VirtualLoop) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(worker(asyncio.Event()), name="stock pusher")

    with pytest.raises(Deadlock, match=r"(?s)stock pusher waits at .*worker \(test_stuck_loop.py:\d+\) > Event.wait"):
        run(main, 1)


def test_a_livelock_ends_the_run():
    turns = 0

    async def main(_loop: VirtualLoop) -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with pytest.raises(Livelock, match=r"10000 callbacks ran at 0\.0 s"):
        run(main, 1)
    assert turns == 10_000


def test_many_callbacks_are_no_livelock_while_time_moves():
    async def main(loop: VirtualLoop) -> float:
        for _ in range(12_000):
            await asyncio.sleep(0.001)
        return loop.time()

    assert run(main, 1) == pytest.approx(12)


def test_a_thread_is_refused_and_the_rule_is_named_even_where_the_refusal_is_swallowed():
    async def main(_loop: VirtualLoop) -> None:
        with contextlib.suppress(ThreadsBanned):
            await asyncio.to_thread(len, "x")
        await asyncio.sleep(1)

    with pytest.raises(ThreadsBanned, match=r"asked to run .*A virtual-time run has no threads"):
        run(main, 1)


def test_anyios_threads_are_refused():
    async def main(_loop: VirtualLoop) -> None:
        await anyio.to_thread.run_sync(len, "x")

    with pytest.raises(ThreadsBanned, match="`async def`"):
        run(main, 1)
