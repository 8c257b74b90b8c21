"""Between a connector and the double of its shop: which host answers, what it was asked, what befalls a write."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import Receive, Scope, Send

from entrepot.secrets import Redactor
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.network.faults import NetworkFault, RequestLine

REASON = 200
"""Characters of a refusal's body that are told."""

REFUSED = 400
"""HTTP: from this status on a request was refused."""


class Heard:
    """The shop, and in `last` the last request that it got, without secrets.

    `refused` is the last write that the shop refused, with status and reason, though its answer may be lost on the way.
    """

    def __init__(self, shop: ShopDouble, redactor: Redactor) -> None:
        self._shop = shop
        self._redactor = redactor
        self.last = "nothing"
        self.refused = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        self.last = self._redactor.text(f"{scope['method']} {path}?{query}".rstrip("?"))
        status, body = 0, b""

        async def listen(message: MutableMapping[str, Any]) -> None:
            nonlocal status, body
            status, body = message.get("status", status), body + message.get("body", b"")
            await send(message)

        try:
            await self._shop(scope, receive, listen)
        finally:
            if scope["method"] != "GET" and status >= REFUSED:
                reason = self._redactor.text(body.decode(errors="replace"))[:REASON]
                self.refused = f"{self.last} with {status} {reason}".rstrip()


class WriteFaults:
    """`script` befalls requests that may change something, in turn."""

    def __init__(self) -> None:
        self.script: list[NetworkFault] = []

    def next_fault(self, request: RequestLine) -> NetworkFault | None:
        return self.script.pop(0) if self.script and request.method != "GET" else None
