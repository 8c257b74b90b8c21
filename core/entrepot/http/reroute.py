"""All of an account's requests to its simulator on a port, whichever hosts they name."""

import httpx

from entrepot.errors import NothingListens
from entrepot.model import AccountId


class Rerouted(httpx.AsyncBaseTransport):
    """Connects to `origin`.

    A request keeps its path and its Host header, by which a simulator of several hosts tells them apart. Raises
    NothingListens where the simulator does not run, with the command that starts it, or with `start`.
    """

    def __init__(self, origin: str, account: AccountId, start: str = "") -> None:
        self._origin = httpx.URL(origin)
        self._account = account
        self._start = start or f"entrepot simulator {account} --port {self._origin.port}"
        self._network = httpx.AsyncHTTPTransport()

    @property
    def origin(self) -> str:
        return str(self._origin)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=self._origin.scheme, host=self._origin.host, port=self._origin.port)
        try:
            return await self._network.handle_async_request(request)
        except httpx.ConnectError as error:
            words = f"account {self._account}: nothing listens at {self._origin}. Next: {self._start}"
            raise NothingListens(words) from error

    async def aclose(self) -> None:
        await self._network.aclose()
