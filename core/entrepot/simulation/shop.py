"""A channel's double: a market behind HTTP, in the channel's own words.

An author subclasses `ShopDouble` and writes one plain function for each route. Orders, stock, authorization, throttling
and faults come from here.
"""

import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from inspect import getmembers_static
from math import ceil
from typing import Any, TypeVar

from attrs import frozen
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from entrepot.channel import ChannelType, Json, Reads, Secret, SimulatorConfig
from entrepot.quota import scaled
from entrepot.runtime import Clock, Rng
from entrepot.simulation.call import Call, Refusal
from entrepot.simulation.market import Market
from entrepot.simulation.paging import CursorError
from entrepot.simulation.throttle import Throttle

UNMETERED = ""
"""`spends` of a route that costs nothing."""

ANY_ROUTE = ""

F = TypeVar("F", bound=Callable[..., Json])


@frozen
class Answer:
    """A scripted answer in place of the route's own.

    `body` None is a refusal in the channel's words, text is HTML. `after_effect`: the route does its work all the same.
    """

    status: int
    body: Json = None
    after_effect: bool = False


@frozen
class _Pattern:
    """What `@route` notes on a function."""

    text: str
    spends: str | None

    @property
    def method(self) -> str:
        return self.text.split()[0]

    @property
    def path(self) -> str:
        return self.text.split()[1]

    def limit(self, channel: ChannelType) -> str:
        """Raises ValueError where nothing says which limit the route spends from."""
        resource = [part for part in self.path.split("/") if part and not part.startswith("{")][-1]
        guesses = [resource, "other"] if self.spends is None else [self.spends]
        for limit in guesses:
            if limit in channel.limits or limit == UNMETERED:
                return limit
        message = f'route "{self.text}" spends from no limit of {channel.id}; say @route(..., spends="a limit")'
        raise ValueError(message)


def route(pattern: str, *, spends: str | None = None) -> Callable[[F], F]:
    """Answer `pattern` ("GET /v1/orders/{id}") with what the function returns as JSON.

    Each request takes one token from the channel's limit `spends`. Left out, it is the limit that bears the name of the
    path's last fixed part ("orders"), else the one called "other".
    """

    def mark(function: F) -> F:
        function.__dict__["route"] = _Pattern(pattern, spends)
        return function

    return mark


class ShopDouble(Market):
    """An ASGI application: one account of `channel`, with the offers and quantities of `config.skus` to begin with."""

    def __init__(self, channel: ChannelType, config: SimulatorConfig, clock: Clock, rng: Rng) -> None:
        lists = channel.operations.get("fetch_orders")
        timing = (lists.settle_lag, lists.cursor_lifetime) if isinstance(lists, Reads) else (timedelta(), None)
        scale = config.time_scale
        lag, lifetime = timing[0] / scale, timing[1] and timing[1] / scale
        super().__init__(config.skus, clock, rng, settle_lag=lag, cursor_lifetime=lifetime)
        self._token = getattr(config.settings, "token", None)
        self._time_scale = scale
        self._throttle = Throttle({name: scaled(limit, scale) for name, limit in channel.limits.items()}, clock)
        self._scripts: defaultdict[str, deque[Answer | None]] = defaultdict(deque)
        self._app = Starlette(routes=[self._serve(channel, *found) for found in _routes(type(self))])

    def later(self, delay: timedelta, action: Callable[[], object]) -> None:
        super().later(delay / self._time_scale, action)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    # What a run may arrange and look up

    @property
    def calls(self) -> Counter[str]:
        """Requests by limit, the refused ones included."""
        return self._throttle.calls

    @property
    def throttled(self) -> Counter[str]:
        """Requests by limit that were answered with 429 because a bucket was empty."""
        return self._throttle.refused

    def script(self, *answers: Answer | None, route: str = ANY_ROUTE) -> None:
        """Answers to the next requests, in turn; None for the route's own. `route` is a pattern, or any."""
        self._scripts[route].extend(answers)

    def calm(self) -> None:
        super().calm()
        self._scripts.clear()

    # What a channel may do in its own way

    def authorized(self, call: Call) -> bool:
        """A bearer token, where the account's settings have a secret `token`."""
        if not isinstance(self._token, Secret):
            return True
        return call.headers.get("authorization") == f"Bearer {self._token.reveal()}"

    def word_refusal(self, refusal: Refusal) -> Json:
        return {"code": refusal.code, "message": refusal.message}

    # Serving

    def _serve(self, channel: ChannelType, pattern: _Pattern, function: Callable[[Any, Call], Json]) -> Route:
        limit = pattern.limit(channel)

        # A synchronous endpoint would be sent to a thread, which a virtual loop does not have.
        async def endpoint(request: Request) -> Response:
            call = await _call(request)
            try:
                self._admit(call, limit)
                return self._respond(pattern.text, lambda: function(self, call))
            except Refusal as refusal:
                return self._refuse(refusal)
            except CursorError as error:
                status, code = (410, "cursor_expired") if error.expired else (400, "bad_cursor")
                return self._refuse(Refusal(status, str(error), code=code))

        return Route(pattern.path, endpoint, methods=[pattern.method])

    def _admit(self, call: Call, limit: str) -> None:
        if not self.authorized(call):
            raise Refusal(401, "the token is not this account's")
        wait = None if limit == UNMETERED else self._throttle.take(limit)
        if wait is not None:
            raise Refusal(429, f"the limit {limit} is used up", retry_after=wait)

    def _respond(self, pattern: str, work: Callable[[], Json]) -> Response:
        self.catch_up()
        scripted = self._scripted(pattern)
        if scripted is None:
            return JSONResponse(work())
        if scripted.after_effect:
            work()
        if scripted.body is None:
            raise Refusal(scripted.status)
        kind = HTMLResponse if isinstance(scripted.body, str) else JSONResponse
        return kind(scripted.body, scripted.status)

    def _scripted(self, pattern: str) -> Answer | None:
        script = self._scripts[pattern] or self._scripts[ANY_ROUTE]
        return script.popleft() if script else None

    def _refuse(self, refusal: Refusal) -> Response:
        wait = refusal.retry_after
        headers = {"Retry-After": str(ceil(wait.total_seconds()))} if wait else {}
        return JSONResponse(self.word_refusal(refusal), refusal.status, headers)


def _routes(shop: type) -> list[tuple[_Pattern, Callable[[Any, Call], Json]]]:
    members = (member for _, member in getmembers_static(shop))
    found = [(member.route, member) for member in members if isinstance(getattr(member, "route", None), _Pattern)]
    return sorted(found, key=lambda entry: entry[0].text)  # a parameter's brace sorts behind fixed names


async def _call(request: Request) -> Call:
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    body = await request.body()
    decoded = json.loads(body, parse_float=Decimal) if body else None
    return Call(dict(request.path_params), query, request.headers, decoded)
