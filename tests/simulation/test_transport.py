"""The simulated network behaves like a real one, in virtual time."""

import asyncio
import itertools
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware

from entrepot.simulation import EPOCH, Server, SimTransport, ThreadsBanned, VirtualClock, VirtualLoop, run, stream
from tests.simulation.shop_on_a_network import LATENCY, READ, Shop, World


def test_request_and_answer_arrive_whole():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        answer = await world.client.put("/set/blue", params={"a": "1 2"}, content=b"hello")
        assert answer.json() == {"body": "hello", "query": {"a": "1 2"}}
        assert answer.headers["content-type"] == "application/json"
        assert (await world.client.get("/zip")).content == b"x" * 1000
        head = await world.client.head("/set/blue")
        assert head.content == b""
        assert (await world.client.get("/nowhere")).status_code == 404

    run(main, 1)


def test_a_streamed_request_body_arrives():
    async def chunks():
        yield b"one "
        await asyncio.sleep(1)
        yield b"two"

    async def main(loop: VirtualLoop) -> None:
        answer = await World(loop).client.put("/set/blue", content=chunks())
        assert answer.json()["body"] == "one two"

    run(main, 1)


def test_latency_is_drawn_for_the_connection_and_each_way():
    async def main(loop: VirtualLoop) -> float:
        await World(loop).client.put("/set/blue")
        return loop.time()

    async def jitter(loop: VirtualLoop) -> list[float]:
        world = World(loop, latency=(0.01, 0.3))
        moments = [loop.time()]
        for _ in range(5):
            await world.client.put("/set/blue")
            moments.append(loop.time())
        return [later - earlier for earlier, later in itertools.pairwise(moments)]

    assert run(main, 1) == pytest.approx(0.3)
    trips = run(jitter, 1)
    assert len(set(trips)) == 5
    assert all(0.03 <= trip <= 0.9 for trip in trips)


def test_hosts_are_told_apart_and_an_unknown_one_cannot_be_reached():
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        one, two = Shop(), Shop()
        network = SimTransport(
            {"one.example": Server(one.app, clock), "two.example": Server(two.app, clock)}, stream(1, "network")
        )
        async with httpx.AsyncClient(transport=network) as client:
            await client.put("https://two.example/set/blue")
            assert (one.effects, two.effects) == ([], ["blue"])
            with pytest.raises(httpx.ConnectError, match=r"one\.example, two\.example"):
                await client.get("https://three.example/")

    run(main, 1)


def test_the_date_header_shows_the_servers_clock_unless_the_application_set_one():
    async def dated(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Date", b"its own")]})
        await send({"type": "http.response.body", "body": b""})

    async def main(loop: VirtualLoop) -> None:
        ahead = VirtualClock(loop, skew=timedelta(seconds=90))
        servers = {"skewed.example": Server(Shop().app, ahead), "dated.example": Server(dated, ahead)}
        network = SimTransport(servers, stream(1, "network"), latency=LATENCY)
        async with httpx.AsyncClient(transport=network) as client:
            await asyncio.sleep(10)
            answer = await client.get("https://skewed.example/zip")
            assert parsedate_to_datetime(answer.headers["date"]) == EPOCH + timedelta(seconds=100)
            answer = await client.get("https://dated.example/")
            assert answer.headers.get_list("date") == ["its own"]

    run(main, 1)


def test_bodies_are_streamed_and_the_server_waits_for_a_slow_reader():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        async with world.client.stream("GET", "/stream") as answer:
            lines = answer.aiter_lines()
            assert await anext(lines) == "0000"
            assert loop.time() < 2
            await asyncio.sleep(90)
            assert world.shop.sent_pieces < 15
            rest = [line async for line in lines]
        assert len(rest) == 99

    run(main, 1)


def test_timeouts_are_in_virtual_time():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        with pytest.raises(httpx.ReadTimeout):
            await world.client.get("/slow")
        assert loop.time() == pytest.approx(0.1 + READ)
        far = World(loop, latency=(3.0, 3.0))
        with pytest.raises(httpx.ConnectTimeout):
            await far.client.get("/slow")
        answer = await world.client.get("/slow", timeout=None)
        assert answer.text == "done"

    run(main, 1)


def test_a_stalled_stream_is_a_read_timeout():
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        async with world.client.stream("GET", "/stream", timeout=0.5) as answer:
            with pytest.raises(httpx.ReadTimeout):
                await answer.aread()

    run(main, 1)


def test_middleware_with_task_groups_works():
    class Header(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            response = await call_next(request)
            response.headers["x-seen"] = "yes"
            return response

    async def main(loop: VirtualLoop) -> None:
        app = Starlette(routes=Shop().app.routes, middleware=[Middleware(Header)])
        network = SimTransport({"shop.example": Server(app, VirtualClock(loop))}, stream(1, "network"))
        async with httpx.AsyncClient(transport=network) as client:
            answer = await client.get("https://shop.example/stream")
            assert answer.headers["x-seen"] == "yes"
            assert len(answer.text) == 500

    for seed in range(5):
        run(main, seed)


def test_a_synchronous_endpoint_is_refused_and_the_rule_is_named():
    async def main(loop: VirtualLoop) -> None:
        await World(loop).client.get("/sync", timeout=None)

    with pytest.raises(ThreadsBanned, match="`async def`"):
        run(main, 1)


def test_a_bug_of_the_application_is_a_500_and_is_kept():
    async def main(loop: VirtualLoop) -> list[Exception]:
        world = World(loop)
        assert (await world.client.get("/boom")).status_code == 500
        with pytest.raises(httpx.RemoteProtocolError):
            await world.client.get("/half-boom")
        return world.network.app_errors

    assert [str(error) for error in run(main, 1)] == ["a bug in the shop"] * 2


def test_a_bug_of_a_bare_application_is_a_500_too():
    async def app(_scope, _receive, _send):
        raise ValueError("a bug in the shop")

    async def main(loop: VirtualLoop) -> None:
        network = SimTransport({"shop.example": Server(app, VirtualClock(loop))}, stream(1, "network"))
        async with httpx.AsyncClient(transport=network) as client:
            assert (await client.get("https://shop.example/")).status_code == 500
        assert len(network.app_errors) == 1

    run(main, 1)
