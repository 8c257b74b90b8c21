"""The loop in virtual time: its timers, asyncio's tools on it, and the end of a run."""

import asyncio
from datetime import timedelta

import anyio
import pytest

from entrepot.simulation import EPOCH, VirtualClock, VirtualLoop, run


def test_a_long_wait_takes_no_real_time_and_exactly_its_virtual_time():
    async def main(loop: VirtualLoop) -> float:
        await asyncio.sleep(86_400)
        return loop.time()

    assert run(main, 1) == 86_400.0


def test_time_begins_at_zero():
    async def main(loop: VirtualLoop) -> float:
        return loop.time()

    assert run(main, 1) == 0.0


def test_timers_fire_in_the_order_of_their_times_and_chance_decides_between_equal_ones():
    async def main(_loop: VirtualLoop) -> list[float]:
        seen: list[float] = []
        for when in (3.0, 1.0, 2.0, 2.0):
            asyncio.get_running_loop().call_at(when, seen.append, when)
        await asyncio.sleep(4)
        return seen

    async def ties(_loop: VirtualLoop) -> str:
        seen: list[str] = []
        for name in "abc":
            asyncio.get_running_loop().call_at(1.0, seen.append, name)
        await asyncio.sleep(2)
        return "".join(seen)

    assert run(main, 1) == [1.0, 2.0, 2.0, 3.0]
    assert len({run(ties, seed) for seed in range(40)}) == 6


def test_a_cancelled_callback_does_not_run():
    async def main(loop: VirtualLoop) -> float:
        loop.call_later(10, pytest.fail).cancel()
        loop.call_soon(pytest.fail).cancel()
        async with asyncio.timeout(100):
            await asyncio.sleep(1)
        await asyncio.sleep(1)
        return loop.time()

    assert run(main, 1) == 2.0


def test_every_timer_lies_ahead():
    async def main(loop: VirtualLoop) -> float:
        fired = loop.create_future()
        loop.call_at(-5, fired.set_result, None)
        await fired
        return loop.time()

    assert run(main, 1) == 1e-6


def test_timeouts_queues_events_locks_and_groups_work_in_virtual_time():
    async def main(loop: VirtualLoop) -> float:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        lock = asyncio.Lock()

        async def produce() -> None:
            for number in range(5):
                async with lock:
                    await asyncio.sleep(1)
                await queue.put(number)

        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            assert [await queue.get() for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await asyncio.Event().wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 2)
        done, pending = await asyncio.wait(
            [asyncio.create_task(asyncio.sleep(delay)) for delay in (1, 9)], return_when=asyncio.FIRST_COMPLETED
        )
        assert (len(done), len(pending)) == (1, 1)
        return loop.time()

    assert run(main, 3) == pytest.approx(11)


def test_cancellation_runs_finally_blocks_that_wait():
    async def main(loop: VirtualLoop) -> float:
        async def patient() -> None:
            try:
                await asyncio.sleep(100)
            finally:
                await asyncio.sleep(5)

        task = asyncio.create_task(patient())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return loop.time()

    assert run(main, 1) == 6.0


def test_anyios_task_groups_and_cancel_scopes_work():
    async def main(loop: VirtualLoop) -> float:
        with anyio.move_on_after(2) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep, 1)
                group.start_soon(anyio.sleep, 50)
        assert scope.cancelled_caught
        return loop.time()

    assert [run(main, seed) for seed in range(5)] == [2.0] * 5


def test_the_end_of_a_run_cancels_what_is_left_even_of_a_paused_process():
    ended: list[str] = []

    async def forever(name: str) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(name)

    async def main(loop: VirtualLoop) -> str:
        tasks = [
            loop.create_task(forever("plain")),
            loop.create_task(forever("paused"), context=loop.tagged("daemon")),
        ]
        await asyncio.sleep(1)
        loop.pause("daemon")
        return f"{len(tasks)} left"

    assert run(main, 1) == "2 left"
    assert sorted(ended) == ["paused", "plain"]


def test_the_end_of_a_run_closes_async_generators():
    closed: list[int] = []

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(1)
            closed.append(1)

    async def main(_loop: VirtualLoop) -> object:
        generator = numbers()
        await anext(generator)
        return generator

    run(main, 1)
    assert closed == [1]


def test_a_failing_callback_is_reported_and_the_loop_goes_on():
    async def main(loop: VirtualLoop) -> list[BaseException]:
        failures: list[BaseException] = []
        loop.set_exception_handler(lambda _loop, context: failures.append(context["exception"]))
        loop.call_soon(int, "no number")
        await asyncio.sleep(1)
        return failures

    [failure] = run(main, 1)
    assert isinstance(failure, ValueError)


def test_the_result_and_the_exception_of_main_come_out():
    async def fail(_loop: VirtualLoop) -> None:
        raise KeyError("order")

    with pytest.raises(KeyError, match="order"):
        run(fail, 1)


def test_a_clock_follows_the_loop_and_may_be_skewed():
    async def main(loop: VirtualLoop) -> None:
        true, fast = VirtualClock(loop), VirtualClock(loop, skew=timedelta(seconds=30))
        await asyncio.sleep(90)
        assert true.now() == EPOCH + timedelta(seconds=90)
        assert fast.now() - true.now() == timedelta(seconds=30)

    run(main, 1)
