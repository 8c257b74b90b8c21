"""Login with Amazon: a consent in, a refresh token out, access tokens from it until the seller takes it back.

An application also gets tokens for itself, each for a scope: that of operations that need no seller's grant.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlencode

from attrs import frozen

from entrepot.channel import Json
from entrepot.runtime import Rng
from entrepot.simulation import Call
from entrepot_amazon_sp.catalog import find, ids
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator.application import Application
from entrepot_amazon_sp.simulator.refusals import LwaRefusal, Redirection, denied, invalid

LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=5)

NIBBLES = 344
"""With its prefix, an access token has about 350 characters."""

NO_CONSENT = "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant."
BAD_CODE = "The request has an invalid grant parameter : code"

GRANTS = frozenset({"refresh_token", "authorization_code", "client_credentials"})

GRANTLESS = frozenset({"sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"})
"""Scopes that an application may have for itself. A third one, of migration, went with its API in 2024."""

OF_A_SELLER = frozenset({""})


@frozen
class _Code:
    redirect_uri: str
    until: datetime


@frozen
class _Access:
    """`scopes` are those of the operations that it opens, as the catalog has them: "" where they need a seller."""

    until: datetime
    scopes: frozenset[str]


@cache
def scope_of(operation: str) -> str:
    """By its id or the part behind the dot, which no two operations of different scopes share."""
    fitting = (find(id_) for id_ in ids() if operation in {id_, id_.partition(".")[2]})
    return next(fitting).grantless


class Tokens:
    """The consents and tokens of one account. `settings` are the account's: their refresh token is a consent.

    An older access token stays good until its hour is over, an older refresh token until the seller takes all consent
    back.
    """

    def __init__(self, settings: AmazonSettings, application: Application, rng: Rng, time_scale: int) -> None:
        self._settings = settings
        self._application = application
        self._consents = {settings.refresh_token.reveal()} if settings.refresh_token else set()
        self._codes: dict[str, _Code] = {}
        self._rng = rng
        self._time_scale = time_scale
        self._accesses: dict[str, _Access] = {}

    def revoke(self) -> None:
        self._consents.clear()
        self._codes.clear()

    def consent(self, call: Call, now: datetime) -> Json:
        """The seller consents at once: the browser is sent back. Raises Redirection, or a refusal of Amazon's page."""
        if call.text("application_id") != self._application.id:
            raise invalid("application_id")
        redirect_uri = call.text("redirect_uri", self._application.redirect_uri)
        if not redirect_uri or redirect_uri != self._application.redirect_uri:
            raise invalid("redirect_uri: it is not registered")
        code = self._drawn("")
        self._codes[code] = _Code(redirect_uri, now + CODE_LIFETIME / self._time_scale)
        told = {"state": call.text("state"), "selling_partner_id": self._settings.seller_id, "spapi_oauth_code": code}
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
        self._application.check(form, now)
        if kind == "client_credentials":
            scopes = _scopes(form)
            return {"scope": " ".join(sorted(scopes))} | self._issue(scopes, now)
        refresh_token = self._exchange(form, now) if kind == "authorization_code" else self._consented(form)
        return {"refresh_token": refresh_token} | self._issue(OF_A_SELLER, now)

    def check(self, token: str | None, operation: str, now: datetime) -> None:
        """Raises AmazonRefusal unless the token lives and opens the operation, which the catalog knows as grantless.

        A consent that is taken back does not end it (a guess).
        """
        if not token:
            raise denied("Access token is missing in the request header.")
        access = self._accesses.get(token)
        if access is None:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if now >= access.until:
            raise denied("The access token you provided has expired.")
        if scope_of(operation) not in access.scopes:
            raise denied()

    def _consented(self, form: Mapping[str, str]) -> str:
        _require(form, "refresh_token")
        if form["refresh_token"] not in self._consents:
            raise LwaRefusal(400, "invalid_grant", NO_CONSENT)
        return form["refresh_token"]

    def _exchange(self, form: Mapping[str, str], now: datetime) -> str:
        """A code is good once, also where it is refused (a guess)."""
        _require(form, "code", "redirect_uri")
        code = self._codes.pop(form["code"], None)
        if code is None or now >= code.until or form["redirect_uri"] != code.redirect_uri:
            raise LwaRefusal(400, "invalid_grant", BAD_CODE)
        refresh_token = self._drawn("Atzr|")
        self._consents.add(refresh_token)
        return refresh_token

    def _issue(self, scopes: frozenset[str], now: datetime) -> dict[str, Json]:
        token, lifetime = self._drawn("Atza|"), LIFETIME / self._time_scale
        self._accesses[token] = _Access(now + lifetime, scopes)
        return {"access_token": token, "token_type": "bearer", "expires_in": max(1, int(lifetime.total_seconds()))}

    def _drawn(self, prefix: str) -> str:
        return f"{prefix}{self._rng.randint(0, 16**NIBBLES - 1):0{NIBBLES}x}"


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
