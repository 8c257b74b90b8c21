"""Amazon's answer comes to this machine: a server on the loopback address, for as long as one authorization lasts."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from attrs import define, field, frozen

from entrepot_amazon_sp.authorization import PAGE_HEADERS, Consent, ConsentError
from entrepot_amazon_sp.authorization.states import AGAIN, LIFETIME, StateError

HOST = "127.0.0.1"
LOOPBACK = frozenset({HOST, "localhost"})

REQUEST_TIME = 5.0
"""Seconds in which a browser sends its request; some open connections without one."""

LONGEST = 16 * 1024
"""Bytes of a request's head. Amazon's own are below one thousand."""

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'",
    "Connection": "close",
    **PAGE_HEADERS,
}

RECEIVED = "Amazon's answer has arrived. Go back to the terminal; this page can be closed."
REFUSED = "This is not the answer that is waited for. Go back to the terminal."
NOTHING_HERE = "There is nothing here."


@frozen
class Address:
    """Where the callback comes to. Another path, and any other method than GET, is answered with 404."""

    port: int
    path: str


def address_of(redirect_uri: str, port: int | None) -> Address | None:
    """Where to listen: at the redirect URI's own port where it is on this machine, else at `port`, or nowhere."""
    parts = urlsplit(redirect_uri)
    local = parts.port if parts.scheme == "http" and parts.hostname in LOOPBACK else None
    chosen = port or local
    return None if chosen is None else Address(chosen, parts.path or "/")


async def receive(address: Address, read: Callable[[str], Consent], listening: Callable[[], None]) -> Consent:
    """The first callback with the right state. `listening` is called once the port is open.

    Raises ConsentError where Amazon or the seller refuses, and after ten minutes; OSError where the port is taken.
    """
    waiting = _Waiting(address, read, asyncio.get_running_loop().create_future())
    server = await asyncio.start_server(waiting.serve, HOST, address.port, limit=LONGEST)
    async with server:
        listening()
        try:
            async with asyncio.timeout(LIFETIME.total_seconds()):
                return await waiting.consent
        except TimeoutError:
            raise ConsentError(f"No answer of Amazon's came within ten minutes. Next: {AGAIN}") from None


@define
class _Waiting:
    address: Address
    read: Callable[[str], Consent]
    consent: asyncio.Future[Consent] = field(repr=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Nothing of a request is logged or shown: it holds the code."""
        try:
            with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(REQUEST_TIME):
                    head = await reader.readuntil(b"\r\n\r\n")
                status, text = self._answer(head.partition(b"\r\n")[0].decode("ascii"))
                writer.write(_page(status, text))
                await writer.drain()
        finally:
            writer.close()

    def _answer(self, request_line: str) -> tuple[HTTPStatus, str]:
        method, _, rest = request_line.partition(" ")
        target = rest.rpartition(" ")[0]
        if method != "GET" or target.partition("?")[0] != self.address.path or self.consent.done():
            return HTTPStatus.NOT_FOUND, NOTHING_HERE
        try:
            consent = self.read(target)
        except StateError:  # somebody else's, or an older one: whoever is waited for may still come
            return HTTPStatus.BAD_REQUEST, REFUSED
        except ConsentError as refused:
            self.consent.set_exception(refused)
            return HTTPStatus.OK, RECEIVED
        self.consent.set_result(consent)
        return HTTPStatus.OK, RECEIVED


def _page(status: HTTPStatus, text: str) -> bytes:
    body = f'<!doctype html><html lang="en"><title>Entrepot</title><p>{text}</p></html>\n'.encode()
    headers = {**HEADERS, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
