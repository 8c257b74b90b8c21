"""One request to an OAuth 2 token endpoint, and what its answers mean."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from entrepot.channel import (
    ApplicationRefused,
    AuthError,
    ChannelError,
    ConsentRevoked,
    Json,
    RateLimited,
    RecordError,
    TokenAnswer,
    TransientError,
    structure,
)
from entrepot.http.answer import Answer
from entrepot.http.client import Client, NoAnswer, NotSent, Request
from entrepot.http.refusal import KEPT
from entrepot.model import AccountId
from entrepot.secrets import Redactor

AUTH_ERRORS = {
    "access_denied": "the owner has not allowed this. Next: authorize the application again",
    "invalid_client": "the application's own id or secret is wrong or has expired. Next: correct the settings",
    "invalid_grant": (
        "the authorization was revoked or has expired, or is mistyped, or not this application's. "
        "Next: compare the settings, then authorize the application again"
    ),
    "invalid_request": "the request lacks something. Next: compare the account's settings with the channel's guide",
    "invalid_scope": "a scope is not permitted. Next: compare the application's permissions",
    "unauthorized_client": "the application may not use this grant. Next: compare the application's permissions",
    "unsupported_grant_type": "the endpoint does not know this grant. Next: check the token URL",
}
"""RFC 6749, 5.2 and 4.1.2.1: refusals that only a person can change."""

AUTH_KINDS: Mapping[str, type[AuthError]] = {
    "access_denied": ConsentRevoked,
    "invalid_client": ApplicationRefused,
    "invalid_grant": ConsentRevoked,
    "unauthorized_client": ApplicationRefused,
}
"""Whose trouble it is, where that is told."""


@frozen
class TokenEndpoint:
    """Asks one URL. Whatever goes wrong, nothing on the channel has changed."""

    account: AccountId
    client: Client
    url: str
    redactor: Redactor

    async def fetch(self, form: Mapping[str, str]) -> TokenAnswer:
        """Raises AuthError where a person must act, RateLimited, else TransientError."""
        request = Request(
            "POST",
            self.url,
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
        )
        try:
            answer = await self.client.send(request)
        except (NotSent, NoAnswer) as error:
            words = self.redactor.text(str(error))  # which, as it is, may quote anything
            raise TransientError(f"{self._asked()} got no answer: {words}") from None
        if not answer.succeeded:
            raise self._refusal(answer)
        try:
            return structure(answer.json(), TokenAnswer)
        except (ValueError, RecordError):  # its text may hold a part of a token
            raise TransientError(
                f"{self._asked()} was answered {answer.status} without a token",
                status=answer.status,
                request_id=self.redactor.text(answer.request_id),
            ) from None

    def _refusal(self, answer: Answer) -> ChannelError:
        body = answer.refusal_json()
        code = self._told(body, "error")
        told: dict[str, Any] = {
            "status": answer.status,
            "code": code,
            "request_id": self.redactor.text(answer.request_id) or self._told(body, "request_id"),
            "details": self._told(body, "error_description")[:KEPT],
        }
        words = f"{self._asked()} was answered {answer.status} {code}".rstrip()
        if answer.status == 429:  # noqa: PLR2004 - HTTP's number
            return RateLimited(words, **told, retry_after=answer.retry_after())
        known = answer.status < 500 and code in AUTH_ERRORS  # noqa: PLR2004 - HTTP's number
        listed = AUTH_KINDS.get(code, AuthError)
        kind = listed if known or answer.status == 401 else TransientError  # noqa: PLR2004 - as above
        said = f": {AUTH_ERRORS[code]}" if known else ""
        return kind(words + said, **told)

    def _told(self, body: Json, field: str) -> str:
        """A text of the answer without secrets; "" where there is none."""
        text = body.get(field) if isinstance(body, dict) else None
        return self.redactor.text(text) if isinstance(text, str) else ""

    def _asked(self) -> str:
        return f"account {self.account}: token request to {self.client.reached(self.url)}"
