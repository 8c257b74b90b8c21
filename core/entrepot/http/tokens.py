"""Access tokens from an OAuth 2 token endpoint, held in memory and renewed in time."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from attrs import field, frozen

from entrepot.channel import (
    ApplicationRefused,
    AuthError,
    ChannelError,
    ConsentRevoked,
    RateLimited,
    RecordError,
    Secret,
    TransientError,
    structure,
)
from entrepot.http.answer import Answer
from entrepot.http.client import Client, NoAnswer, NothingListens, NotSent, Request
from entrepot.model import AccountId
from entrepot.runtime import Clock
from entrepot.secrets import Redactor

MARGIN = timedelta(seconds=60)
"""A token is renewed this long before its end, or at half its life where that is shorter."""

AUTH_ERRORS = {
    "access_denied": "the owner has not allowed this. Next: authorize the application again",
    "invalid_client": "the application's own id or secret is wrong or has expired. Next: correct the settings",
    "invalid_grant": "the authorization was revoked or has expired. Next: authorize the application again",
    "invalid_request": "the request lacks something. Next: compare the account's settings with the channel's guide",
    "invalid_scope": "a scope is not permitted. Next: compare the application's permissions",
    "unauthorized_client": "the application may not use this grant. Next: compare the application's permissions",
    "unsupported_grant_type": "the endpoint does not know this grant. Next: check the token URL",
}
"""RFC 6749, 5.2 and 4.1.2.1: refusals that only a person can change."""

AUTH_KINDS: Mapping[str, type[AuthError]] = {
    "invalid_client": ApplicationRefused,
    "invalid_grant": ConsentRevoked,
    "unauthorized_client": ApplicationRefused,
}
"""Whose trouble it is, where that is told."""


@frozen
class Grant:
    """What is read of a token answer. A channel that names no lifetime is asked again after five minutes."""

    access_token: Secret
    expires_in: int = 300


@frozen
class TokenEndpoint:
    """Asks one URL with one form. Whatever goes wrong, nothing on the channel has changed."""

    account: AccountId
    client: Client
    url: str
    form: Mapping[str, str] = field(repr=False)
    redactor: Redactor

    async def fetch(self) -> Grant:
        """Raises AuthError where a person must act, RateLimited, else TransientError."""
        request = Request(
            "POST",
            self.url,
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(self.form).encode(),
        )
        try:
            answer = await self.client.send(request)
        except (NotSent, NoAnswer) as error:
            raise TransientError(self._no_answer(error)) from error
        if not answer.succeeded:
            raise self._refusal(answer)
        try:
            return structure(answer.json(), Grant)
        except (ValueError, RecordError):  # its text may hold a part of a token
            raise TransientError(
                f"{self._asked()} was answered {answer.status} without a token",
                status=answer.status,
                request_id=answer.request_id,
            ) from None

    def _refusal(self, answer: Answer) -> ChannelError:
        body = answer.refusal_json()
        word = body.get("error") if isinstance(body, dict) else None
        code = self.redactor.text(word) if isinstance(word, str) else ""
        words = f"{self._asked()} was answered {answer.status} {code}".rstrip()
        if answer.status == 429:  # noqa: PLR2004 - HTTP's number
            return RateLimited(words, status=429, code=code, retry_after=answer.retry_after())
        known = answer.status < 500 and code in AUTH_ERRORS  # noqa: PLR2004 - HTTP's number
        listed = AUTH_KINDS.get(code, AuthError)
        kind = listed if known or answer.status == 401 else TransientError  # noqa: PLR2004 - as above
        said = f": {AUTH_ERRORS[code]}" if known else ""
        return kind(words + said, status=answer.status, code=code, request_id=answer.request_id)

    def _no_answer(self, error: Exception) -> str:
        words = self.redactor.text(str(error))
        if isinstance(error.__cause__, NothingListens):  # then the endpoint is not to blame
            return f"account {self.account}: {words}"
        return f"{self._asked()} got no answer: {words}"

    def _asked(self) -> str:
        return f"account {self.account}: token request to {self.url}"


class TokenSource:
    """`channel.Authorization` with one account's token. Tasks share the token, the attempt to get one, and its failure.

    A cancelled task gives its attempt up, and the next one in the queue makes its own. A refresh token that the
    endpoint replaces is not kept.
    """

    def __init__(self, endpoint: TokenEndpoint, clock: Clock, redactor: Redactor, header: str) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._redactor = redactor
        self._header = header
        self._lock = asyncio.Lock()
        self._tokens: tuple[Secret, ...] = ()
        self._renew_at: datetime | None = None
        self._attempts = 0
        self._failure: ChannelError | None = None

    async def headers(self) -> Mapping[str, str]:
        """Raises what `TokenEndpoint.fetch` raises."""
        return {self._header: self._word(await self._current())}

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Never use the refused token again. Raises what `TokenEndpoint.fetch` raises."""
        if self._tokens and refused.get(self._header) == self._word(self._tokens[-1]):
            self._renew_at = None
        await self._current()

    def _word(self, token: Secret) -> str:
        return ("Bearer " if self._header == "authorization" else "") + token.reveal()

    async def _current(self) -> Secret:
        attempts = self._attempts
        async with self._lock:
            if self._renew_at is not None and self._clock.now() < self._renew_at:
                return self._tokens[-1]
            if self._failure is not None and self._attempts != attempts:
                raise self._failure
            return await self._fetch()

    async def _fetch(self) -> Secret:
        asked_at = self._clock.now()
        self._failure = None
        try:
            fetched = await self._endpoint.fetch()
        except ChannelError as error:
            self._attempts, self._failure = self._attempts + 1, error
            raise
        self._attempts += 1
        lifetime = timedelta(seconds=fetched.expires_in)
        self._renew_at = asked_at + lifetime - min(MARGIN, lifetime / 2)
        self._keep(fetched.access_token)
        return fetched.access_token

    def _keep(self, token: Secret) -> None:
        """The token before is still looked for in texts: answers to requests with it may be on their way."""
        self._redactor.remember(token)
        for outdated in self._tokens[:-1]:
            self._redactor.forget(outdated)
        self._tokens = (*self._tokens[-1:], token)
