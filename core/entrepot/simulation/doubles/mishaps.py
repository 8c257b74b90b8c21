"""What goes wrong around the routes of a simulated channel, when a run asks for it."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Collection

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from entrepot.runtime import Rng
from entrepot.simulation.doubles.call import Call, Refusal
from entrepot.simulation.doubles.drift import drifted, texts
from entrepot.simulation.doubles.fast_json import FastJson
from entrepot.simulation.doubles.fault_points import FaultPoints
from entrepot.simulation.doubles.routes import UNMETERED
from entrepot.simulation.doubles.shop_faults import SLOW, ShopFault
from entrepot.simulation.network.exchange import Disconnected

PAGE = "<html><body><h1>We are sorry</h1></body></html>"
REMEMBERED = 1000
"""Answers of which one may be given again."""

REFUSALS = {ShopFault.OUTAGE: 503, ShopFault.ERROR_BEFORE: 500}
PARTS = {ShopFault.HALF_ANSWER: 2, ShopFault.DROPPED_ANSWER: 0}
DRIFTS = (ShopFault.NEW_KEY, ShopFault.NEW_WORD, ShopFault.OTHER_TYPE)


class Mishaps:
    """`words` are keys whose values are words of a list that may grow."""

    def __init__(self, faults: FaultPoints, words: Collection[str], rng: Rng) -> None:
        self._faults = faults
        self._words = words
        self._rng = rng
        self._told: OrderedDict[str, Response] = OrderedDict()

    def refuse(self, call: Call) -> None:
        """Before anything is done. Raises Refusal."""
        for fault, status in REFUSALS.items():
            if self._faults.strikes(fault, call=call):
                raise Refusal(status)
        if call.limit != UNMETERED and self._faults.strikes(ShopFault.STORM, call=call):
            raise Refusal(429)
        if not call.public and self._faults.strikes(ShopFault.KEY_REFUSED, call=call):
            raise Refusal(401)

    def instead(self, call: Call) -> Response | None:
        """A page that a gateway answers with, so that the route never hears of the request."""
        return HTMLResponse(PAGE, 503) if self._faults.strikes(ShopFault.HTML_ERROR, call=call) else None

    async def spoil(self, call: Call, name: str, answer: Response) -> Response:
        """What becomes of a good answer. `name` tells requests apart. Raises Refusal."""
        if self._faults.strikes(ShopFault.SLOW_ANSWER, call=call):
            await asyncio.sleep(self._faults.span(*SLOW).total_seconds())
        if self._faults.strikes(ShopFault.ERROR_AFTER, call=call):
            raise Refusal(500)
        if self._faults.strikes(ShopFault.HTML_PAGE, call=call):
            return HTMLResponse(PAGE)
        if call.method == "GET" and self._faults.is_planned(ShopFault.STALE_READ):
            answer = self._maybe_stale(call, name, answer)
        if call.limit != UNMETERED and isinstance(answer, FastJson):
            answer = self._maybe_drifted(call, answer)
        return self._maybe_cut(call, answer)

    def _maybe_stale(self, call: Call, name: str, answer: Response) -> Response:
        before = self._told.pop(name, None)
        self._told[name] = answer
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        stale = before is not None and self._faults.strikes(ShopFault.STALE_READ, call=call)
        return before if before is not None and stale else answer

    def _maybe_drifted(self, call: Call, answer: Response) -> Response:
        for fault in DRIFTS:
            if self._faults.strikes(fault, call=call):
                told = json.loads(bytes(answer.body))
                self._faults.victims[fault].update(texts(told))
                body = drifted(told, fault, self._words, self._rng)
                kept = {name: text for name, text in answer.headers.items() if name != "content-length"}
                answer = FastJson(body, answer.status_code, kept)
        return answer

    def _maybe_cut(self, call: Call, answer: Response) -> Response:
        for fault, part in PARTS.items():
            if self._faults.strikes(fault, call=call):
                return _Cut(answer, len(answer.body) // part if part else 0)
        return answer


class _Cut(Response):
    """An answer whose body ends after so many bytes, though its head promises more."""

    def __init__(self, whole: Response, length: int) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))
        self._length = length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self._length], "more_body": True})
        raise Disconnected
