"""P12: the same seed gives the same run, and a run that cannot go on says so."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from datetime import timedelta

import anyio
import pytest
from aiolimiter import AsyncLimiter

from entrepot.simulation import (
    EPOCH,
    Deadlock,
    Livelock,
    SeededIds,
    ThreadsBanned,
    VirtualClock,
    VirtualLoop,
    run,
    stream,
)


async def order_of_five(_loop: VirtualLoop) -> list[int]:
    seen: list[int] = []

    async def note(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(note(number))
    return seen


async def cancel_many(_loop: VirtualLoop) -> list[int]:
    """A failing task makes the group cancel the others, in the order of a set of tasks."""
    cancelled: list[int] = []

    async def wait_for_cancellation(number: int) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError

    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(wait_for_cancellation(number))
            group.create_task(fail())
    return cancelled


async def busy_world(loop: VirtualLoop) -> str:
    """Prints as a trace what sets and scheduling decide."""
    trace = [await order_of_five(loop), await cancel_many(loop)]
    tasks = {asyncio.create_task(asyncio.sleep(0.001 * number, number)) for number in range(20)}
    done, _ = await asyncio.wait(tasks)
    trace.append([task.result() for task in done])
    futures = [loop.create_future() for _ in range(20)]
    for number, future in enumerate(futures):
        future.set_result(number)
    trace.append([future.result() for future in (await asyncio.wait(futures))[0]])
    return f"{trace} {loop.fingerprint()}"


def test_a_long_wait_takes_no_real_time_and_exactly_its_virtual_time():
    async def main(loop: VirtualLoop) -> float:
        await asyncio.sleep(86_400)
        return loop.time()

    assert run(main, 1) == 86_400.0


def test_time_begins_at_zero():
    async def main(loop: VirtualLoop) -> float:
        return loop.time()

    assert run(main, 1) == 0.0


def test_the_seed_decides_the_order_of_what_is_ready():
    orders = {tuple(run(order_of_five, seed)) for seed in range(40)}
    assert len(orders) > 20
    assert all(run(order_of_five, seed) == run(order_of_five, seed) for seed in range(5))


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


def test_a_cancelled_timer_does_not_move_time():
    async def main(loop: VirtualLoop) -> None:
        loop.call_later(10, pytest.fail).cancel()
        await loop.create_future()

    with pytest.raises(Deadlock, match=r"Nothing can run at 0\.0 s"):
        run(main, 1)


def test_every_timer_lies_ahead():
    async def main(loop: VirtualLoop) -> float:
        fired = loop.create_future()
        loop.call_at(-5, fired.set_result, None)
        await fired
        return loop.time()

    assert run(main, 1) == 1e-6


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

    with pytest.raises(Deadlock, match=r"(?s)stock pusher waits at .*worker \(test_loop.py:\d+\) > Event.wait"):
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
    async def main(_loop: VirtualLoop) -> None:
        for _ in range(12_000):
            await asyncio.sleep(0.001)

    run(main, 1)


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


def test_garbage_is_collected_at_the_same_callbacks_whatever_the_process_allocated():
    """A lost async generator is closed by a task of its own, so the moment of its collection changes the run."""

    async def main(loop: VirtualLoop) -> str:
        async def numbers():
            try:
                yield 1
            finally:
                await asyncio.sleep(0)

        async def lose() -> None:
            generator = numbers()
            cycle: list[object] = [generator]
            cycle.append(cycle)
            await anext(generator)

        for _ in range(50):
            await lose()
            await asyncio.sleep(1)
        return loop.fingerprint()

    before = gc.get_threshold()
    try:
        gc.set_threshold(1, 1, 1)
        eager = run(main, 1)
    finally:
        gc.set_threshold(*before)
    assert eager == run(main, 1)
    assert gc.isenabled()


def test_the_same_seed_gives_the_same_trace_in_every_process_and_under_every_hash_seed():
    here = run(busy_world, 7)
    traces = {_in_another_process(hash_seed) for hash_seed in ("1", "2")}
    assert traces == {here}
    assert run(busy_world, 8) != here


def _in_another_process(hash_seed: str) -> str:
    """Junk first, so that memory addresses differ too."""
    program = (
        f"import runpy; junk = [object() for _ in range({hash_seed}000)]; "
        f"names = runpy.run_path({__file__!r}); print(names['run'](names['busy_world'], 7))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    finished = subprocess.run(  # noqa: S603 - this interpreter, a program made here
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def test_a_clock_follows_the_loop_and_may_be_skewed():
    async def main(loop: VirtualLoop) -> None:
        true, fast = VirtualClock(loop), VirtualClock(loop, skew=timedelta(seconds=30))
        await asyncio.sleep(90)
        assert true.now() == EPOCH + timedelta(seconds=90)
        assert fast.now() - true.now() == timedelta(seconds=30)

    run(main, 1)


def test_ids_and_streams_of_chance_follow_the_seed():
    ids = SeededIds(stream(1, "ids"))
    made = [ids.new() for _ in range(3)]
    again = SeededIds(stream(1, "ids"))
    assert made == [again.new() for _ in range(3)]
    assert len({*made, SeededIds(stream(1, "others")).new(), SeededIds(stream(2, "ids")).new()}) == 5
    assert all(len(name) == 32 for name in made)
