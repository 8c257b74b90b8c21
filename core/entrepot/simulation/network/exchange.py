"""One request and its answer on the wire: the client holds one end, the server's task the other."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
from attrs import frozen

Message = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]

IN_FLIGHT = 8
"""Pieces of a body on the way before the server waits, so that a stream is never held in memory whole."""


@frozen
class Head:
    """The beginning of an answer."""

    status: int
    headers: Headers


@frozen
class End:
    """The answer is complete."""


class Disconnected(ConnectionError):  # noqa: N818 - an event, not a mistake
    """Raised by an application that means to end the connection in the middle of its answer."""


class Exchange:
    """Carries the request to the application and the pieces of its answer back.

    `read_timeout` is the client's, in seconds between two pieces. After `hang_up` the server goes on undisturbed, and
    what it sends is lost.
    """

    def __init__(self, request: httpx.Request, body: bytes, read_timeout: float | None) -> None:
        self.request = request
        self.read_timeout = read_timeout
        self._body = body
        self._asked = False
        self._hung_up = asyncio.Event()
        self._pieces: asyncio.Queue[Head | bytes | End | httpx.TransportError] = asyncio.Queue(IN_FLIGHT)

    # The server's end

    def scope(self) -> dict[str, Any]:
        """ASGI's description of the request. 2.4 says that a lost client is noticed at `send`, not by a second task."""
        url = self.request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": self.request.method,
            "headers": [(name.lower(), value) for name, value in self.request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 1),
        }

    async def receive(self) -> Message:
        if self._asked:
            await self._hung_up.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def put(self, piece: Head | bytes | End | httpx.TransportError) -> None:
        if not self._hung_up.is_set():
            await self._pieces.put(piece)

    # The client's end

    async def head(self) -> Head:
        piece = await self._next()
        if not isinstance(piece, Head):
            message = f"The answer to {self.request.method} {self.request.url} has no beginning"
            raise httpx.RemoteProtocolError(message)
        return piece

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(piece := await self._next(), bytes):
            yield piece

    async def _next(self) -> Head | bytes | End:
        piece = await self._wait() if self._pieces.empty() else self._pieces.get_nowait()
        if isinstance(piece, httpx.TransportError):
            raise piece
        return piece

    async def _wait(self) -> Head | bytes | End | httpx.TransportError:
        try:
            async with asyncio.timeout(self.read_timeout):
                return await self._pieces.get()
        except TimeoutError:
            message = f"No answer within {self.read_timeout} s"
            raise httpx.ReadTimeout(message) from None

    def hang_up(self) -> None:
        self._hung_up.set()
        while not self._pieces.empty():
            self._pieces.get_nowait()  # a server that waits for room goes on


class Body(httpx.AsyncByteStream):
    """The rest of the answer, as the client reads it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._exchange.body():
            yield piece

    async def aclose(self) -> None:
        self._exchange.hang_up()
