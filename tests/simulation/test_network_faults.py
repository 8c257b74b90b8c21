"""Faults of the simulated network: what the client gets, when, and what the server did."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from entrepot.simulation import (
    NetworkFault,
    PoisonedTransport,
    Process,
    RequestLine,
    SeededFaults,
    Server,
    SimTransport,
    VirtualClock,
    VirtualLoop,
    run,
    stream,
)
from tests.simulation.shop_on_a_network import Shop, World

FAULTS = [
    # fault, what the client gets, after how many seconds, effects when it gets it, effects in the end
    (NetworkFault.POOL_TIMEOUT, httpx.PoolTimeout, 4.0, 0, 0),
    (NetworkFault.CONNECT_REFUSED, httpx.ConnectError, 0.0, 0, 0),
    (NetworkFault.CONNECT_TIMEOUT, httpx.ConnectTimeout, 2.0, 0, 0),
    (NetworkFault.WRITE_TIMEOUT, httpx.WriteTimeout, 3.0, 0, 0),
    (NetworkFault.RESET_BEFORE_EFFECT, httpx.ReadError, 0.2, 0, 0),
    (NetworkFault.LOST_BEFORE_EFFECT, httpx.ReadTimeout, 5.1, 0, 0),
    (NetworkFault.HTML_503, 503, 0.2, 0, 0),
    (NetworkFault.LATE_EFFECT, httpx.ReadTimeout, 5.1, 0, 1),
    (NetworkFault.SLOW_ANSWER, httpx.ReadTimeout, 5.1, 1, 1),
    (NetworkFault.HTML_504, 504, 0.3, 1, 1),
    (NetworkFault.DROPPED_AFTER_EFFECT, httpx.RemoteProtocolError, 0.3, 1, 1),
    (NetworkFault.LOST_AFTER_EFFECT, httpx.ReadTimeout, 5.1, 1, 1),
    (NetworkFault.HALF_BODY, httpx.RemoteProtocolError, 0.3, 1, 1),
]


@pytest.mark.parametrize(("fault", "outcome", "seconds", "early", "late"), FAULTS, ids=str)
def test_each_fault_gives_its_exception_its_delay_its_effect_and_its_count(fault, outcome, seconds, early, late):
    async def main(loop: VirtualLoop) -> None:
        world = World(loop, fault)
        request = world.client.put("/set/blue", content=b"x" * 100)
        if isinstance(outcome, int):
            answer = await request
            assert (answer.status_code, answer.headers["content-type"]) == (outcome, "text/html")
        else:
            with pytest.raises(outcome) as raised:
                await request
            assert type(raised.value) is outcome
        assert loop.time() == pytest.approx(seconds, abs=0.001)
        assert len(world.shop.effects) == early
        await asyncio.sleep(100)
        assert len(world.shop.effects) == late
        assert world.network.injected == Counter({fault: 1})
        assert (await world.client.put("/set/next")).status_code == 200

    run(main, 1)


def test_every_fault_has_a_row_above():
    assert [row[0] for row in FAULTS] == list(NetworkFault)


def test_half_a_body_is_half_a_body():
    async def main(loop: VirtualLoop) -> bytes:
        world = World(loop, NetworkFault.HALF_BODY)
        received = b""
        async with world.client.stream("PUT", "/set/blue") as answer:
            with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - the pieces before it count
                async for piece in answer.aiter_raw():
                    received += piece
        return received

    assert run(main, 1) == b'{"body":"",'  # of {"body":"","query":{}}


def test_a_slow_answer_reaches_a_patient_client():
    async def main(loop: VirtualLoop) -> float:
        world = World(loop, NetworkFault.SLOW_ANSWER)
        await world.client.put("/set/blue", timeout=60)
        return loop.time()

    assert run(main, 1) == pytest.approx(10.3)


def test_seeded_faults_come_with_their_probabilities_where_they_are_wanted():
    chances = {NetworkFault.HTML_503: 0.2, NetworkFault.HALF_BODY: 0.1}
    plan = SeededFaults(stream(1, "faults"), chances, lambda line: line.method == "PUT")

    def draw(method: str) -> Counter[NetworkFault | None]:
        return Counter(plan.next_fault(RequestLine(method, "shop.example", "/", number)) for number in range(5000))

    drawn = draw("PUT")
    assert 900 < drawn[NetworkFault.HTML_503] < 1100
    assert 420 < drawn[NetworkFault.HALF_BODY] < 580
    assert set(drawn) == {None, *chances}
    assert set(draw("GET")) == {None}


def test_a_plan_sees_method_host_path_and_number():
    class Recorder:
        def __init__(self) -> None:
            self.lines: list[RequestLine] = []

        def next_fault(self, request: RequestLine) -> None:
            self.lines.append(request)

    async def main(loop: VirtualLoop) -> list[RequestLine]:
        plan = Recorder()
        network = SimTransport(
            {"shop.example": Server(Shop().app, VirtualClock(loop))}, stream(1, "network"), faults=plan
        )
        async with httpx.AsyncClient(transport=network) as client:
            await client.get("https://shop.example/zip?a=1")
            await client.put("https://shop.example/set/blue")
        return plan.lines

    assert run(main, 1) == [
        RequestLine("GET", "shop.example", "/zip", 1),
        RequestLine("PUT", "shop.example", "/set/blue", 2),
    ]


async def noisy(loop: VirtualLoop, seed: int, crash_at: Callable[[], float]) -> tuple[str, int]:
    """A daemon under faults that crashes and comes back."""
    world = World(loop, latency=(0.01, 0.3))
    chances = dict.fromkeys(NetworkFault, 0.05)
    servers = {"shop.example": Server(world.shop.app, VirtualClock(loop))}
    network = SimTransport(servers, stream(seed, "network"), faults=SeededFaults(stream(seed, "faults"), chances))
    for life in range(4):
        process = Process(loop, f"daemon {life}")

        async def push(number: int, transport: httpx.AsyncBaseTransport) -> None:
            async with httpx.AsyncClient(transport=transport, timeout=5) as client:
                with suppress(httpx.TransportError):
                    await client.put(f"https://shop.example/set/{number}")

        async def daemon(process: Process = process) -> None:
            async with asyncio.TaskGroup() as group:
                for number in range(30):
                    group.create_task(push(number, PoisonedTransport(network, process.poison)))

        process.start(daemon)
        await asyncio.sleep(crash_at())
        process.crash()
    await asyncio.sleep(100)
    return f"{loop.fingerprint()} {world.shop.effects} {network.injected}", len(network.injected)


def test_a_world_with_faults_and_crashes_is_repeatable():
    def once(seed: int) -> tuple[str, int]:
        crashes = stream(seed, "crashes")
        return run(lambda loop: noisy(loop, seed, lambda: crashes.uniform(0.2, 6)), seed)

    for seed in range(3):
        trace, kinds = once(seed)
        assert once(seed) == (trace, kinds)
        assert kinds > 8
