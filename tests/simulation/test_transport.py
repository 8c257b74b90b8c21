"""The simulated network behaves like a real one, in virtual time, and a server never notices who gave up on it."""

import asyncio
import gzip
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from entrepot.simulation import (
    EPOCH,
    NetworkFault,
    PoisonedTransport,
    Process,
    RequestLine,
    ScriptedFaults,
    SeededFaults,
    Server,
    SimTransport,
    ThreadsBanned,
    VirtualClock,
    VirtualLoop,
    run,
    stream,
)

LATENCY = (0.1, 0.1)
READ = 5.0


class Shop:
    """A counter that requests raise, and answers of several kinds."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.sent_pieces = 0
        self.handled = asyncio.Event()
        routes = [
            Route("/set/{name}", self.set, methods=["PUT", "HEAD"]),
            Route("/slow", self.slow),
            Route("/stream", self.stream),
            Route("/zip", self.zip),
            Route("/boom", self.boom),
            Route("/half-boom", self.half_boom),
            Route("/sync", lambda _request: Response(), methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    async def set(self, request: Request) -> Response:
        self.effects.append(request.path_params["name"])
        return JSONResponse({"body": (await request.body()).decode(), "query": dict(request.query_params)})

    async def slow(self, _request: Request) -> Response:
        try:
            await asyncio.sleep(20)
            self.effects.append("slow")
        finally:
            self.handled.set()
        return PlainTextResponse("done")

    async def stream(self, _request: Request) -> Response:
        async def pieces():
            for number in range(100):
                yield f"{number:04}\n"
                self.sent_pieces += 1
                await asyncio.sleep(1)
            self.handled.set()

        return StreamingResponse(pieces())

    async def zip(self, _request: Request) -> Response:
        return Response(gzip.compress(b"x" * 1000, mtime=0), headers={"content-encoding": "gzip"})

    async def boom(self, _request: Request) -> Response:
        raise ValueError("a bug in the shop")

    async def half_boom(self, _request: Request) -> Response:
        async def pieces():
            yield "half"
            raise ValueError("a bug in the shop")

        return StreamingResponse(pieces())


class World:
    """One shop on one host, and a client."""

    def __init__(self, loop: VirtualLoop, *script: NetworkFault | None, latency: tuple[float, float] = LATENCY) -> None:
        self.loop = loop
        self.shop = Shop()
        servers = {"shop.example": Server(self.shop.app, VirtualClock(loop))}
        self.network = SimTransport(
            servers, stream(1, "network"), faults=ScriptedFaults(script), latency=latency, slowness=(10.0, 10.0)
        )
        timeout = httpx.Timeout(connect=2.0, read=READ, write=3.0, pool=4.0)
        self.client = httpx.AsyncClient(transport=self.network, base_url="https://shop.example", timeout=timeout)


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
