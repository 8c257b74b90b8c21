"""Servers made of bytes: what a real HTTP/1.1 client meets on the wire, in virtual time and without a socket."""

import asyncio
import ssl

import httpcore
import httpx
from attrs import define, field, frozen

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used, and dear to make: there is nothing to encrypt."""

REFUSED = "the connection is refused"
LOST = "the connection is lost after the request was sent"
CUT = "the connection is lost in the middle of the body"
SILENT = "no answer comes"
TRICKLING = "the answer comes byte by byte, for hours"
LATE = "the answer comes after 20 s"
AT_ONCE = "the answer comes at once"


@frozen
class Answer:
    """`moment` says when and how it arrives, if it does."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    moment: str = AT_ONCE

    def wire(self):
        head = f"HTTP/1.1 {self.status} X\r\ncontent-type: {self.content_type}\r\n"
        if self.status == 302:
            head += "location: https://elsewhere.example/\r\n"
        return f"{head}content-length: {len(self.body)}\r\n\r\n".encode() + self.body


@define
class Connection(httpcore.AsyncNetworkStream):
    """Answers each request with what `take(host)` gives for it."""

    host: str
    take: object
    unread: list = field(factory=list)
    answer: Answer | None = None

    async def write(self, buffer, timeout=None):  # noqa: ASYNC109 - httpcore's signature
        if b" HTTP/1.1\r\n" in buffer:
            self.answer = self.take(self.host)
            self.unread = self._pieces(self.answer)

    async def read(self, max_bytes, timeout=None):  # noqa: ASYNC109 - as above
        if self.answer is not None and self.answer.moment == SILENT:
            await asyncio.sleep(timeout)
            raise httpcore.ReadTimeout
        if self.answer is not None and self.answer.moment == TRICKLING:
            await asyncio.sleep(10)
        return self.unread.pop(0) if self.unread else b""

    def _pieces(self, answer):
        sent = answer.wire()
        if answer.moment == LOST:
            return []
        if answer.moment == CUT:
            return [sent[: -len(answer.body) // 2]]
        if answer.moment == TRICKLING:
            return [bytes([byte]) for byte in sent]
        return [sent[at : at + 65536] for at in range(0, len(sent), 65536)]

    async def aclose(self):
        self.unread = []

    async def start_tls(self, ssl_context, server_hostname=None, timeout=None):  # noqa: ASYNC109 - as above
        return self

    def get_extra_info(self, info):
        return None


@frozen
class Network(httpcore.AsyncNetworkBackend):
    """`refuses(host)` says whether a connection is refused now."""

    take: object
    refuses: object

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):  # noqa: ASYNC109 - as above
        if self.refuses(host):
            raise httpcore.ConnectError("refused")
        return Connection(host, self.take)

    async def sleep(self, seconds):
        await asyncio.sleep(seconds)


def transport(take, refuses):
    """httpx's own transport, over this network: its parser, its pool and its errors are the real ones."""
    made = httpx.AsyncHTTPTransport(verify=NO_TLS, trust_env=False)
    made._pool = httpcore.AsyncConnectionPool(ssl_context=NO_TLS, network_backend=Network(take, refuses))
    return made
