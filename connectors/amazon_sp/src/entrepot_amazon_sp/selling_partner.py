"""Amazon's Selling Partner API without the rest of Entrepot: any operation of the catalog, within its quota.

The core lends the requests, the tokens and the buckets. Nothing is stored: two processes with one seller do not know
of each other's calls.
"""

from collections.abc import AsyncIterator, Sequence
from types import NoneType
from typing import Any, Self, cast

from attrs import evolve

from entrepot.channel import (
    REFRESH_TOKEN,
    ChannelError,
    Environment,
    Facts,
    Http,
    Json,
    Limit,
    Ports,
    Reads,
    Secret,
    TransientError,
    Writes,
)
from entrepot.http import AccountHttp, Signed, Signer, Transfer, Transport, grant
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota
from entrepot.runtime import Clock, SystemClock
from entrepot.secrets import Redactor
from entrepot_amazon_sp.arguments import Wanted, build, build_next
from entrepot_amazon_sp.authorization import Consent
from entrepot_amazon_sp.authorization.restricted import CREATE, RestrictedAuthorization, RestrictedTokens, resource_of
from entrepot_amazon_sp.authorization.tokens import DatedAuthorization, authorize, authorize_application, exchange
from entrepot_amazon_sp.catalog import Effect, Operation, Paging, find
from entrepot_amazon_sp.documents import DOWNLOADS, JSON, MOST, UPLOAD, Content, Document, Link, storage_hosts, upload
from entrepot_amazon_sp.environments import host_of, transport_to
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.retirement import check_dates
from entrepot_amazon_sp.settings import AmazonSettings

USER_AGENT = "Entrepot/0.1 (Language=Python)"
"""Amazon wants the language, and refuses more than 500 characters."""

SANDBOX = Limit(per_second=5, burst=15)
"""Amazon's sandbox has one plan for every operation."""

NO_CONTENT = 204

ANYTHING = cast("type[Json]", Any)


class SellingPartner:
    """One seller in one region (`NA`, `EU`, `FE`). `transport` None is the real network.

    `simulator` is the address of one on this machine, with Environment.SIMULATOR: everything goes there.
    `signer`: a signature that Amazon has ignored since October 2023 (`entrepot_amazon_sp.signing`).
    Close it, or use it in `async with`. Errors are those of `entrepot.errors`; what the catalog does not allow is a
    ValueError, and nothing was sent.
    """

    def __init__(
        self,
        settings: AmazonSettings,
        *,
        region: str,
        environment: Environment = Environment.PRODUCTION,
        simulator: str | None = None,
        signer: Signer | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._environment = Environment(environment)  # a bare word must not lead to production
        self._host = host_of(region, self._environment)
        transport = transport_to(settings, self._environment, simulator, transport)
        self._clock = clock or SystemClock()
        self._account = AccountId(settings.seller_id)
        redactor = Redactor()
        self._storage = Transfer(transport, self._account, storage_hosts(self._environment))
        if signer is not None:
            transport = Signed(transport, signer, self._host.removeprefix("https://"))
        self._http = AccountHttp(
            AMAZON, transport, self._clock, self._account, user_agent=USER_AGENT, redactor=redactor
        )
        self._restricted = RestrictedTokens(
            self._account, self._clock, self._ask_restricted, redactor.remember, redactor.forget
        )
        self._ports: dict[str, Http] = {}
        self._limits: dict[str, Limit] = {}
        self._quota = MemoryQuota(self._limits)

    async def call(
        self,
        operation: str,
        /,
        *,
        body: Json = None,
        data_elements: Sequence[str] = (),
        report_type: str = "",
        **parameters: Any,
    ) -> Json:
        """The answer as Amazon gives it, `payload` included; numbers with a point as Decimal, None where it is empty.

        A parameter whose name is no Python name goes as `**{"x-amzn-shipping-business-id": ...}`. Waits for the
        operation's quota. Raises ChannelError; UnknownOutcome for a write without a usable answer.

        Personal data: `data_elements` (`buyerInfo`, `shippingAddress`, `buyerTaxInformation`) are wanted of Orders v0;
        `report_type` is that of the report whose document is fetched. Where Amazon wants a restricted data token for
        them, or for the whole operation, one is asked for.
        """
        found = self._find(operation, body)
        wanted = build(found, parameters, body)
        return await self._send(found, self._restrict(found, wanted, data_elements, report_type))

    async def pages(
        self, operation: str, /, *, body: Json = None, data_elements: Sequence[str] = (), **parameters: Any
    ) -> AsyncIterator[Json]:
        """The answers to a list, page by page; a page may be empty. Raises what `call` raises."""
        found = self._find(operation, body)
        if found.paging is None:
            raise ValueError(f"{found.id} has no pages. Next: use `call`")
        wanted, last = self._restrict(found, build(found, parameters, body), data_elements), ""
        while True:
            page = await self._send(found, wanted)
            yield page
            token = _token(page, found.paging)
            if not token:
                return
            if token == last:
                raise TransientError(f"{found.id} told one page token twice: there would be no end. Next: begin anew")
            last = token
            following = build_next(found, found.paging, parameters, body, token)
            wanted = evolve(following, restricted=wanted.restricted)

    async def authorize(self, consent: Consent) -> Secret:
        """Exchange a consent's code for the refresh token, which this client uses from now on: keep it.

        Raises AuthError where a person must act, else RateLimited or TransientError.
        """
        lent = self._lent()
        refresh_token = await exchange(consent, self._settings, lent)
        await lent.vault.put(REFRESH_TOKEN, refresh_token)
        return refresh_token

    def document(self, operation: str, /, *, most: int = MOST, **parameters: Any) -> Document:
        """The document to which `getReportDocument`, say, tells the link; nothing is asked before it is entered.

        Raises ValueError for an operation that tells none.
        """
        found = find(operation)
        if found.id not in DOWNLOADS:
            raise ValueError(f"{found.id} tells no link to a document. Next: choose from {', '.join(DOWNLOADS)}")

        async def ask() -> Link:
            return Link.told(await self.call(found.id, **parameters), DOWNLOADS[found.id])

        numbers = " ".join(map(str, parameters.values()))
        return Document(self._storage, ask, f"account {self._account}: document {numbers}", most)

    async def upload(self, content: Content, content_type: str = JSON) -> str:
        """The id of a new feed document with this content, for `createFeed`: `inputFeedDocumentId`.

        Text is written in the charset of the content type. Raises ChannelError; ValueError and OSError for content that
        cannot be read or written so.
        """

        async def create() -> Json:
            return await self.call(UPLOAD, body={"contentType": content_type})

        return await upload(self._storage, create, content, content_type, self._account)

    async def aclose(self) -> None:
        await self._http.aclose()
        await self._storage.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def _find(self, operation: str, body: Json) -> Operation:
        """Amazon's sandbox knows no dates: its cases name types that are long removed."""
        found = find(operation)
        if self._environment is not Environment.SANDBOX:
            check_dates(found, body, self._clock.now().date())
        return found

    async def _send(self, operation: Operation, wanted: Wanted) -> Json:
        key = BucketKey(self._account, operation.id)
        self._limits[operation.id] = SANDBOX if self._environment is Environment.SANDBOX else operation.limit

        async def one_more(_: str) -> bool:
            self._quota.answered(key)
            await self._quota.acquire(key)
            return True

        await self._quota.acquire(key)
        try:
            with grant(operation.id, _facts(operation), one_more):
                return await self._request(operation, wanted)
        finally:
            self._quota.answered(key)

    async def _request(self, operation: Operation, wanted: Wanted) -> Json:
        try:
            reply = await self._port_for(operation, wanted).request(
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

    def _restrict(
        self, operation: Operation, wanted: Wanted, data_elements: Sequence[str], report_type: str = ""
    ) -> Wanted:
        """Raises ValueError for data elements in the sandbox, which takes restricted data tokens of production only."""
        resource = resource_of(operation, wanted.path, data_elements, report_type)
        if self._environment is not Environment.SANDBOX:
            return evolve(wanted, restricted=resource)
        if data_elements:
            raise ValueError(
                f"{operation.id}: Amazon's sandbox takes restricted data tokens of production only. "
                "Next: leave data_elements out"
            )
        return wanted

    async def _ask_restricted(self, wish: Json) -> Json:
        return await self.call(CREATE, body=wish)

    def _port_for(self, operation: Operation, wanted: Wanted) -> Http:
        if wanted.restricted is None:
            return self._port(operation.grantless)
        tokens = RestrictedAuthorization(self._restricted, wanted.restricted)
        return self._http(self._host, authorization=DatedAuthorization(tokens, self._clock))

    def _port(self, scope: str) -> Http:
        """Requests in the name of the seller, or with a scope, of the application."""
        if scope not in self._ports:
            lent = self._lent()
            tokens = authorize_application(self._settings, scope, lent) if scope else authorize(self._settings, lent)
            self._ports[scope] = self._http(self._host, authorization=tokens)
        return self._ports[scope]

    def _lent(self) -> Ports:
        return Ports(self._account, self._environment, (), self._clock, self._http, self._http.vault)


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
