"""A process that died changes nothing any more (P10); a paused one wakes up and finds the world changed."""

import asyncio
import contextlib

import pytest

from entrepot.simulation import Crashed, Deadlock, Process, SimExecutor, VirtualLoop, run, stream

SEEDS = range(20)


def test_a_crash_takes_effect_at_its_instant_and_only_on_that_process():
    async def main(loop: VirtualLoop) -> dict[str, float]:
        last: dict[str, float] = {}

        async def beat(name: str) -> None:
            while True:
                await asyncio.sleep(1)
                last[name] = loop.time()

        processes = [Process(loop, name) for name in ("dies", "lives")]
        for process in processes:
            process.start(lambda name=process.name: beat(name))
        await asyncio.sleep(10.5)
        processes[0].crash()
        await asyncio.sleep(10)
        return last

    assert run(main, 1) == {"dies": 10.0, "lives": 20.0}


def test_a_task_that_refuses_cancellation_dies_too_and_its_waiter_hears_of_it():
    async def main(loop: VirtualLoop) -> int:
        beats = 0

        async def stubborn() -> None:
            nonlocal beats
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(1)
                    beats += 1

        process = Process(loop, "daemon")
        task = process.start(stubborn)
        await asyncio.sleep(3.5)
        process.crash()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(10)
        return beats

    assert run(main, 1) == 3


def test_a_task_that_swallows_even_its_end_never_runs_again_and_is_named():
    async def main(loop: VirtualLoop) -> tuple[int, list[str]]:
        beats = 0
        failures: list[str] = []
        loop.set_exception_handler(lambda _loop, context: failures.append(str(context["exception"])))

        async def immortal() -> None:
            nonlocal beats
            for _ in range(200):  # `while True` would spin once the interpreter collects it
                try:
                    await asyncio.sleep(1)
                    beats += 1
                except BaseException:  # noqa: BLE001, S110 - the worst of loops
                    pass

        process = Process(loop, "daemon")
        process.start(immortal)
        await asyncio.sleep(3.5)
        process.crash()
        await asyncio.sleep(10)
        return beats, failures

    beats, [failure] = run(main, 1)
    assert beats == 3
    assert failure.startswith("daemon swallows GeneratorExit at ")


def test_awaits_in_nested_finally_blocks_do_not_keep_a_task_alive():
    async def main(loop: VirtualLoop) -> list[str]:
        seen: list[str] = []

        async def daemon() -> None:
            try:
                try:
                    await asyncio.sleep(3600)
                finally:
                    seen.append("inner")
                    await asyncio.sleep(1)
                    seen.append("inner went on")
            finally:
                seen.append("outer")
                await asyncio.sleep(1)
                seen.append("outer went on")

        process = Process(loop, "daemon")
        process.start(daemon)
        await asyncio.sleep(1)
        process.crash()
        await asyncio.sleep(10)
        return seen

    assert run(main, 1) == ["inner", "outer"]


def test_a_process_can_crash_itself_in_the_midst_of_its_work():
    async def main(loop: VirtualLoop) -> list[str]:
        seen: list[str] = []
        process = Process(loop, "daemon")

        async def daemon() -> None:
            try:
                await asyncio.sleep(1)
                process.crash()
                raise Crashed("daemon")
            finally:
                seen.append("unwinding")
                await asyncio.sleep(0)
                seen.append("alive after all")

        task = process.start(daemon)
        await asyncio.wait([task])
        await asyncio.sleep(10)
        return seen

    for seed in SEEDS:
        assert run(main, seed) == ["unwinding"]


def test_a_dead_process_starts_no_task():
    async def main(loop: VirtualLoop) -> list[str]:
        seen: list[str] = []
        process = Process(loop, "daemon")

        async def daemon() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                seen.append("unwinding")
                asyncio.get_running_loop().create_task(asyncio.sleep(0))
                seen.append("a task was made")

        process.start(daemon)
        await asyncio.sleep(1)
        process.crash()
        await asyncio.sleep(100)
        return seen

    assert run(main, 1) == ["unwinding"]


def test_the_timers_of_a_dead_process_do_not_move_time():
    async def main(loop: VirtualLoop) -> None:
        process = Process(loop, "daemon")

        async def daemon() -> None:
            loop.call_later(3600, pytest.fail)

        process.start(daemon)
        await asyncio.sleep(1)
        process.crash()
        await loop.create_future()

    with pytest.raises(Deadlock, match=r"Nothing can run at 1\.0 s"):
        run(main, 1)


def test_a_paused_process_sleeps_through_its_deadlines_and_goes_on_after():
    async def main(loop: VirtualLoop) -> tuple[list[float], float]:
        beats: list[float] = []
        process = Process(loop, "daemon")

        async def beat() -> None:
            while True:
                await asyncio.sleep(1)
                beats.append(loop.time())

        process.start(beat)
        await asyncio.sleep(2.5)
        process.pause()
        await asyncio.sleep(100)
        during = len(beats)
        process.resume()
        await asyncio.sleep(1.2)
        return beats[during - 1 :], during

    beats, during = run(main, 1)
    assert during == 2
    assert beats == [2.0, 102.5, 103.5]


def test_a_paused_process_may_be_killed():
    async def main(loop: VirtualLoop) -> bool:
        process = Process(loop, "daemon")
        task = process.start(lambda: asyncio.sleep(5))
        await asyncio.sleep(1)
        process.pause()
        await asyncio.sleep(10)
        process.crash()
        await asyncio.wait([task])
        return task.cancelled()

    assert run(main, 1)


def test_crashes_at_every_moment_leave_the_run_repeatable():
    async def main(loop: VirtualLoop) -> str:
        rng = stream(5, "crashes")
        for life in range(20):
            process = Process(loop, f"daemon {life}")
            store = SimExecutor(stream(life, "executor"), process.poison)

            async def daemon(store: SimExecutor = store) -> None:
                async with asyncio.TaskGroup() as group:
                    for _ in range(5):
                        group.create_task(store.run(lambda: None))

            process.start(daemon)
            await asyncio.sleep(rng.uniform(0, 0.02))
            process.crash()
        return loop.fingerprint()

    assert run(main, 1) == run(main, 1)
