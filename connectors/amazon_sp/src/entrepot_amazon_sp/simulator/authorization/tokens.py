"""Login with Amazon: a consent in, a refresh token out, access tokens from it until the seller takes it back.

An application also gets tokens for itself, each for a scope: that of operations that need no seller's grant.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from urllib.parse import urlencode

from attrs import evolve, frozen

from entrepot.channel import Json, Secret
from entrepot.runtime import Rng
from entrepot.simulation import Call
from entrepot_amazon_sp.catalog import find, ids
from entrepot_amazon_sp.simulator.authorization.application import INVENTED_PREFIX, Application
from entrepot_amazon_sp.simulator.authorization.resources import Resource
from entrepot_amazon_sp.simulator.refusals import LwaRefusal, Redirection, denied, invalid

LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=5)

REFRESH_PREFIX = f"{INVENTED_PREFIX}Atzr|"

NIBBLES = 344
"""With its prefix, an access token has about 350 characters."""

NO_CONSENT = "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant."
BAD_CODE = "The request has an invalid grant parameter : code"

GRANTS = frozenset({"refresh_token", "authorization_code", "client_credentials"})

GRANTLESS = frozenset({"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"})
"""Scopes that an application may have for itself. A third one, of migration, went with its API in 2024."""

OF_A_SELLER = frozenset({""})

TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - a header's name


@frozen
class _Code:
    seller: str
    redirect_uri: str
    until: datetime


@frozen
class _Access:
    """`scopes` are those of the operations that it opens, as the catalog has them: "" where they need a seller.

    A restricted one opens nothing but its `resources`.
    """

    seller: str
    until: datetime
    scopes: frozenset[str]
    resources: tuple[Resource, ...] = ()


@cache
def scope_of(operation: str) -> str:
    """By its id or the part behind the dot, which no two operations of different scopes share."""
    fitting = (find(id_) for id_ in ids() if operation in {id_, id_.partition(".")[2]})
    return next(fitting).grantless


class Tokens:
    """The consents and tokens of one application, from all of its sellers.

    An older access token stays good until its hour is over, an older refresh token until its seller takes all consent
    back.
    """

    def __init__(self, application: Application, rng: Rng, time_scale: int) -> None:
        self.application = application
        self._numbers = count()
        self._consents: dict[str, str] = {}
        self._codes: dict[str, _Code] = {}
        self._rng = rng
        self._lifetime = LIFETIME / time_scale
        self._code_lifetime = CODE_LIFETIME / time_scale
        self._accesses: dict[str, _Access] = {}

    @property
    def given_out(self) -> Collection[str]:
        """The access tokens of the last hours."""
        return self._accesses.keys()

    def enroll(self, seller: str, refresh_token: Secret | None) -> int:
        """One more seller, who has consented already where there is a token. The number, from 0."""
        if refresh_token:
            self._consents[refresh_token.reveal()] = seller
        return next(self._numbers)

    def revoke(self, seller: str) -> None:
        self._consents = {token: each for token, each in self._consents.items() if each != seller}
        self._codes = {text: code for text, code in self._codes.items() if code.seller != seller}

    def consent(self, call: Call, seller: str, now: datetime) -> Json:
        """The seller consents at once: the browser is sent back. Raises Redirection, or a refusal of Amazon's page."""
        if call.text("application_id") != self.application.id:
            raise invalid("application_id")
        redirect_uri = call.text("redirect_uri", self.application.redirect_uri)
        if not redirect_uri or redirect_uri != self.application.redirect_uri:
            raise invalid("redirect_uri: it is not registered")
        code = self._drawn("")
        self._codes[code] = _Code(seller, redirect_uri, now + self._code_lifetime)
        told = {"state": call.text("state"), "selling_partner_id": seller, "spapi_oauth_code": code}
        raise Redirection(f"{redirect_uri}?{urlencode(told)}")

    def grant(self, body: Json, now: datetime) -> Json:
        """The answer to a token request. Raises LwaRefusal."""
        if not isinstance(body, Mapping):
            raise LwaRefusal(400, "invalid_request", "The request is missing its parameters.")
        form = {name: str(text) for name, text in body.items()}
        kind = form.get("grant_type")
        if kind not in GRANTS:
            raise LwaRefusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        _require(form, "client_id", "client_secret")
        self.application.check(form, now)
        if kind == "client_credentials":
            scopes = _scopes(form)
            return {"scope": " ".join(sorted(scopes))} | self._granted(_Access("", now + self._lifetime, scopes))
        refresh_token = self._exchange(form, now) if kind == "authorization_code" else self._consented(form)
        access = _Access(self._consents[refresh_token], now + self._lifetime, OF_A_SELLER)
        return {"refresh_token": refresh_token} | self._granted(access)

    def check(self, call: Call, now: datetime) -> None:
        """Raises AmazonRefusal unless the request's token lives and opens what is asked.

        A consent that is taken back does not end it (a guess).
        """
        token = call.headers.get(TOKEN_HEADER)
        if not token:
            raise denied("Access token is missing in the request header.")
        access = self._accesses.get(token)
        if access is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if now >= access.until:
            raise denied("The access token you provided has expired.")
        if scope_of(call.limit) not in access.scopes or (access.resources and not _opened(access, call)):
            raise denied()

    def expire(self, call: Call, now: datetime) -> None:
        """The request's token, if it is one, ends before its time."""
        token = call.headers.get(TOKEN_HEADER, "")
        if token in self._accesses:
            self._accesses[token] = evolve(self._accesses[token], until=now)

    def seller_of(self, token: str) -> str:
        """Empty for a token that is none, or the application's own."""
        return self._accesses[token].seller if token in self._accesses else ""

    def elements(self, call: Call) -> frozenset[str]:
        """The personal data that the token of an accepted request opens there."""
        opened = _opened(self._accesses[call.headers[TOKEN_HEADER]], call)
        return frozenset(element for resource in opened for element in resource.elements)

    def opens(self, call: Call) -> bool:
        """Whether the token of an accepted request is a restricted one."""
        return bool(self._accesses[call.headers[TOKEN_HEADER]].resources)

    def restrict(self, call: Call, resources: tuple[Resource, ...], now: datetime) -> tuple[str, int]:
        """A token for the seller of an accepted request, and its seconds."""
        seller = self.seller_of(call.headers[TOKEN_HEADER])
        access = _Access(seller, now + self._lifetime, OF_A_SELLER, resources)
        return self._issue("Atz.sprdt|", access), self._seconds

    def _consented(self, form: Mapping[str, str]) -> str:
        _require(form, "refresh_token")
        if form["refresh_token"] not in self._consents:
            raise LwaRefusal(400, "invalid_grant", NO_CONSENT)
        return form["refresh_token"]

    def _exchange(self, form: Mapping[str, str], now: datetime) -> str:
        """A code is good once, also where it is refused, and without its address, as two clients buy (guesses)."""
        _require(form, "code")
        code = self._codes.pop(form["code"], None)
        if code is None or now >= code.until or form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            raise LwaRefusal(400, "invalid_grant", BAD_CODE)
        refresh_token = self._drawn(REFRESH_PREFIX)
        self._consents[refresh_token] = code.seller
        return refresh_token

    @property
    def _seconds(self) -> int:
        return max(1, int(self._lifetime.total_seconds()))

    def _granted(self, access: _Access) -> dict[str, Json]:
        return {"access_token": self._issue("Atza|", access), "token_type": "bearer", "expires_in": self._seconds}

    def _issue(self, prefix: str, access: _Access) -> str:
        self._forget(access.until - 2 * self._lifetime)
        token = self._drawn(prefix)
        self._accesses[token] = access
        return token

    def _forget(self, before: datetime) -> None:
        """Tokens that ended an hour ago: then there is no telling them from such as never were."""
        while self._accesses and next(iter(self._accesses.values())).until < before:
            del self._accesses[next(iter(self._accesses))]

    def _drawn(self, prefix: str) -> str:
        return f"{prefix}{self._rng.randint(0, 16**NIBBLES - 1):0{NIBBLES}x}"


def _opened(access: _Access, call: Call) -> list[Resource]:
    return [resource for resource in access.resources if resource.is_at(call.method, call.target)]


def _require(form: Mapping[str, str], *names: str) -> None:
    for name in names:
        if name not in form:
            raise LwaRefusal(400, "invalid_request", f"The request is missing a required parameter : {name}")


def _scopes(form: Mapping[str, str]) -> frozenset[str]:
    """One or several, with spaces between them."""
    _require(form, "scope")
    scopes = frozenset(form["scope"].split(" "))
    if not scopes <= GRANTLESS:
        raise LwaRefusal(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    return scopes
