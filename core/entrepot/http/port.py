"""The HTTP port of a connector: `channel.Http` and `channel.HttpFactory`."""

from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import field, frozen

from entrepot.channel import (
    REFRESH_TOKEN,
    AuthError,
    Authorization,
    ForbiddenError,
    Headers,
    Json,
    Method,
    Params,
    RecordError,
    Reply,
    Secret,
    TokenAnswer,
    structure,
)
from entrepot.http import encode
from entrepot.http.answer import Answer
from entrepot.http.client import Client, NoAnswer, NotSent, Request, Transport, check_url
from entrepot.http.endpoint import TokenEndpoint
from entrepot.http.grant import CallGrant, running
from entrepot.http.refusal import Exchange, Judge, Refusals
from entrepot.http.sharing import Grant
from entrepot.http.token_cache import Keeping, in_memory
from entrepot.http.tokens import TokenSource
from entrepot.model import AccountId
from entrepot.runtime import Clock
from entrepot.secrets import Redactor

if TYPE_CHECKING:
    from datetime import timedelta

T = TypeVar("T")

FORBIDDEN = 403

EMPTY = "it is empty. Next: read an answer that never has one with `into=type(None)`"

LIMIT_USED_UP = (
    "the access token was refused and is renewed now; it is sent again once the limit allows another request"
)


class AccountHttp:
    """Makes the HTTP ports of one account (`channel.HttpFactory`) and owns its connections.

    `transport` None is the real network. `offset` is by how much the channel's clock was ahead of ours at the latest
    answer that showed it; None before the first. `renewed` has the operations whose token was renewed and not tried
    yet: where it is refused again, that is the answer. `kept`: None for the time of this process.
    """

    def __init__(
        self,
        channel: Refusals,
        transport: Transport | None,
        clock: Clock,
        account: AccountId,
        *,
        user_agent: str,
        redactor: Redactor,
        kept: Keeping | None = None,
    ) -> None:
        kept = kept or in_memory(clock)
        self.account = account
        self.vault = kept.vault
        self.offset: timedelta | None = None
        self.judge = Judge(channel, redactor)
        self.renewed: set[str] = set()
        self._clock = clock
        self._redactor = redactor
        self._client = Client(transport, clock, user_agent)
        self._cache = kept.tokens
        self._sources: list[TokenSource] = []

    def __call__(
        self,
        url: str,
        *,
        bearer: Secret | None = None,
        key: Secret | None = None,
        header: str = "x-api-key",
        authorization: Authorization | None = None,
    ) -> "HttpPort":
        """Requests below `url`. Raises ValueError for a URL that names no server, or for two ways to prove who asks."""
        if sum(way is not None for way in (bearer, key, authorization)) > 1:
            raise ValueError("a port takes one of a bearer token, a key and an authorization")
        for secret in (bearer, key):
            if secret is not None:
                self._redactor.remember(secret)
        proof = {"authorization": f"Bearer {bearer.reveal()}"} if bearer else {header: key.reveal()} if key else {}
        return HttpPort(self, check_url(url), proof, authorization)

    def client_credentials(
        self, url: str, *, client_id: str, client_secret: Secret, scope: str = "", header: str = "authorization"
    ) -> TokenSource:
        """Tokens of the application itself (RFC 6749, 4.4), see `channel.HttpFactory`."""
        form = self._form("client_credentials", client_id, client_secret) | ({"scope": scope} if scope else {})
        return self._token_source(Grant(None, check_url(url), form), header)

    def refresh_token(
        self,
        url: str,
        *,
        client_id: str,
        client_secret: Secret,
        refresh_token: Secret | None = None,
        header: str = "authorization",
    ) -> TokenSource:
        """Tokens for what an owner has allowed (RFC 6749, 6), see `channel.HttpFactory`."""
        if refresh_token is not None:
            self._redactor.remember(refresh_token)
        form = self._form("refresh_token", client_id, client_secret)
        kept_as = REFRESH_TOKEN if refresh_token is None else ""
        return self._token_source(Grant(self.account, check_url(url), form, refresh_token, kept_as), header)

    async def authorization_code(
        self, url: str, *, client_id: str, client_secret: Secret, code: Secret, redirect_uri: str
    ) -> TokenAnswer:
        """Exchange a code (RFC 6749, 4.1.3), see `channel.HttpFactory`."""
        self._redactor.remember(code)
        form = self._form("authorization_code", client_id, client_secret)
        answer = await self._endpoint(url).fetch({**form, "code": code.reveal(), "redirect_uri": redirect_uri})
        for secret in (answer.access_token, answer.refresh_token):
            if secret is not None:
                self._redactor.remember(secret)
        return answer

    def _form(self, grant_type: str, client_id: str, client_secret: Secret) -> dict[str, str]:
        self._redactor.remember(client_secret)
        return {"grant_type": grant_type, "client_id": client_id, "client_secret": client_secret.reveal()}

    def _endpoint(self, url: str) -> TokenEndpoint:
        return TokenEndpoint(self.account, self._client, check_url(url), self._redactor)

    def _token_source(self, grant: Grant, header: str) -> TokenSource:
        source = TokenSource(self._endpoint(grant.url), grant, self._cache, self._clock, self._redactor, header)
        self._sources.append(source)
        return source

    async def send(self, call: CallGrant, request: Request) -> Answer:
        """Send and count. Raises NotSent and NoAnswer."""
        call.requests += 1
        call.gets += request.method == "GET"
        answer = await self._client.send(request)
        if answer.request_id:
            call.request_ids.append(self.judge.request_id(answer))
        measured = answer.clock_offset()
        self.offset = self.offset if measured is None else measured
        return answer

    async def aclose(self) -> None:
        for source in self._sources:
            await source.aclose()
        await self._client.aclose()


@frozen
class HttpPort:
    """Requests of one account below one URL (`channel.Http`)."""

    _account: AccountHttp
    _url: str
    _proof: Mapping[str, str] = field(repr=False)
    _authorization: Authorization | None

    async def get(
        self,
        path: str,
        *,
        into: type[T],
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T:
        return (await self.request("GET", path, into=into, params=params, headers=headers, spend=spend)).body

    async def post(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T:
        reply = await self.request("POST", path, into=into, json=json, params=params, headers=headers, spend=spend)
        return reply.body

    async def put(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T:
        reply = await self.request("PUT", path, into=into, json=json, params=params, headers=headers, spend=spend)
        return reply.body

    async def patch(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T:
        reply = await self.request("PATCH", path, into=into, json=json, params=params, headers=headers, spend=spend)
        return reply.body

    async def request(
        self,
        method: Method,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> Reply[T]:
        call = running()
        request = Request(method, self._below(path), headers or {}, encode.query(params), _content(json))
        limit = call.take(spend)
        exchange = Exchange(self._account.account, method, path, writes=call.writes and method != "GET")
        answer = await self._proved(call, limit, exchange, request)
        return Reply(self._body(exchange, answer, into), answer.headers)

    async def _proved(self, call: CallGrant, limit: str, exchange: Exchange, request: Request) -> Answer:
        """Sent with what proves who asks; once more with a renewed one where that was refused."""
        headers = await self._headers()
        answer = await self._send(call, limit, exchange, request, headers)
        just_renewed = call.operation in self._account.renewed
        self._account.renewed.discard(call.operation)
        if self._authorization is not None and self._may_be_outdated(answer) and not just_renewed:
            await self._authorization.renew(headers)
            headers = await self._headers()
            if not await call.take_more(limit):
                self._account.renewed.add(call.operation)
                raise self._account.judge.unanswered(exchange, LIMIT_USED_UP, sent=False)
            answer = await self._send(call, limit, exchange, request, headers)
        return answer

    def _below(self, path: str) -> str:
        """Raises ValueError for a path that would lead elsewhere."""
        if not path.startswith("/") or "?" in path or "#" in path or {".", ".."} & set(path.split("/")):
            raise ValueError(
                f"{path!r} is no path: it begins with a slash, has no query and no dots. "
                "Next: quote what comes from outside"
            )
        return self._url + path

    async def _headers(self) -> Mapping[str, str]:
        if self._authorization is not None:
            return await self._authorization.headers()
        return self._proof

    async def _send(
        self, call: CallGrant, limit: str, exchange: Exchange, request: Request, proof: Mapping[str, str]
    ) -> Answer:
        """Raises ValueError where the request's own headers would hide who asks."""
        hidden = {name.lower() for name in proof} & {name.lower() for name in request.headers}
        if hidden:
            raise ValueError(f"the port itself sends {', '.join(sorted(hidden))}. Next: leave it out of the headers")
        content = {"content-type": "application/json"} if request.body is not None else {}
        try:
            answer = await self._account.send(call, request.with_headers({**content, **request.headers, **proof}))
        except NotSent as error:  # whose text, as it is, may quote anything
            raise self._account.judge.unanswered(exchange, str(error), sent=False) from None
        except NoAnswer as error:
            raise self._account.judge.unanswered(exchange, str(error), sent=True) from None
        call.observed += self._account.judge.observed(limit, answer)
        return answer

    def _may_be_outdated(self, answer: Answer) -> bool:
        """Some channels answer an expired token with 401, some with 403, and the same for a missing permission."""
        if answer.succeeded:
            return False
        kind = self._account.judge.kind(answer)
        return issubclass(kind, AuthError) or (answer.status == FORBIDDEN and issubclass(kind, ForbiddenError))

    def _body(self, exchange: Exchange, answer: Answer, into: type[T]) -> T:
        if not answer.succeeded:
            raise self._account.judge.refusal(exchange, answer)
        if into is NoneType and answer.body in {b"", b"null"}:
            return cast("T", None)
        if not answer.body:
            raise self._account.judge.unusable(exchange, answer, EMPTY)
        try:
            return structure(answer.json(), into)
        except (ValueError, RecordError) as error:
            raise self._account.judge.unusable(exchange, answer, str(error)) from None


def _content(json: Json) -> bytes | None:
    return None if json is None else encode.body(json)
