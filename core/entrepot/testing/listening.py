"""Between a connector and the double of its shop: which host answers, what it was asked, what befalls a write."""

from starlette.types import Receive, Scope, Send

from entrepot.secrets import Redactor
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.network.faults import NetworkFault, RequestLine


class Heard:
    """The shop, and in `last` the last request that it got, without secrets."""

    def __init__(self, shop: ShopDouble, redactor: Redactor) -> None:
        self._shop = shop
        self._redactor = redactor
        self.last = "nothing"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        self.last = self._redactor.text(f"{scope['method']} {path}?{query}".rstrip("?"))
        await self._shop(scope, receive, send)


class WriteFaults:
    """`script` befalls requests that may change something, in turn."""

    def __init__(self) -> None:
        self.script: list[NetworkFault] = []

    def next_fault(self, request: RequestLine) -> NetworkFault | None:
        return self.script.pop(0) if self.script and request.method != "GET" else None
