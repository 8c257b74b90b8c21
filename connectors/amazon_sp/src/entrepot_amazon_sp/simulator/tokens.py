"""Login with Amazon: a refresh token in, access tokens out, until the seller takes the consent back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from entrepot.channel import Json
from entrepot.runtime import Rng
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator.refusals import LwaRefusal, denied

LIFETIME = timedelta(hours=1)
NIBBLES = 344
"""With its prefix, an access token has about 350 characters."""

NO_CONSENT = "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant."


class Tokens:
    """The tokens of one account. An older one stays good until its hour is over. `settings` are the account's."""

    def __init__(self, settings: AmazonSettings, rng: Rng, time_scale: int) -> None:
        self._client_id = settings.client_id
        self._client_secret = settings.client_secret.reveal()
        self._refresh_token = settings.refresh_token.reveal()
        self._rng = rng
        self._lifetime = LIFETIME / time_scale
        self._ends: dict[str, datetime] = {}
        self.revoked = False

    def grant(self, form: Json, now: datetime) -> Json:
        """The answer to a token request. Raises LwaRefusal."""
        if not isinstance(form, Mapping):
            raise LwaRefusal(400, "invalid_request", "The request is missing its parameters.")
        kind = form.get("grant_type")
        if kind not in {"refresh_token", "client_credentials", "authorization_code"}:
            raise LwaRefusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        self._check_client(form)
        if kind != "refresh_token":
            raise LwaRefusal(400, "unauthorized_client", "The client is not authorized to use this grant.")
        if "refresh_token" not in form:
            raise LwaRefusal(400, "invalid_request", "The request is missing a required parameter : refresh_token")
        if self.revoked or form["refresh_token"] != self._refresh_token:
            raise LwaRefusal(400, "invalid_grant", NO_CONSENT)
        return {
            "access_token": self._issue(now),
            "refresh_token": self._refresh_token,
            "token_type": "bearer",
            "expires_in": max(1, int(self._lifetime.total_seconds())),
        }

    def check(self, token: str | None, now: datetime) -> None:
        """Raises AmazonRefusal unless the token lives. A consent that is taken back does not end it (a guess)."""
        if not token:
            raise denied("Access token is missing in the request header.")
        if token not in self._ends:
            raise denied("The access token you provided is revoked, malformed or invalid.")
        if now >= self._ends[token]:
            raise denied("The access token you provided has expired.")

    def _check_client(self, form: Mapping[str, str]) -> None:
        for name in ("client_id", "client_secret"):
            if name not in form:
                raise LwaRefusal(400, "invalid_request", f"The request is missing a required parameter : {name}")
        if (form["client_id"], form["client_secret"]) != (self._client_id, self._client_secret):
            raise LwaRefusal(401, "invalid_client", "Client authentication failed")

    def _issue(self, now: datetime) -> str:
        token = f"Atza|{self._rng.randint(0, 16**NIBBLES - 1):0{NIBBLES}x}"
        self._ends[token] = now + self._lifetime
        return token
