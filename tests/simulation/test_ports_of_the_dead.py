"""The ports of a process that died raise: no `finally` block of it changes anything any more (P10)."""

import asyncio
import sqlite3

import httpx
import pytest

from entrepot.simulation import (
    Crashed,
    PoisonedClock,
    PoisonedRng,
    PoisonedTransport,
    Process,
    SimExecutor,
    VirtualClock,
    VirtualLoop,
    run,
    stream,
)
from tests.simulation.test_crash import SEEDS


def test_no_finally_block_of_a_crashed_process_writes():
    """Dropping tasks runs their `finally` blocks: the ports must be dead first."""

    async def main(loop: VirtualLoop, seed: int) -> tuple[list[str], list[str]]:
        written: list[str] = []
        unwound: list[str] = []
        process = Process(loop, "daemon")
        store = SimExecutor(stream(seed, "executor"), process.poison)

        async def hold_lease(name: str) -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                unwound.append(name)
                await store.run(lambda: written.append(f"{name} released"))

        async def daemon() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for name in ("orders", "stock"):
                        group.create_task(hold_lease(name))
            finally:
                await store.run(lambda: written.append("goodbye"))

        process.start(daemon)
        await asyncio.sleep(10)
        process.crash()
        await asyncio.sleep(7200)
        return written, sorted(unwound)

    for seed in SEEDS:
        assert run(lambda loop, seed=seed: main(loop, seed), seed) == ([], ["orders", "stock"])


def test_without_the_poison_the_same_finally_blocks_would_write():
    """Keeps the test above honest: what is dropped by the loop alone does get to its first effect."""

    async def main(loop: VirtualLoop) -> list[str]:
        written: list[str] = []

        async def hold_lease() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                written.append("released")

        Process(loop, "daemon").start(hold_lease)
        await asyncio.sleep(10)
        loop.kill("daemon")
        await asyncio.sleep(1)
        return written

    assert run(main, 1) == ["released"]


def test_every_port_of_a_dead_process_raises():
    async def main(loop: VirtualLoop) -> None:
        process = Process(loop, "daemon")
        served: list[str] = []

        def serve(request: httpx.Request) -> httpx.Response:
            served.append(request.url.path)
            return httpx.Response(200)

        clock = PoisonedClock(VirtualClock(loop), process.poison)
        rng = PoisonedRng(stream(1, "daemon"), process.poison)
        transport = PoisonedTransport(httpx.MockTransport(serve), process.poison)
        async with httpx.AsyncClient(transport=transport) as client:
            uses = (
                clock.now,
                rng.random,
                lambda: rng.uniform(0, 1),
                lambda: rng.randint(0, 1),
                lambda: rng.choice("ab"),
            )
            for use in uses:
                use()
            await client.get("http://shop/before")
            process.crash()
            for use in uses:
                with pytest.raises(Crashed):
                    use()
            with pytest.raises(Crashed):
                await client.get("http://shop/after")
        assert served == ["/before"]

    run(main, 1)


def test_closing_the_database_at_a_crash_rolls_the_open_transaction_back(tmp_path):
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path, isolation_level=None)

    async def main(loop: VirtualLoop) -> None:
        process = Process(loop, "daemon")
        process.at_crash(connection.close)
        connection.execute("create table t (x)")
        store = SimExecutor(stream(1, "executor"), process.poison)

        def half_a_unit_of_work() -> None:
            connection.execute("begin immediate")
            connection.execute("insert into t values (1)")
            process.crash()
            raise Crashed("daemon")

        process.start(lambda: store.run(half_a_unit_of_work))
        await asyncio.sleep(10)

    run(main, 1)
    successor = sqlite3.connect(path, isolation_level=None, timeout=0)
    successor.execute("begin immediate")  # the dead one's lock is gone
    assert successor.execute("select count(*) from t").fetchone() == (0,)
    successor.close()
