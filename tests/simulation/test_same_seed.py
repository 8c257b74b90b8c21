"""P12: the same seed gives the same run, in every process."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys

from entrepot.simulation import SeededIds, VirtualLoop, run, stream


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


def test_the_seed_decides_the_order_of_what_is_ready():
    orders = {tuple(run(order_of_five, seed)) for seed in range(40)}
    assert len(orders) > 20
    assert all(run(order_of_five, seed) == run(order_of_five, seed) for seed in range(5))


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


def test_ids_and_streams_of_chance_follow_the_seed():
    ids = SeededIds(stream(1, "ids"))
    made = [ids.new() for _ in range(3)]
    again = SeededIds(stream(1, "ids"))
    assert made == [again.new() for _ in range(3)]
    assert len({*made, SeededIds(stream(1, "others")).new(), SeededIds(stream(2, "ids")).new()}) == 5
    assert all(len(name) == 32 for name in made)
