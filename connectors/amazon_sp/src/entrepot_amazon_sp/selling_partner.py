"""Amazon's Selling Partner API without the rest of Entrepot: any operation of the catalog, within its quota.

The core lends the requests, the tokens and the buckets. Nothing is stored: two processes with one seller do not know
of each other's calls.
"""

from collections.abc import AsyncIterator
from types import NoneType
from typing import Any, Self, cast

from entrepot.channel import ChannelError, Environment, Facts, Http, Json, Limit, Ports, Reads, TransientError, Writes
from entrepot.http import AccountHttp, Transport, grant
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota, Observed
from entrepot.runtime import Clock, SystemClock
from entrepot.secrets import Redactor
from entrepot_amazon_sp.arguments import Wanted, build, build_next
from entrepot_amazon_sp.authorization import TOKEN_HEADER, TOKEN_URL, DatedAuthorization, authorize
from entrepot_amazon_sp.buckets import touched
from entrepot_amazon_sp.catalog import Effect, Operation, Paging, find
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.places import REGIONS
from entrepot_amazon_sp.settings import AmazonSettings

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
    ) -> None:
        if region not in REGIONS:
            raise ValueError(f"Amazon has no region {region!r}. Next: choose from {', '.join(REGIONS)}")
        self._settings = settings
        self._sandbox = sandbox
        self._host = REGIONS[region].sandbox if sandbox else REGIONS[region].endpoint
        self._clock = clock or SystemClock()
        self._account = AccountId(settings.seller_id)
        self._http = AccountHttp(
            AMAZON, transport, self._clock, self._account, user_agent=USER_AGENT, redactor=Redactor()
        )
        self._ports: dict[str, Http] = {}
        self._limits: dict[str, Limit] = {}
        self._quota = MemoryQuota(self._limits, learns=not sandbox)

    async def call(self, operation: str, /, *, body: Json = None, **parameters: Any) -> Json:
        """The answer as Amazon gives it, `payload` included; numbers with a point as Decimal, None where it is empty.

        A parameter whose name is no Python name goes as `**{"x-amzn-shipping-business-id": ...}`. Waits for the
        operation's quota. Raises ChannelError; UnknownOutcome for a write without a usable answer.
        """
        found = find(operation)
        return await self._send(found, build(found, parameters, body))

    async def pages(self, operation: str, /, *, body: Json = None, **parameters: Any) -> AsyncIterator[Json]:
        """The answers to a list, page by page; a page may be empty. Raises what `call` raises."""
        found = find(operation)
        if found.paging is None:
            raise ValueError(f"{found.id} has no pages. Next: use `call`")
        wanted, last = build(found, parameters, body), ""
        while True:
            page = await self._send(found, wanted)
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

    async def _send(self, operation: Operation, wanted: Wanted) -> Json:
        key = BucketKey(self._account, operation.id)
        self._limits[operation.id] = SANDBOX if self._sandbox else operation.limit
        within = touched(wanted.body)
        answers: list[Observed] = []

        async def one_more(_: str) -> bool:
            self._quota.answered(key, answers, within=within)
            answers.clear()
            await self._quota.acquire(key, within=within)
            return True

        await self._quota.acquire(key, within=within)
        try:
            with grant(operation.id, _facts(operation), one_more) as granted:
                granted.observed = answers
                return await self._request(operation, wanted)
        finally:
            self._quota.answered(key, answers, within=within)

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
        return reply.body

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


def _token(page: Json, paging: Paging) -> str:
    """Empty on the last page."""
    for name in paging.token:
        page = page.get(name) if isinstance(page, dict) else None
    return page if isinstance(page, str) else ""
