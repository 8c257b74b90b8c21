"""Signs requests just before they leave, for channels that want a proof of the whole request."""

from collections.abc import Mapping
from typing import Protocol

import httpx

from entrepot.http.client import Transport


class Signer(Protocol):
    async def sign(self, method: str, url: str, body: bytes) -> Mapping[str, str]:
        """Headers that prove the request; they replace those of the same names. Raises ChannelError."""
        ...


class Signed(httpx.AsyncBaseTransport):
    """Signs what goes to `host`, and nothing else. `transport` None is the real network."""

    def __init__(self, transport: Transport | None, signer: Signer, host: str) -> None:
        self._transport = transport or httpx.AsyncHTTPTransport(trust_env=False)
        self._signer = signer
        self._host = host

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == self._host:
            signed = await self._signer.sign(request.method, str(request.url), await request.aread())
            request.headers.update(signed)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()
