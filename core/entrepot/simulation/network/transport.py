"""A network in virtual time: several hosts, latency, timeouts and faults.

`httpx.ASGITransport` would not do: it ignores timeouts, buffers bodies, and cancels the server with the client.
Applications are ASGI 3; their lifespan is not run.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import Context
from email.utils import format_datetime
from typing import Any, Never

import httpx
from attrs import frozen

from entrepot.runtime import Clock, Rng
from entrepot.simulation.network.exchange import Body, Disconnected, End, Exchange, Head, Message
from entrepot.simulation.network.faults import FaultPlan, NetworkFault, NoFaults, RequestLine

App = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
Seconds = tuple[float, float]
"""Least and most."""

UNSENT: Mapping[NetworkFault, tuple[str, type[httpx.TransportError]]] = {
    NetworkFault.POOL_TIMEOUT: ("pool", httpx.PoolTimeout),
    NetworkFault.CONNECT_REFUSED: ("", httpx.ConnectError),
    NetworkFault.CONNECT_TIMEOUT: ("connect", httpx.ConnectTimeout),
    NetworkFault.WRITE_TIMEOUT: ("write", httpx.WriteTimeout),
}
"""Faults before the server has the request: the timeout that the client waits for first, and what it gets."""

GATEWAY_PAGE = b"<html><body><h1>The server is temporarily unable to service your request</h1></body></html>"


@frozen
class Server:
    """One host: an application, and the clock that its Date header shows."""

    app: App
    clock: Clock


class EveryHost(Mapping[str, Server]):
    """One server under every name: an account's simulator tells its hosts apart by itself."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getitem__(self, host: str) -> Server:
        return self._server

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


class SimTransport(httpx.AsyncBaseTransport):
    """All servers of a world, by host name. `injected` counts the faults that took place.

    `latency` is one way; `slowness` is how much longer a slow answer takes, or how long after the client's patience a
    late request arrives. What applications raise is kept in `app_errors` and answered with status 500: a world asserts
    that it is empty.
    """

    def __init__(
        self,
        servers: Mapping[str, Server],
        rng: Rng,
        *,
        faults: FaultPlan | None = None,
        latency: Seconds = (0.01, 0.3),
        slowness: Seconds = (1.0, 60.0),
    ) -> None:
        self._servers = servers
        self._rng = rng
        self._faults = faults or NoFaults()
        self._latency = latency
        self._slowness = slowness
        self._requests = 0
        self._running: set[asyncio.Task[None]] = set()
        self.injected: Counter[NetworkFault] = Counter()
        self.app_errors: list[Exception] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises the httpx exception that the fault, the timeouts or an unknown host call for."""
        timeouts = request.extensions.get("timeout", {})
        fault = self._next_fault(request)
        if fault is not None and fault in UNSENT:
            await self._fail_unsent(fault, timeouts)
        server = await self._connect(request, timeouts)
        exchange = Exchange(request, await request.aread(), timeouts.get("read"))
        self._serve_apart(server, exchange, fault)
        try:
            head = await exchange.head()
        except BaseException:
            exchange.hang_up()
            raise
        return httpx.Response(head.status, headers=head.headers, stream=Body(exchange))

    def _next_fault(self, request: httpx.Request) -> NetworkFault | None:
        self._requests += 1
        line = RequestLine(request.method, request.url.host, request.url.path, self._requests)
        return self._faults.next_fault(line)

    async def _connect(self, request: httpx.Request, timeouts: Mapping[str, float | None]) -> Server:
        patience, wait = timeouts.get("connect"), self.travel_time()
        if patience is not None and wait > patience:
            await asyncio.sleep(patience)
            message = f"No connection within {patience} s"
            raise httpx.ConnectTimeout(message)
        await asyncio.sleep(wait)
        server = self._servers.get(request.url.host)
        if server is None:
            message = f"No host {request.url.host!r} in this world; it has {', '.join(sorted(self._servers))}"
            raise httpx.ConnectError(message)
        return server

    async def _fail_unsent(self, fault: NetworkFault, timeouts: Mapping[str, float | None]) -> Never:
        awaited, error = UNSENT[fault]
        self.injected[fault] += 1
        if awaited:
            await _wait(timeouts.get(awaited))
        message = f"Injected: {fault}"
        raise error(message)

    def _serve_apart(self, server: Server, exchange: Exchange, fault: NetworkFault | None) -> None:
        """The server's task belongs to no process of a client: neither cancellation nor death reaches it."""
        serving = _Serving(self, server, exchange, fault)
        task = asyncio.get_running_loop().create_task(serving.run(), name="server", context=Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard, context=Context())

    def travel_time(self) -> float:
        return self._rng.uniform(*self._latency)

    def slow_time(self) -> float:
        return self._rng.uniform(*self._slowness)


class _Serving:
    """The server's side of one exchange, with the fault that was chosen for it."""

    def __init__(self, network: SimTransport, server: Server, exchange: Exchange, fault: NetworkFault | None) -> None:
        self._network = network
        self._server = server
        self._exchange = exchange
        self._fault = fault
        self._begun = False
        self._cut = False

    async def run(self) -> None:
        await asyncio.sleep(self._network.travel_time())
        if await self._arrives():
            try:
                await self._server.app(self._exchange.scope(), self._exchange.receive, self._send)
            except Disconnected:
                await self._break_off()
            except Exception as error:  # noqa: BLE001 - a server survives its handlers
                self._network.app_errors.append(error)
                await self._break_off()

    async def _arrives(self) -> bool:
        """Whether the application sees the request."""
        match self._fault:
            case NetworkFault.RESET_BEFORE_EFFECT:
                await self._inject(self._fault, httpx.ReadError("Injected: connection reset"))
            case NetworkFault.LOST_BEFORE_EFFECT:
                await self._inject(self._fault)
            case NetworkFault.HTML_503:
                await self._inject(self._fault, *_page(503))
            case NetworkFault.LATE_EFFECT:
                self._network.injected[NetworkFault.LATE_EFFECT] += 1
                await asyncio.sleep((self._exchange.read_timeout or 0) + self._network.slow_time())
        return not self._cut

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send_head(message)
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))

    async def _send_head(self, message: Message) -> None:
        self._begun = True
        await asyncio.sleep(self._network.travel_time())
        await self._fail_after_effect()
        headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", [])]
        if not any(name.lower() == b"date" for name, _ in headers):
            headers.append((b"date", format_datetime(self._server.clock.now(), usegmt=True).encode()))
        await self._put(Head(message["status"], headers))

    async def _fail_after_effect(self) -> None:
        match self._fault:
            case NetworkFault.SLOW_ANSWER:
                self._network.injected[NetworkFault.SLOW_ANSWER] += 1
                await asyncio.sleep(self._network.slow_time())
            case NetworkFault.HTML_504:
                await self._inject(self._fault, *_page(504))
            case NetworkFault.DROPPED_AFTER_EFFECT:
                error = httpx.RemoteProtocolError("Injected: server disconnected without sending a response")
                await self._inject(self._fault, error)
            case NetworkFault.LOST_AFTER_EFFECT:
                await self._inject(self._fault)

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        if self._fault is NetworkFault.HALF_BODY:
            error = httpx.RemoteProtocolError("Injected: peer closed connection without sending complete message body")
            await self._inject(self._fault, bytes(body[: len(body) // 2]), error)
        if body and self._exchange.request.method != "HEAD":
            await self._put(bytes(body))
        if not more:
            await self._put(End())

    async def _break_off(self) -> None:
        if self._begun:
            await self._put(httpx.RemoteProtocolError("The server failed in the midst of its answer"))
        else:
            await self._send_head({"status": 500, "headers": []})
            await self._send_body(b"Internal Server Error", more=False)

    async def _inject(self, fault: NetworkFault, *pieces: Head | bytes | End | httpx.TransportError) -> None:
        """Send `pieces` instead of all that would still come."""
        if self._cut:
            return
        self._network.injected[fault] += 1
        for piece in pieces:
            await self._put(piece)
        self._cut = True

    async def _put(self, piece: Head | bytes | End | httpx.TransportError) -> None:
        if not self._cut:
            await self._exchange.put(piece)


def _page(status: int) -> tuple[Head, bytes, End]:
    length = str(len(GATEWAY_PAGE)).encode()
    return Head(status, [(b"content-type", b"text/html"), (b"content-length", length)]), GATEWAY_PAGE, End()


async def _wait(seconds: float | None) -> None:
    """None is a client without this timeout: it waits for ever."""
    if seconds is None:
        await asyncio.get_running_loop().create_future()
    else:
        await asyncio.sleep(seconds)
