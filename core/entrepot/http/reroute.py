"""All of an account's requests to its simulator on a port, whichever hosts they name."""

import httpx


class Rerouted(httpx.AsyncBaseTransport):
    """Connects to `origin`.

    A request keeps its path and its Host header, by which a simulator of several hosts tells them apart.
    """

    def __init__(self, origin: str) -> None:
        self._origin = httpx.URL(origin)
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=self._origin.scheme, host=self._origin.host, port=self._origin.port)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()
