"""A server never notices who gave up on it: its handlers run to their end."""

import asyncio

import httpx
import pytest

from entrepot.simulation import PoisonedTransport, Process, Server, SimTransport, VirtualClock, VirtualLoop, run, stream
from tests.simulation.shop_on_a_network import World


def test_neither_a_timeout_nor_a_cancellation_of_the_client_stops_the_handler():
    async def main(loop: VirtualLoop) -> list[str]:
        world = World(loop)
        with pytest.raises(httpx.ReadTimeout):
            await world.client.get("/slow")
        cancelled = asyncio.create_task(world.client.get("/slow"))
        await asyncio.sleep(1)
        cancelled.cancel()
        await asyncio.sleep(60)
        return world.shop.effects

    assert run(main, 1) == ["slow", "slow"]


def test_a_crash_of_the_clients_process_stops_no_handler():
    async def main(loop: VirtualLoop) -> list[str]:
        world = World(loop)
        process = Process(loop, "daemon")

        async def daemon() -> None:
            async with httpx.AsyncClient(transport=PoisonedTransport(world.network, process.poison)) as client:
                await client.get("https://shop.example/slow")

        process.start(daemon)
        await asyncio.sleep(1)
        process.crash()
        await asyncio.sleep(60)
        return world.shop.effects

    assert [run(main, seed) for seed in range(5)] == [["slow"]] * 5


def test_a_paused_client_does_not_pause_the_server():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        process = Process(loop, "daemon")
        process.start(lambda: world.client.get("/slow", timeout=None))
        await asyncio.sleep(1)
        process.pause()
        await asyncio.wait_for(world.shop.handled.wait(), 30)
        assert world.shop.effects == ["slow"]

    run(main, 1)


def test_a_stream_whose_reader_left_runs_to_its_end():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        async with world.client.stream("GET", "/stream") as answer:
            await anext(answer.aiter_lines())
            await asyncio.sleep(90)  # long enough for the server to wait for room
        await asyncio.wait_for(world.shop.handled.wait(), 200)
        assert world.shop.sent_pieces == 100

    run(main, 1)


def test_a_request_whose_client_gave_up_while_connecting_never_arrives():
    async def main(loop: VirtualLoop) -> list[str]:
        world = World(loop)
        task = asyncio.create_task(world.client.put("/set/blue"))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(60)
        return world.shop.effects

    assert run(main, 1) == []


def test_a_server_that_watches_for_the_clients_leaving_hears_of_it():
    async def main(loop: VirtualLoop) -> list[str]:
        heard: list[str] = []

        async def app(_scope, receive, _send):
            heard.extend([(await receive())["type"], (await receive())["type"]])

        network = SimTransport({"shop.example": Server(app, VirtualClock(loop))}, stream(1, "network"))
        async with httpx.AsyncClient(transport=network) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("https://shop.example/", timeout=3)
        await asyncio.sleep(1)
        return heard

    assert run(main, 1) == ["http.request", "http.disconnect"]
