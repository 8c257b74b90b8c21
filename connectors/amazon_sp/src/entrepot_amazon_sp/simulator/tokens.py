"""Login with Amazon: a consent in, a refresh token out, access tokens from it until the seller takes it back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from attrs import frozen

from entrepot.channel import Json
from entrepot.runtime import Rng
from entrepot.simulation import Call, FaultPoints
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.refusals import LwaRefusal, Redirection, denied, invalid

LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=5)

NIBBLES = 344
"""With its prefix, an access token has about 350 characters."""

NO_CONSENT = "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant."
BAD_CODE = "The request has an invalid grant parameter : code"

GRANTS = frozenset({"refresh_token", "authorization_code"})
"""Those of a seller."""


@frozen
class _Code:
    redirect_uri: str
    until: datetime


class Tokens:
    """The consents and tokens of one account. `settings` are the account's: their refresh token is a consent.

    An older access token stays good until its hour is over, an older refresh token until the seller takes all consent
    back. `secrets` are the client secrets that are taken now: two of them while one is being replaced.
    """

    def __init__(self, settings: AmazonSettings, rng: Rng, time_scale: int, faults: FaultPoints) -> None:
        self._settings = settings
        given = (settings.client_secret, settings.previous_client_secret)
        self.secrets = frozenset(secret.reveal() for secret in given if secret is not None)
        self._consents = {settings.refresh_token.reveal()} if settings.refresh_token else set()
        self._codes: dict[str, _Code] = {}
        self._rng = rng
        self._time_scale = time_scale
        self._faults = faults
        self._ends: dict[str, datetime] = {}

    def revoke(self) -> None:
        self._consents.clear()
        self._codes.clear()

    def consent(self, call: Call, now: datetime) -> Json:
        """The seller consents at once: the browser is sent back. Raises Redirection, or a refusal of Amazon's page."""
        if call.text("application_id") != self._settings.application_id:
            raise invalid("application_id")
        redirect_uri = call.text("redirect_uri", self._settings.redirect_uri)
        if not redirect_uri or redirect_uri != self._settings.redirect_uri:
            raise invalid("redirect_uri: it is not registered")
        code = self._drawn("")
        self._codes[code] = _Code(redirect_uri, now + CODE_LIFETIME / self._time_scale)
        told = {"state": call.text("state"), "selling_partner_id": self._settings.seller_id, "spapi_oauth_code": code}
        raise Redirection(f"{redirect_uri}?{urlencode(told)}")

    def grant(self, form: Json, now: datetime) -> Json:
        """The answer to a token request. Raises LwaRefusal."""
        if not isinstance(form, Mapping):
            raise LwaRefusal(400, "invalid_request", "The request is missing its parameters.")
        kind = form.get("grant_type")
        if kind not in GRANTS | {"client_credentials"}:
            raise LwaRefusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        self._check_client(form)
        if kind not in GRANTS:
            raise LwaRefusal(400, "unauthorized_client", "The client is not authorized to use this grant.")
        refresh_token = self._exchange(form, now) if kind == "authorization_code" else self._consented(form)
        lifetime = LIFETIME / self._time_scale
        return {
            "access_token": self._issue(now + lifetime),
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": max(1, int(lifetime.total_seconds())),
        }

    def check(self, token: str | None, now: datetime) -> None:
        """Raises AmazonRefusal unless the token lives. A consent that is taken back does not end it (a guess)."""
        if not token:
            raise denied("Access token is missing in the request header.")
        if token not in self._ends:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if self._faults.strikes(AmazonFault.EXPIRED_TOKEN):
            self._ends[token] = now
        if now >= self._ends[token]:
            raise denied("The access token you provided has expired.")

    def _check_client(self, form: Mapping[str, str]) -> None:
        _require(form, "client_id", "client_secret")
        if form["client_id"] != self._settings.client_id or form["client_secret"] not in self.secrets:
            raise LwaRefusal(401, "invalid_client", "Client authentication failed")

    def _consented(self, form: Mapping[str, str]) -> str:
        _require(form, "refresh_token")
        if form["refresh_token"] not in self._consents or self._faults.strikes(AmazonFault.REVOKED_CONSENT):
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

    def _issue(self, until: datetime) -> str:
        token = self._drawn("Atza|")
        self._ends[token] = until
        return token

    def _drawn(self, prefix: str) -> str:
        return f"{prefix}{self._rng.randint(0, 16**NIBBLES - 1):0{NIBBLES}x}"


def _require(form: Mapping[str, str], *names: str) -> None:
    for name in names:
        if name not in form:
            raise LwaRefusal(400, "invalid_request", f"The request is missing a required parameter : {name}")
