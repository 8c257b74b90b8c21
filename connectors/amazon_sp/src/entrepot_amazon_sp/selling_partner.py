"""Amazon's Selling Partner API without the rest of Entrepot: any operation of the catalog, within its quota.

The core lends the requests, the tokens and the buckets. Nothing is stored: two processes with one seller do not know
of each other's calls.
"""

import asyncio
from collections.abc import AsyncIterator
from types import NoneType
from typing import TYPE_CHECKING, Any, Self, cast

from entrepot.channel import (
    ChannelError,
    Environment,
    Facts,
    Http,
    Json,
    Limit,
    Ports,
    Reads,
    Reply,
    TransientError,
    UnknownOutcome,
    Writes,
)
from entrepot.http import AccountHttp, Transport, grant
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota
from entrepot.runtime import Clock, Rng, SystemClock, system_rng
from entrepot.secrets import Redactor
from entrepot_amazon_sp.arguments import Wanted, build, build_next
from entrepot_amazon_sp.attempts import Attempts
from entrepot_amazon_sp.authorization import TOKEN_HEADER, TOKEN_URL, DatedAuthorization, authorize
from entrepot_amazon_sp.catalog import Effect, Operation, Paging, find
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.places import REGIONS
from entrepot_amazon_sp.settings import AmazonSettings

if TYPE_CHECKING:
    from entrepot.http.breaker import Circuit

USER_AGENT = "Entrepot/0.1 (Language=Python)"
"""Amazon wants the language, and refuses more than 500 characters."""

SANDBOX = Limit(per_second=5, burst=15)
"""Amazon's sandbox has one plan for every operation."""

NO_CONTENT = 204

ANYTHING = cast("type[Json]", Any)


class SellingPartner:
    """One seller in one region (`NA`, `EU`, `FE`). `transport` None is the real network.

    Close it, or use it in `async with`. Errors are those of `entrepot.errors`; what the catalog does not allow is a
    ValueError, and nothing was sent.
    """

    def __init__(
        self,
        settings: AmazonSettings,
        *,
        region: str,
        sandbox: bool = False,
        transport: Transport | None = None,
        clock: Clock | None = None,
        rng: Rng | None = None,
    ) -> None:
        if region not in REGIONS:
            raise ValueError(f"Amazon has no region {region!r}. Next: choose from {', '.join(REGIONS)}")
        self._settings = settings
        self._sandbox = sandbox
        self._host = REGIONS[region].sandbox if sandbox else REGIONS[region].endpoint
        self._clock = clock or SystemClock()
        self._rng = rng or system_rng()
        self._account = AccountId(settings.seller_id)
        self._http = AccountHttp(
            AMAZON, transport, self._clock, self._account, user_agent=USER_AGENT, redactor=Redactor()
        )
        self._circuits: dict[str, Circuit] = {}
        self._ports: dict[str, Http] = {}
        self._limits: dict[str, Limit] = {}
        self._quota = MemoryQuota(self._limits)

    async def call(
        self, operation: str, /, *, body: Json = None, deadline: float | None = None, **parameters: Any
    ) -> Json:
        """The answer as Amazon gives it, `payload` included; numbers with a point as Decimal, None where it is empty.

        A parameter whose name is no Python name goes as `**{"x-amzn-shipping-business-id": ...}`. Waits for the
        operation's quota. Raises ChannelError; UnknownOutcome for a write without a usable answer.

        What only reads, and a write that is idempotent, is repeated while it fails in passing; any other write only
        where it certainly had no effect. `deadline`: seconds for all of it, the wait for quota included. Without one a
        call waits for its turn as long as it takes, and then is repeated for a minute and four of its periods.
        """
        found = find(operation)
        return await self._persist(found, build(found, parameters, body), deadline)

    async def pages(
        self, operation: str, /, *, body: Json = None, deadline: float | None = None, **parameters: Any
    ) -> AsyncIterator[Json]:
        """The answers to a list, page by page; a page may be empty. Raises what `call` raises.

        `deadline`: of each page, as for `call`.
        """
        found = find(operation)
        if found.paging is None:
            raise ValueError(f"{found.id} has no pages. Next: use `call`")
        wanted, last = build(found, parameters, body), ""
        while True:
            page = await self._persist(found, wanted, deadline)
            yield page
            token = _token(page, found.paging)
            if not token:
                return
            if token == last:
                raise TransientError(f"{found.id} told one page token twice: there would be no end. Next: begin anew")
            last = token
            wanted = build_next(found, found.paging, parameters, body, token)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def _persist(self, operation: Operation, wanted: Wanted, deadline: float | None) -> Json:
        circuits = {} if self._sandbox else self._circuits  # the sandbox fails as it is asked to
        attempts = Attempts(operation, deadline, circuits, self._clock, self._rng)
        attempts.check()
        while True:
            try:
                async with asyncio.timeout_at(attempts.ends):
                    answer = await self._send(operation, wanted, attempts)
            except TimeoutError as late:
                raise attempts.cut_off() from late
            except ChannelError as error:
                await attempts.after(error)
            else:
                attempts.succeeded()
                return answer

    async def _send(self, operation: Operation, wanted: Wanted, attempts: Attempts) -> Json:
        key = BucketKey(self._account, operation.id)
        self._limits[operation.id] = SANDBOX if self._sandbox else operation.limit

        async def one_more(_: str) -> bool:
            self._quota.answered(key)
            await self._quota.acquire(key)
            return True

        await self._quota.acquire(key)
        try:
            with grant(operation.id, _facts(operation), one_more) as granted:
                async with attempts.begin(granted):
                    return await self._request(operation, wanted)
        finally:
            self._quota.answered(key)

    async def _request(self, operation: Operation, wanted: Wanted) -> Json:
        try:
            reply = await self._port(operation.grantless).request(
                operation.method,
                wanted.path,
                into=NoneType if operation.answer == "none" else ANYTHING,
                json=wanted.body,
                params=wanted.query,
                headers=wanted.headers,
            )
        except ChannelError as error:
            if error.status == NO_CONTENT:  # from an operation that mostly has something to tell
                return None
            raise
        return _document(operation, reply)

    def _port(self, scope: str) -> Http:
        """Requests in the name of the seller, or with a scope, of the application."""
        if scope not in self._ports:
            tokens = self._application(scope) if scope else authorize(self._settings, self._lent())
            self._ports[scope] = self._http(self._host, authorization=tokens)
        return self._ports[scope]

    def _application(self, scope: str) -> DatedAuthorization:
        tokens = self._http.client_credentials(
            TOKEN_URL,
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            scope=scope,
            header=TOKEN_HEADER,
        )
        return DatedAuthorization(tokens, self._clock)

    def _lent(self) -> Ports:
        environment = Environment.SANDBOX if self._sandbox else Environment.PRODUCTION
        return Ports(self._account, environment, (), self._clock, self._http)


def _facts(operation: Operation) -> Facts:
    spends = {operation.id: 1}
    if operation.effect is Effect.READ:
        return Reads(spends=spends)
    return Writes(spends=spends, idempotent=operation.effect is Effect.IDEMPOTENT)


def _document(operation: Operation, reply: Reply[Json]) -> Json:
    """An answer has the form of one, whatever its status says: a gateway's bare message is none.

    A bare list of errors is one: it is how some operations answer, as Amazon's models publish.
    """
    body = reply.body
    bare = isinstance(body, dict) and body.keys() == {"message"}
    if operation.answer == "none" or (isinstance(body, dict | list) and not bare):
        return body
    kind = TransientError if operation.effect is Effect.READ else UnknownOutcome
    request_id = reply.headers.get("x-amzn-requestid", "")
    raise kind(f"{operation.id} was answered with no document (request {request_id})", request_id=request_id)


def _token(page: Json, paging: Paging) -> str:
    """Empty on the last page."""
    for name in paging.token:
        page = page.get(name) if isinstance(page, dict) else None
    return page if isinstance(page, str) else ""
