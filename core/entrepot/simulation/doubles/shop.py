"""A channel's double: a market behind HTTP, in the channel's own words.

An author subclasses `ShopDouble` and writes one plain function for each route. Orders, stock, authorization, throttling
and faults come from here.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import ClassVar

from attrs import evolve
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from entrepot.channel import ChannelType, Json, Limit, Reads, SimulatorConfig
from entrepot.model import Order
from entrepot.quota import scaled
from entrepot.runtime import Clock, Rng
from entrepot.simulation.doubles.call import Answer, Asked, Call, Refusal, decoded, read_call
from entrepot.simulation.doubles.fast_json import FastJson
from entrepot.simulation.doubles.fault_points import FaultPoint, FaultPoints
from entrepot.simulation.doubles.keys import is_bearer, key_of, misplaced
from entrepot.simulation.doubles.mishaps import Mishaps
from entrepot.simulation.doubles.routes import ANY_ROUTE, UNMETERED, Pattern, as_pattern, as_sent, is_route, routes_of
from entrepot.simulation.doubles.shop_faults import HIDDEN, LATE, PAGE_FAULTS, SHOP_FAULTS, ShopFault
from entrepot.simulation.doubles.throttle import Throttle
from entrepot.simulation.markets.market import Market
from entrepot.simulation.markets.paging import CursorError, Found

ANY_WRITE = "any write"
"""In `script`: whichever route is asked next that may change something, but for public ones."""

REMEMBERED = 200
"""Requests that are told to those who look from outside."""

KINDS: Mapping[type, type[Response]] = {bytes: Response, str: HTMLResponse}

METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]


class ShopDouble(Market):
    """An ASGI application: one account of `channel`, with the offers and quantities of `config.skus` to begin with.

    `key_header` is where a request carries the account's key: `authorization` as a bearer token, any other name the
    bare key; None declares that the shop asks for none. The key is `token` of the account's settings, else their only
    Secret. Where it is carried otherwise, write `carried_key`; where it is proved otherwise, `authorize`.

    What else the shop declares of itself: `partial = False`, orders are sent or cancelled as a whole; `unpaid = False`,
    no order is shown before it is paid; `priced_early = True`, an order has its prices before it is paid;
    `unit_prices = True`, a line's amounts are told of one unit; `tax_rates`, the percentages that are told in place of
    a tax (`rate_of` finds a line's); `resumes = False`, its list of orders tells nothing from which the next pass could
    go on; `resolution`, the finest time that it writes; `own_faults`, what it can do wrong beside what any channel can;
    `growing`, keys whose values are words of a list that may grow; `named_by_limit = True`, each operation has a limit
    of its own, and its name (else it is called as the last fixed part of its path); `id_header`, where
    an answer has the id of its request; `grantable`, roles that an application may have, and has as far as they are
    `granted`.
    """

    key_header: ClassVar[str | None] = "authorization"
    unit_prices: ClassVar[bool] = False
    resumes: ClassVar[bool] = True
    own_faults: ClassVar[Sequence[FaultPoint]] = ()
    id_header: ClassVar[str] = ""
    named_by_limit: ClassVar[bool] = False
    growing: ClassVar[frozenset[str]] = frozenset({"status"})
    grantable: ClassVar[frozenset[str]] = frozenset()
    granted: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        """Raises TypeError for a route that takes the place of what the double itself is asked for."""
        super().__init_subclass__()
        for name, member in vars(cls).items():
            if is_route(member) and hasattr(ShopDouble, name):
                message = f"{cls.__name__}.{name} is a route, but ShopDouble has its own {name}. Next: rename the route"
                raise TypeError(message)

    def __init__(self, channel: ChannelType, config: SimulatorConfig, clock: Clock, rng: Rng) -> None:
        lists = channel.operations.get("fetch_orders")
        timing = (lists.settle_lag, lists.cursor_lifetime) if isinstance(lists, Reads) else (timedelta(), None)
        scale = config.time_scale
        lag, lifetime = timing[0] / scale, timing[1] and timing[1] / scale
        super().__init__(config.skus, clock, rng, settle_lag=lag, cursor_lifetime=lifetime)
        self.__key = key_of(config.settings)
        self.__time_scale = scale
        self.__throttle = Throttle({name: scaled(limit, scale) for name, limit in channel.limits.items()}, clock)
        self.__scripts: defaultdict[str, deque[Answer | None]] = defaultdict(deque)
        self.__channel = channel
        self.__trace = sha256()
        self.faults = FaultPoints((*SHOP_FAULTS, *self.own_faults), self.now, rng, time_scale=scale)
        self.__mishaps = Mishaps(self.faults, self.growing, rng)
        self.__parts: list[object] = []
        self.requests: deque[Asked] = deque(maxlen=REMEMBERED)
        self.keyless = ""
        """Why `authorize` refused the last request that it refused, in the double's words and not in the shop's."""
        self.include(self)

    def later(self, delay: timedelta, action: Callable[[], object]) -> datetime:
        return super().later(delay / self.__time_scale, action)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.__app(as_sent(scope), receive, send)

    def include(self, *parts: object) -> None:
        """Serve the routes of these objects as well: a channel of several APIs is written as a class for each."""
        self.__parts.extend(parts)
        routes = [self.__serve(*found) for found in routes_of(self.__parts)]
        self.__app = Router([*routes, Route("/{path:path}", self.__refuse_path, methods=METHODS)])

    # What a run may arrange and look up

    @property
    def calls(self) -> Counter[str]:
        """Requests by limit, the refused ones included."""
        return self.__throttle.calls

    @property
    def throttled(self) -> Counter[str]:
        """Requests by limit that were answered with 429 because a bucket was empty."""
        return self.__throttle.refused

    @property
    def trace(self) -> str:
        """A hash of all requests and answers and their instants: two runs with one trace were the same."""
        return self.__trace.hexdigest()

    def truths(self) -> Mapping[str, Json]:
        """What else really happened, by name, in plain JSON; the channel's own, beside orders and stock."""
        return {}

    def script(self, *answers: Answer | None, route: str = ANY_ROUTE) -> None:
        """Answers to the next requests, in turn; None for the route's own.

        `route` is a pattern, ANY_ROUTE or ANY_WRITE; what a narrower one says comes first.
        """
        self.__scripts[route].extend(answers)

    def resize(self, limit: str, plan: Limit) -> None:
        """From now on the channel gives this account another plan; what the bucket holds stays, up to the new burst."""
        self.__throttle.resize(limit, scaled(plan, self.__time_scale))

    @property
    def operations(self) -> frozenset[str]:
        """How its routes are called in plans and records."""
        return frozenset(self.__operation(pattern) for pattern, _ in routes_of(self.__parts))

    def calm(self) -> None:
        super().calm()
        self.__scripts.clear()
        self.faults.calm()

    # What goes wrong with lists, where it is planned

    def put(self, order: Order, *, late: timedelta = timedelta()) -> Order:
        number = order.external_id
        if self.faults.strikes(ShopFault.LATE_ORDER, number):
            late += self.faults.span(*LATE)
        if self.faults.strikes(ShopFault.HIDDEN_ORDER, number):
            self.hide(number, self.faults.span(*HIDDEN))
        return super().put(order, late=late)

    def changed_between(
        self,
        start: datetime,
        end: datetime,
        after: str | None,
        size: int,
        keep: Callable[[Order], bool] = lambda _order: True,
    ) -> Found:
        if after and self.faults.strikes(ShopFault.EXPIRED_CURSOR):
            raise CursorError("the cursor is outdated", expired=True)
        self.script_pages(*(page for fault, page in PAGE_FAULTS.items() if self.faults.strikes(fault)))
        return super().changed_between(start, end, after, size, keep)

    # What a channel may do in its own way

    def authorize(self, call: Call) -> None:
        """Raises Refusal unless the request has the account's key, where the account's settings have one."""
        if self.key_header is not None and self.__key and self.carried_key(call) != self.__key.reveal():
            self.keyless = misplaced(call, self.__key, self.key_header)
            raise Refusal(401, self.keyless)

    def carried_key(self, call: Call) -> str | None:
        """The key that a request has, as `key_header` says."""
        carried = call.headers.get(self.key_header or "")
        if carried is None or not is_bearer(self.key_header):
            return carried
        scheme, _, token = carried.partition(" ")
        return token if scheme == "Bearer" else None

    def admit(self, call: Call) -> None:
        """Raises Refusal for a request that had its token, and is kept out all the same; its body is decoded."""

    def bucket(self, call: Call) -> str:
        """The limit whose bucket loses a token."""
        return call.limit

    def word_refusal(self, call: Call, refusal: Refusal) -> Json:  # noqa: ARG002 - for channels of several hosts
        """The body of an answer that refuses; text is HTML."""
        return {"code": refusal.code, "message": refusal.message}

    def unknown_path(self, call: Call) -> Refusal:
        """What a request gets that no route answers."""
        asked = f"{call.method} {call.path['path']}"
        return Refusal(404, f'no route of the double answers. Next: write @route("{asked}"), or ask for another path')

    def answer_headers(
        self,
        call: Call,  # noqa: ARG002 - for channels that tell more
        status: int,  # noqa: ARG002 - as above
        refusal: Refusal | None,
    ) -> Mapping[str, str]:
        """Headers beside the body's own (an ETag, say); `refusal` where the route refused."""
        wait = refusal and refusal.retry_after
        return {"Retry-After": str(ceil(wait.total_seconds()))} if wait else {}

    # Serving

    def __serve(self, pattern: Pattern, function: Callable[[Call], Json]) -> Route:
        limit = pattern.limit(self.__channel)

        # A synchronous endpoint would be sent to a thread, which a virtual loop does not have.
        async def endpoint(request: Request) -> Response:
            told, content = read_call(request, limit), await request.body()
            call = evolve(told, operation=self.__operation(pattern), public=pattern.public)
            try:
                self.__mishaps.refuse(call)
                self.__admit(call, pattern)
                whole = evolve(call, body=content if pattern.raw else decoded(request, content))
                self.admit(whole)
                answer = self.__mishaps.instead(whole) or self.__respond(pattern, whole, lambda: function(whole))
                answer = await self.__mishaps.spoil(call, str(request.url), answer)
            except Refusal as refusal:
                answer = self.__refuse(call, refusal)
            except CursorError as error:
                status, code = (410, "cursor_expired") if error.expired else (400, "bad_cursor")
                answer = self.__refuse(call, Refusal(status, str(error), code=code))
            return self.__noted(request, call, answer)

        return Route(pattern.path, endpoint, methods=[pattern.method])

    async def __refuse_path(self, request: Request) -> Response:
        call = evolve(read_call(request, UNMETERED), path={"path": as_pattern(request.scope["path"])})
        return self.__noted(request, call, self.__refuse(call, self.unknown_path(call)))

    def __noted(self, request: Request, call: Call, answer: Response) -> Response:
        head = f"{self.now().isoformat()} {request.method} {request.url.path}?{request.url.query} {answer.status_code}"
        asked = (self.now(), request.method, request.url.path, call.operation, answer.status_code)
        self.requests.append(Asked(*asked, id=answer.headers.get(self.id_header, ""), faults=tuple(call.struck)))
        self.__trace.update(head.encode() + b"\n" + bytes(answer.body) + b"\n")
        return answer

    def __admit(self, call: Call, pattern: Pattern) -> None:
        if not pattern.public:
            self.authorize(call)
        wait = None if call.limit == UNMETERED else self.__throttle.take(self.bucket(call))
        if wait is not None:
            raise Refusal(429, f"the limit {call.limit} is used up", retry_after=wait)

    def __operation(self, pattern: Pattern) -> str:
        return (self.named_by_limit and pattern.spends) or pattern.name

    def __respond(self, pattern: Pattern, call: Call, work: Callable[[], Json]) -> Response:
        self.catch_up()
        scripted = self.__scripted(pattern)
        if scripted is None:
            result = work()
            if isinstance(result, Answer):
                return self.__worded(call, result)
            return FastJson(result, headers=self.answer_headers(call, 200, None))
        if scripted.after_effect:
            work()
        return self.__worded(call, scripted)

    def __worded(self, call: Call, answer: Answer) -> Response:
        headers = {**self.answer_headers(call, answer.status, None), **answer.headers}
        if answer.body is None and answer.status < 400:  # noqa: PLR2004 - HTTP's number
            return Response(None, answer.status, headers)
        if answer.body is None:
            refused = self.__refuse(call, Refusal(answer.status))
            refused.headers.update(answer.headers)
            return refused
        kind = KINDS.get(type(answer.body), FastJson)
        return kind(answer.body, answer.status, headers)

    def __scripted(self, pattern: Pattern) -> Answer | None:
        general = [] if pattern.public else [ANY_WRITE, ANY_ROUTE] if pattern.writes else [ANY_ROUTE]
        scripts = (self.__scripts[name] for name in [pattern.text, *general])
        return next((script.popleft() for script in scripts if script), None)

    def __refuse(self, call: Call, refusal: Refusal) -> Response:
        headers, body = self.answer_headers(call, refusal.status, refusal), self.word_refusal(call, refusal)
        return KINDS.get(type(body), FastJson)(body, refusal.status, headers)
