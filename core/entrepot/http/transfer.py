"""Bodies of any size, streamed to and from addresses that prove by themselves who asks (presigned URLs)."""

import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import cast

import httpx
from attrs import frozen

from entrepot.channel import Headers
from entrepot.errors import RejectedError, TransientError
from entrepot.http.client import TIMEOUTS, Transport, describe
from entrepot.model import AccountId

LONGEST_REFUSAL = 65_536
"""Bytes of a refusal that are read."""


@frozen
class Arrival:
    """An answer that is still coming. `headers` are found in any case.

    `chunks` are the bytes as they were sent, not unpacked. It raises TransientError where fewer or more come than the
    server said, where it said neither a length nor an end, and where it falls silent.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncGenerator[bytes, None]

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    async def refusal(self) -> str:
        """The words of a server that refuses, as far as they come."""
        read = b""
        with suppress(TransientError):
            async with aclosing(self.chunks) as chunks:
                async for chunk in chunks:
                    read += chunk
                    if len(read) >= LONGEST_REFUSAL:
                        break
        return read[:LONGEST_REFUSAL].decode("utf-8", "replace")


class Transfer:
    """Requests to those hosts that `hosts` matches, by https. `transport` None is the real network.

    No header of an account goes along, no redirect is followed, and an error names the host alone: the rest of the
    address is a secret.
    """

    def __init__(self, transport: Transport | None, account: AccountId, hosts: re.Pattern[str]) -> None:
        self._transport = transport or httpx.AsyncHTTPTransport(trust_env=False)
        self._account = account
        self._hosts = hosts
        self._closed = False

    @asynccontextmanager
    async def get(self, url: str, headers: Headers) -> AsyncIterator[Arrival]:
        """Raises RejectedError for a host that is not allowed, TransientError where no answer comes."""
        async with self._sent(self._request("GET", url, {**headers, "accept-encoding": "identity"})) as arrival:
            yield arrival

    @asynccontextmanager
    async def put(
        self, url: str, content: AsyncIterable[bytes], *, length: int, content_type: str
    ) -> AsyncIterator[Arrival]:
        """Sends `length` bytes. Raises what `get` raises; then the content may have arrived."""
        headers = {"content-type": content_type, "content-length": str(length)}
        async with self._sent(self._request("PUT", url, headers, content)) as arrival:
            yield arrival

    async def aclose(self) -> None:
        """For good: a request after it raises RuntimeError."""
        self._closed = True
        await self._transport.aclose()

    def _request(
        self, method: str, url: str, headers: Headers, content: AsyncIterable[bytes] | None = None
    ) -> httpx.Request:
        if self._closed:
            raise RuntimeError(f"account {self._account}: the client is closed. Next: make a new one")
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL:
            raise RejectedError(f"account {self._account}: the address of a document is no URL") from None
        plain = address.scheme == "https" and address.port is None and not address.userinfo
        if not plain or not self._hosts.fullmatch(address.host):
            raise RejectedError(
                f"account {self._account}: the address of a document leads to {address.scheme}://{address.host}, which "
                "is no storage of this channel; nothing was sent. Next: find out who answers in the channel's name"
            )
        extensions = {"timeout": TIMEOUTS}
        return httpx.Request(method, address, headers=headers, content=content, extensions=extensions)

    @asynccontextmanager
    async def _sent(self, request: httpx.Request) -> AsyncIterator[Arrival]:
        host = request.url.host  # a transport may put another one there
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.RequestError as error:
            raise self._silence(host, error) from error
        try:
            yield Arrival(response.status_code, response.headers, self._chunks(host, response))
        finally:
            await response.aclose()

    async def _chunks(self, host: str, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        told = response.headers.get("content-length")
        came = 0
        try:
            async for chunk in cast("AsyncIterable[bytes]", response.stream):
                came += len(chunk)
                yield chunk
        except httpx.RequestError as error:
            raise self._silence(host, error) from error
        if told is None and "transfer-encoding" not in response.headers:
            raise TransientError(f"account {self._account}: {host} did not say how long its answer is")
        if told is not None and came != int(told):
            raise TransientError(f"account {self._account}: {host} sent {came} of {told} bytes")

    def _silence(self, host: str, error: httpx.RequestError) -> TransientError:
        return TransientError(f"account {self._account}: {host} got or sent no whole message: {describe(error)}")
