"""The calls of one seller: within their quota, with the tokens that they want, repeated by the core's policy."""

import asyncio
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve

from entrepot.channel import (
    REFRESH_TOKEN,
    AuthError,
    ChannelError,
    Environment,
    Facts,
    ForbiddenError,
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
from entrepot.quota import BucketKey, MemoryQuota, Observed, Turn
from entrepot.runtime import Clock, Rng
from entrepot.secrets import Redactor
from entrepot_amazon_sp.advice import add_facts
from entrepot_amazon_sp.arguments import Wanted, build
from entrepot_amazon_sp.attempts import Attempts
from entrepot_amazon_sp.authorization.restricted import CREATE, RestrictedAuthorization, RestrictedTokens, resource_of
from entrepot_amazon_sp.authorization.tokens import DatedAuthorization, authorize, authorize_application
from entrepot_amazon_sp.buckets import touched
from entrepot_amazon_sp.catalog import Effect, Operation, find
from entrepot_amazon_sp.comparing import differences, region_of
from entrepot_amazon_sp.lifetime import ClientClosedError, Lifetime
from entrepot_amazon_sp.refusals import REFUSALS
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.sharing import Endpoint, buckets_of

if TYPE_CHECKING:
    from entrepot.http.breaker import Circuit

USER_AGENT = "Entrepot/0.1 (Language=Python)"
"""Amazon wants the language, and refuses more than 500 characters."""

SANDBOX = Limit(per_second=5, burst=15)
"""Amazon's sandbox has one plan for every operation."""

NO_CONTENT = 204

ANYTHING = cast("type[Json]", Any)


class Calls:
    """Close it. `transport` None is the real network; `simulator` is where it leads otherwise."""

    def __init__(
        self,
        settings: AmazonSettings,
        environment: Environment,
        host: str,
        simulator: str | None,
        transport: Transport | None,
        clock: Clock,
        rng: Rng,
        lifetime: Lifetime,
    ) -> None:
        self._settings = settings
        self._sandbox = environment is Environment.SANDBOX
        self._environment = environment
        self._host = host
        self._clock = clock
        self._rng = rng
        self._lifetime = lifetime
        self._account = AccountId(settings.seller_id)
        redactor = Redactor()
        self._http = AccountHttp(REFUSALS, transport, clock, self._account, user_agent=USER_AGENT, redactor=redactor)
        self._restricted = RestrictedTokens(
            self._account, clock, self._ask_restricted, redactor.remember, redactor.forget
        )
        self._circuits: dict[str, Circuit] = {}
        self._ports: dict[str, Http] = {}
        self._endpoint = Endpoint(settings.client_id, host, simulator, self._sandbox)

    async def make(self, operation: Operation, wanted: Wanted, deadline: float | None) -> Json:
        """The answer, after as many attempts as the policy and `deadline` (seconds) allow. Raises ChannelError.

        RuntimeError where the client is closed, or meanwhile, if certainly nothing was written.
        """
        circuits = {} if self._sandbox else self._circuits  # the sandbox fails as it is asked to
        attempts = Attempts(operation, deadline, circuits, self._clock, self._rng)
        try:
            async with self._lifetime.during(operation.id):
                return await self._attempt(operation, wanted, attempts)
        except ClientClosedError as closed:
            raise attempts.closed(closed) from None

    def restrict(
        self, operation: Operation, wanted: Wanted, data_elements: Sequence[str], report_type: str = ""
    ) -> Wanted:
        """Raises ValueError for data elements in the sandbox, which takes restricted data tokens of production only."""
        resource = resource_of(operation, wanted.path, data_elements, report_type)
        if not self._sandbox:
            return wanted if resource is None else evolve(wanted, restricted=resource)
        if data_elements:
            raise ValueError(
                f"{operation.id}: Amazon's sandbox takes restricted data tokens of production only. "
                "Next: leave data_elements out"
            )
        return wanted

    def lent(self) -> Ports:
        return Ports(self._account, self._environment, (), self._clock, self._http, self._http.vault)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _attempt(self, operation: Operation, wanted: Wanted, attempts: Attempts) -> Json:
        await self._check_consent(operation)
        attempts.check()
        while True:
            attempts.await_turn(self._turn(operation, wanted))
            try:
                async with asyncio.timeout_at(attempts.ends):
                    answer = await self._send(operation, wanted, attempts)
            except TimeoutError as late:
                raise attempts.cut_off(self._turn(operation, wanted)) from late
            except ChannelError as error:
                await attempts.after(error, self._turn(operation, wanted))
            else:
                attempts.succeeded()
                return answer

    @property
    def _quota(self) -> MemoryQuota:
        return buckets_of(self._endpoint, self._clock).quota

    def _turn(self, operation: Operation, wanted: Wanted) -> Turn:
        return self._quota.turn(self._key(operation), within=touched(wanted.body))

    def _key(self, operation: Operation) -> BucketKey:
        buckets_of(self._endpoint, self._clock).limits[operation.id] = SANDBOX if self._sandbox else operation.limit
        return BucketKey(self._account, operation.id)

    async def _send(self, operation: Operation, wanted: Wanted, attempts: Attempts) -> Json:
        key = self._key(operation)
        within = touched(wanted.body)
        answers: list[Observed] = []

        async def one_more(_: str) -> bool:
            self._quota.answered(key, answers, within=within)
            answers.clear()
            if not attempts.in_time(self._turn(operation, wanted)):
                return False
            await self._quota.acquire(key, within=within)
            return True

        async with asyncio.timeout_at(attempts.until):  # the first one without a deadline waits for ever
            await self._quota.acquire(key, within=within)
        try:
            with grant(operation.id, _facts(operation), one_more) as granted:
                granted.observed = answers
                async with attempts.begin(granted):
                    return await self._request(operation, wanted)
        finally:
            self._quota.answered(key, answers, within=within)

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
            if isinstance(error, ForbiddenError):
                self._compare(error, operation, wanted)
            raise
        return _document(operation, reply)

    def _compare(self, error: ForbiddenError, operation: Operation, wanted: Wanted) -> None:
        region = region_of(self._host)
        found = list(differences(operation, wanted, self._account, region))
        asked = f"this client asks region {region} as seller {self._account}"
        add_facts(error, f"Compare: {'; '.join(found) or asked}")

    async def _check_consent(self, operation: Operation) -> None:
        """Raises AuthError where nobody has given a refresh token, and nothing is sent."""
        if operation.grantless or self._settings.refresh_token or await self._http.vault.get(REFRESH_TOKEN):
            return
        raise AuthError(
            f"account {self._account}: {operation.id} was not sent: the client was given no refresh token. "
            "Next: pass AmazonSettings(..., refresh_token=Secret(...)), or exchange a consent with `authorize`"
        )

    async def _ask_restricted(self, wish: Json) -> Json:
        """One attempt: it is a part of an attempt of whoever wants the token, who repeats that as a whole."""
        create = find(CREATE)
        attempts = Attempts(create, None, self._circuits, self._clock, self._rng)
        async with self._lifetime.during(create.id):
            return await self._send(create, build(create, {}, wish), attempts)

    def _port_for(self, operation: Operation, wanted: Wanted) -> Http:
        if wanted.restricted is None:
            return self._port(operation.grantless)
        tokens = RestrictedAuthorization(self._restricted, wanted.restricted)
        return self._http(self._host, authorization=DatedAuthorization(tokens, self._clock))

    def _port(self, scope: str) -> Http:
        """Requests in the name of the seller, or with a scope, of the application."""
        if scope not in self._ports:
            lent = self.lent()
            tokens = authorize_application(self._settings, scope, lent) if scope else authorize(self._settings, lent)
            self._ports[scope] = self._http(self._host, authorization=tokens)
        return self._ports[scope]


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
    numbered = f" (request {request_id})" if request_id else ""
    raise kind(f"{operation.id} was answered with no document{numbered}", request_id=request_id)
