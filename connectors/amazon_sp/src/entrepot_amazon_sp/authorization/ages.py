"""What lets us in ends some day: a client secret after 180 days, a seller's consent after 365.

From Amazon's pages "Rotating your application's LWA credentials" and "Renew authorizations".
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from attrs import frozen

from entrepot.channel import ChannelError, CredentialWarning, Secret, Vault
from entrepot.model import AccountId
from entrepot.runtime import Clock
from entrepot_amazon_sp.authorization.tokens import DatedAuthorization
from entrepot_amazon_sp.settings import AmazonSettings

SECRET_LIFE = timedelta(days=180)
CONSENT_LIFE = timedelta(days=365)
WARNED = timedelta(days=30)
"""So long before an end it is told."""

CONSENTED_AT = "consented_at"
SECRET_SEEN = "client_secret_seen"  # noqa: S105 - the name under which it is kept


@frozen
class Ages:
    """None is unknown: the age of a secret without a vault to remember it, of a consent that was given elsewhere."""

    secret_since: datetime | None = None
    consented_at: datetime | None = None
    uses_previous_secret: bool = False


def warnings(account: AccountId, ages: Ages, now: datetime) -> Iterator[CredentialWarning]:
    """What a person must do before it is too late, and what is too late."""
    if ages.uses_previous_secret:
        yield CredentialWarning(
            "Amazon refuses the present client secret and takes the previous one",
            "compare client_secret with the developer portal; a new one may take an hour to be taken",
        )
    if ages.secret_since is not None and (words := _ending(ages.secret_since + SECRET_LIFE, now)):
        next_action = f"entrepot amazon rotate-secret {account}, or rotate it in the developer portal"
        yield CredentialWarning(f"the client secret {words}", next_action)
    if ages.consented_at is not None and (words := _ending(ages.consented_at + CONSENT_LIFE, now)):
        yield CredentialWarning(f"the seller's consent {words}", f"entrepot amazon authorize {account}")


def _ending(end: datetime, now: datetime) -> str:
    if now < end - WARNED:
        return ""
    if now < end:
        return f"ends on {end:%Y-%m-%d}, in {(end - now).days} days"
    return f"ended on {end:%Y-%m-%d}"


@frozen
class Credentials:
    """One account's, with what is kept of them."""

    account: AccountId
    settings: AmazonSettings
    vault: Vault
    clock: Clock
    authorization: DatedAuthorization

    async def warnings(self) -> tuple[CredentialWarning, ...]:
        """Ages that cannot be read are unknown: no check fails by them."""
        try:
            ages = Ages(
                await self._secret_since(),
                _instant(await self.vault.get(CONSENTED_AT)) if self.settings.refresh_token is None else None,
                self.authorization.uses_previous_secret,
            )
        except ChannelError:
            ages = Ages(self._stated(), uses_previous_secret=self.authorization.uses_previous_secret)
        return tuple(warnings(self.account, ages, self.clock.now()))

    def _stated(self) -> datetime | None:
        day = self.settings.client_secret_created
        return None if day is None else datetime.combine(day, time(), UTC)

    async def _secret_since(self) -> datetime | None:
        """As plugins.toml states; else since it was first seen here, which is noted beside its fingerprint."""
        stated = self._stated()
        if stated is not None:
            return stated
        fingerprint = hashlib.sha256(self.settings.client_secret.reveal().encode()).hexdigest()
        kept = await self.vault.get(SECRET_SEEN)
        seen, _, at = kept.reveal().partition(" ") if kept else ("", "", "")
        if seen == fingerprint:
            return datetime.fromisoformat(at)
        now = self.clock.now()
        await self.vault.put(SECRET_SEEN, Secret(f"{fingerprint} {now.isoformat()}"))
        return now


def _instant(kept: Secret | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept.reveal())
