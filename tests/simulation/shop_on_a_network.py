"""A shop of a few routes behind the simulated network, and a client."""

import asyncio
import gzip

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from entrepot.simulation import NetworkFault, ScriptedFaults, Server, SimTransport, VirtualClock, VirtualLoop, stream

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
