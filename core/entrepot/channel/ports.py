"""What the core lends to a connector."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from attrs import field, frozen

from entrepot.channel.convert import Json
from entrepot.channel.secret import Secret
from entrepot.channel.vault import MemoryVault, Vault
from entrepot.model import AccountId
from entrepot.runtime import Clock

T = TypeVar("T")

Method: TypeAlias = Literal["DELETE", "GET", "PATCH", "POST", "PUT"]

Headers: TypeAlias = Mapping[str, str]
"""Of one request, beside those that prove who asks."""

Params = Mapping[str, Any]
"""Query parameters. Datetimes are sent as ISO 8601 in UTC, sequences as repeated names, None is left out."""


class Environment(StrEnum):
    """Which world an account talks to."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    SIMULATOR = "simulator"


class Authorization(Protocol):
    """Headers that prove who asks: write one where neither a key nor OAuth 2 is what the channel wants.

    `headers` is asked before each request. `renew` is called once with headers that a channel refused, and the request
    is repeated: at once, or with the next call where its limit is used up. Another task may have renewed since: then
    the present ones were never refused. Both may raise ChannelError; a request that they make is
    one of the operation's, and counted in its `spends`.
    """

    async def headers(self) -> Mapping[str, str]: ...
    async def renew(self, refused: Mapping[str, str]) -> None: ...


@frozen
class Reply(Generic[T]):
    """An answer with what stands beside its body. `headers` are found in any case (`reply.headers.get("etag")`)."""

    body: T
    headers: Mapping[str, str]


class Http(Protocol):
    """Requests to one host. Each spends what the core reserved for the running operation; one more is refused.

    `into` is the type of the decoded body. `spend` names the limit where the operation spends from several. `headers`
    go with this one request (`Idempotency-Key`, `If-Match`); `request` gives those of the answer as well, the others
    its body alone. Raises ChannelError by the channel's error table; a write without a usable answer raises
    UnknownOutcome.
    """

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
    ) -> Reply[T]: ...
    async def get(
        self,
        path: str,
        *,
        into: type[T],
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T: ...
    async def post(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T: ...
    async def put(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T: ...
    async def patch(
        self,
        path: str,
        *,
        into: type[T],
        json: Json = None,
        params: Params | None = None,
        headers: Headers | None = None,
        spend: str = "",
    ) -> T: ...


@frozen
class TokenAnswer:
    """What a token endpoint grants (RFC 6749, 5.1). An endpoint that names no lifetime is asked again after 5 minutes.

    `expires_in` in seconds.
    """

    access_token: Secret
    expires_in: int = 300
    refresh_token: Secret | None = None


class HttpFactory(Protocol):
    """Makes ports, and OAuth 2 token sources for them (`authorization=ports.http.refresh_token(...)`).

    A port proves who asks in one way, or in none: `bearer`; `key`, which goes as it is in `header`; or an
    `authorization`. `header` of a token source carries the token: `authorization` as a bearer token, any other name the
    bare token.

    `refresh_token` without a refresh token takes the one that the account's vault keeps as `channel.REFRESH_TOKEN`;
    while there is none, every request raises AuthError. Where the endpoint replaces a refresh token, the new one is
    kept, and used from then on. `authorization_code` exchanges a code, once: whoever asked for it keeps the refresh
    token of the answer. It raises AuthError where a person must act, RateLimited, else TransientError.
    """

    def __call__(
        self,
        url: str,
        *,
        bearer: Secret | None = None,
        key: Secret | None = None,
        header: str = "x-api-key",
        authorization: Authorization | None = None,
    ) -> Http: ...
    def client_credentials(
        self, url: str, *, client_id: str, client_secret: Secret, scope: str = "", header: str = "authorization"
    ) -> Authorization: ...
    def refresh_token(
        self,
        url: str,
        *,
        client_id: str,
        client_secret: Secret,
        refresh_token: Secret | None = None,
        header: str = "authorization",
    ) -> Authorization: ...
    async def authorization_code(
        self, url: str, *, client_id: str, client_secret: Secret, code: Secret, redirect_uri: str
    ) -> TokenAnswer: ...


@frozen
class Ports:
    """Everything that a connector may use of the world. Opened and closed by the core."""

    account: AccountId
    environment: Environment
    marketplaces: tuple[str, ...]
    clock: Clock
    http: HttpFactory
    vault: Vault = field(factory=MemoryVault)
