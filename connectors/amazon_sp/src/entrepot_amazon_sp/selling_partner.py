"""Amazon's Selling Partner API without the rest of Entrepot: any operation of the catalog, within its quota.

The core lends the requests, the tokens and the buckets. Nothing is stored: clients of one seller share their
quota on one event loop, but two processes do not know of each other's calls.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from attrs import evolve

from entrepot.channel import REFRESH_TOKEN, Environment, Json, Secret, TransientError
from entrepot.http import Signed, Signer, Transfer, Transport
from entrepot.model import AccountId
from entrepot.runtime import Clock, Rng, SystemClock, system_rng
from entrepot_amazon_sp.arguments import Wanted, build, build_next, check_path
from entrepot_amazon_sp.authorization import Consent
from entrepot_amazon_sp.authorization.tokens import exchange
from entrepot_amazon_sp.calls import Calls
from entrepot_amazon_sp.catalog import Operation, Paging, find
from entrepot_amazon_sp.documents import DOWNLOADS, JSON, MOST, UPLOAD, Content, Document, Link, storage_hosts, upload
from entrepot_amazon_sp.environments import host_of, transport_to
from entrepot_amazon_sp.lifetime import Lifetime
from entrepot_amazon_sp.report_types import check_report_type
from entrepot_amazon_sp.retirement import check_dates
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.values import check_deadline

THIS_MACHINE = SystemClock()


class SellingPartner:
    """One seller in one region (`NA`, `EU`, `FE`). `transport` None is the real network.

    `simulator` is the address of one on this machine, with Environment.SIMULATOR: everything goes there.
    `signer`: a signature that Amazon has ignored since October 2023 (`entrepot_amazon_sp.signing`).
    Use it in `async with`, or close it, on one event loop; after that each use is a RuntimeError. Errors are those of
    `entrepot.errors`; what the catalog does not allow is a ValueError or a TypeError, and nothing was sent.
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
        rng: Rng | None = None,
    ) -> None:
        self._settings = _checked(settings)
        self._environment = Environment(environment)  # a bare word must not lead to production
        self._account = AccountId(settings.seller_id)
        self._clock = clock or THIS_MACHINE
        self._rng = rng or system_rng()
        host = host_of(region, self._environment)
        transport = transport_to(settings, self._environment, simulator, transport)
        self._storage = Transfer(transport, self._account, storage_hosts(self._environment))
        if signer is not None:
            transport = Signed(transport, signer, host.removeprefix("https://"))
        self._shown = f"<SellingPartner of seller {settings.seller_id}, region {region}, {self._environment}>"
        self._lifetime = Lifetime(f"the client of seller {settings.seller_id}")
        self._calls = Calls(
            settings, self._environment, host, simulator, transport, self._clock, self._rng, self._lifetime
        )

    def __repr__(self) -> str:
        return self._shown

    def call(
        self,
        operation: str,
        /,
        *,
        body: Json = None,
        deadline: float | None = None,
        data_elements: Sequence[str] = (),
        report_type: str = "",
        **parameters: Any,
    ) -> Coroutine[Any, Any, Json]:
        """The answer as Amazon gives it, `payload` included; numbers with a point as Decimal, None where it is empty.

        A parameter whose name is no Python name goes as `**{"x-amzn-shipping-business-id": ...}`. Waits for the
        operation's quota. Raises ChannelError; UnknownOutcome for a write without a usable answer.
        Arguments are judged, and what Amazon removes is warned of, before there is anything to await: at the line that
        has the call, in a task too.

        What only reads, and a write that is idempotent, is repeated while it fails in passing; any other write only
        where it certainly had no effect. `deadline`: seconds for all of it, the wait for quota included. Without one a
        call waits for its turn as long as it takes, and then is repeated for a minute and four of its periods.

        Personal data: `data_elements` (one or several of `buyerInfo`, `shippingAddress`, `buyerTaxInformation`) are
        wanted of Orders v0;
        `report_type` is that of the report whose document is fetched. Where Amazon wants a restricted data token for
        them, or for the whole operation, one is asked for.
        """
        check_deadline(operation, deadline)
        found, wanted = self._judged(operation, parameters, body, data_elements, report_type)
        return self._calls.make(found, wanted, deadline)

    async def pages(
        self,
        operation: str,
        /,
        *,
        body: Json = None,
        deadline: float | None = None,
        data_elements: Sequence[str] = (),
        **parameters: Any,
    ) -> AsyncIterator[Json]:
        """The answers to a list, page by page; a page may be empty. Raises what `call` raises.

        `deadline`: of each page, as for `call`.
        """
        check_deadline(operation, deadline)
        found, wanted = self._judged(operation, parameters, body, data_elements)
        if found.paging is None:
            raise ValueError(f"{found.id} has no pages. Next: use `call`")
        last = ""
        while True:
            page = await self._calls.make(found, wanted, deadline)
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
        lent = self._calls.lent()
        async with self._lifetime.during("authorize"):
            refresh_token = await exchange(consent, self._settings, lent)
            await lent.vault.put(REFRESH_TOKEN, refresh_token)
        return refresh_token

    def document(
        self,
        operation: str,
        /,
        *,
        most: int = MOST,
        report_type: str = "",
        deadline: float | None = None,
        **parameters: Any,
    ) -> Document:
        """The document to which `getReportDocument`, say, tells the link; nothing is asked before it is entered.

        `most` bytes are allowed unpacked. `report_type` and `deadline` are those of the call that asks for the link: a
        restricted report's document needs its type. Raises ValueError for an operation that tells no link, and what
        `call` raises before anything is sent.
        """
        check_deadline(operation, deadline)
        found = find(operation)
        if found.id not in DOWNLOADS:
            raise ValueError(f"{found.id} tells no link to a document. Next: choose from {', '.join(DOWNLOADS)}")
        found, wanted = self._judged(operation, parameters, None, (), report_type)

        async def ask() -> Link:
            return Link.told(await self._calls.make(found, wanted, deadline), DOWNLOADS[found.id])

        numbers = " ".join(map(str, parameters.values()))
        return Document(self._storage, ask, f"account {self._account}: document {numbers}", self._rng, most)

    async def upload(self, content: Content, content_type: str = JSON, *, deadline: float | None = None) -> str:
        """The id of a new feed document with this content, for `createFeed`: `inputFeedDocumentId`.

        Text is written in the charset of the content type. `deadline`: seconds for all of it. Raises ChannelError;
        ValueError, TypeError and OSError for content that cannot be read or written so, with nothing sent.
        """
        check_deadline("upload", deadline)

        async def create() -> Json:
            return await self.call(UPLOAD, body={"contentType": content_type})

        async with self._lifetime.during("upload"), _in_time(f"account {self._account}: the upload", deadline):
            return await upload(self._storage, create, content, content_type, self._account, self._rng)

    async def aclose(self) -> None:
        """What still runs ends with RuntimeError, a write that was sent with UnknownOutcome."""
        await self._lifetime.end()
        await self._calls.aclose()
        await self._storage.aclose()

    async def __aenter__(self) -> Self:
        self._lifetime.check()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def _judged(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        body: Json,
        data_elements: Sequence[str],
        report_type: str = "",
    ) -> tuple[Operation, Wanted]:
        """Raises ValueError and TypeError for what cannot be sent.

        Amazon's sandbox knows no dates: its cases name types that are long removed, and one has an empty path.
        """
        found = find(operation)
        elements = (data_elements,) if isinstance(data_elements, str) else data_elements
        wanted = self._calls.restrict(found, build(found, parameters, body), elements, report_type)
        check_report_type(report_type)
        if self._environment is not Environment.SANDBOX:
            check_path(found, parameters)
            check_dates(found, body, self._clock.now().date())
        return found, wanted


@asynccontextmanager
async def _in_time(what: str, deadline: float | None) -> AsyncIterator[None]:
    """Raises TransientError when it is over."""
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            yield
    except TimeoutError as late:
        if not limit.expired():
            raise
        next_action = "begin anew, or with a longer `deadline`"
        raise TransientError(f"{what} did not end before its deadline. Next: {next_action}") from late


def _checked(settings: object) -> AmazonSettings:
    if not isinstance(settings, AmazonSettings):
        found = type(settings).__name__
        raise TypeError(f"settings are AmazonSettings, not {found}. Next: AmazonSettings(seller_id=..., ...)")
    return settings


def _token(page: Json, paging: Paging) -> str:
    """Empty on the last page."""
    for name in paging.token:
        page = page.get(name) if isinstance(page, dict) else None
    return page if isinstance(page, str) else ""
