"""P2, P10: a cancelled call to the writer thread has run or has not, and is over before the cancellation is raised."""

import asyncio

import pytest

from entrepot.simulation import Crashed, Poison, SimExecutor, VirtualLoop, run, stream

SEEDS = range(60)


def executor(seed: int, delay: tuple[float, float] = (1.0, 3.0)) -> SimExecutor:
    return SimExecutor(stream(seed, "executor"), Poison("daemon"), delay=delay)


def test_it_returns_the_result_later_and_raises_the_works_error():
    async def main(loop: VirtualLoop) -> float:
        threads = executor(1)
        assert await threads.run(lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)
        return loop.time()

    assert 4 <= run(main, 1) <= 12


def test_others_run_while_work_waits():
    async def main(_loop: VirtualLoop) -> list[str]:
        seen: list[str] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(executor(1).run(lambda: seen.append("work")))
            await asyncio.sleep(0.5)
            seen.append("other")
        return seen

    assert run(main, 1) == ["other", "work"]


async def cancelled_at(delay: float, seed: int) -> tuple[list[str], list[str]]:
    """What the work did when the cancellation arrived, and a long time later."""
    did: list[str] = []
    task = asyncio.create_task(executor(seed).run(lambda: did.append("committed")))
    await asyncio.sleep(delay)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    at_once = list(did)
    await asyncio.sleep(100)
    return at_once, did


def test_by_seed_a_call_that_was_cancelled_in_the_queue_has_run_or_has_not():
    outcomes = [run(lambda _loop, seed=seed: cancelled_at(0.5, seed), seed) for seed in SEEDS]
    committed = sum(bool(later) for _, later in outcomes)
    assert 15 <= committed <= 45


def test_whatever_runs_has_ended_before_the_cancellation_is_raised():
    outcomes = [run(lambda _loop, seed=seed, d=d: cancelled_at(d, seed), seed) for seed in SEEDS for d in (0.5, 2.0)]
    assert all(at_once == later for at_once, later in outcomes)


def test_work_that_has_started_is_never_taken_back():
    async def main(_loop: VirtualLoop, seed: int) -> None:
        did: list[str] = []
        threads = executor(seed, delay=(2.0, 2.0))
        task = asyncio.create_task(threads.run(lambda: did.append("committed")))
        await asyncio.sleep(3)
        assert did == ["committed"]
        task.cancel()
        await asyncio.sleep(0.5)
        assert not task.done()
        task.cancel()  # a second cancellation does not get through either
        await asyncio.sleep(0.4)
        assert not task.done()
        with pytest.raises(asyncio.CancelledError):
            await task

    for seed in SEEDS:
        run(lambda loop, seed=seed: main(loop, seed), seed)


def test_a_timeout_around_a_call_still_times_out():
    async def main(_loop: VirtualLoop) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await executor(1).run(lambda: None)

    run(main, 1)


def test_after_the_crash_nothing_runs_neither_new_work_nor_queued_work():
    async def main(_loop: VirtualLoop) -> list[str]:
        did: list[str] = []
        poison = Poison("daemon")
        threads = SimExecutor(stream(1, "executor"), poison, delay=(1.0, 1.0))
        queued = asyncio.create_task(threads.run(lambda: did.append("queued")))
        await asyncio.sleep(0.5)
        poison.take()
        with pytest.raises(Crashed):
            await threads.run(lambda: did.append("new"))
        with pytest.raises(Crashed):
            await queued
        return did

    assert run(main, 1) == []


def test_an_answer_does_not_reach_a_process_that_died_meanwhile():
    async def main(_loop: VirtualLoop) -> list[str]:
        did: list[str] = []
        poison = Poison("daemon")
        call = asyncio.create_task(
            SimExecutor(stream(1, "executor"), poison, delay=(1.0, 1.0)).run(lambda: did.append("committed"))
        )
        await asyncio.sleep(1.5)
        poison.take()
        with pytest.raises(Crashed):
            await call
        return did

    assert run(main, 1) == ["committed"]
