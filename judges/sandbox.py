"""Amazon's static sandbox on a port, by the rule that Amazon states: what is sent besides does not matter."""

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.amazon_sp.tests.sandbox_judge import Case, Published, Sandbox

TOKENS = "/auth/o2/token"
HOST = "sandbox.sellingpartnerapi-eu.amazon.com"


class Tolerant(Sandbox):
    """An ASGI application. `recognized` and `surplus` say of the last request whether it is a case, and held more."""

    def __init__(self, published: list[Published]) -> None:
        super().__init__(published)
        self.recognized = self.surplus = False

    def find(self, request: httpx.Request) -> Case | None:
        found = self._tolerantly(request)
        self.recognized, self.surplus = found is not None, super().find(request) is not found
        return found

    def _tolerantly(self, request: httpx.Request) -> Case | None:
        published = self._operation(request)
        if published is None:
            return None
        told = {name: value for name, value in published.told(request).items() if name in published.declared}
        if not published.required.keys() - {"body"} <= told.keys():  # a body that no case names may be empty
            return None
        matching = [case for case in published.cases if case.matches(_trimmed(told, case))]
        return max(matching, key=_named, default=None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Request(scope, receive)
        host = "api.amazon.com" if asked.url.path == TOKENS else HOST
        url = f"https://{host}{scope['raw_path'].decode()}?{scope['query_string'].decode()}"
        request = httpx.Request(asked.method, url, headers=asked.headers.raw, content=await asked.body())
        answer = super().__call__(request)
        await Response(answer.content, answer.status_code, dict(answer.headers))(scope, receive, send)


def _trimmed(told: dict, case: Case) -> dict:
    """The body with those of its fields alone that the case names; no body is as good as an empty one."""
    body, wanted = told.get("body", {}), case.expected.get("body")
    if isinstance(body, dict) and isinstance(wanted, dict):
        return told | {"body": {name: value for name, value in body.items() if name in wanted}}
    return told


def _named(case: Case) -> tuple[int, int]:
    """How much of a request a case names: the parameters, and the fields of the body."""
    body = case.expected.get("body")
    return len(case.expected), len(body) if isinstance(body, dict) else 0
