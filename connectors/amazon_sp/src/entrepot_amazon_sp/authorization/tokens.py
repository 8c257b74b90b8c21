"""Who asks: Login with Amazon, and the date that Amazon wants to see beside the token."""

from collections.abc import Callable, Mapping

from attrs import frozen

from entrepot import channel
from entrepot.channel import AuthError, Secret
from entrepot.runtime import Clock
from entrepot_amazon_sp.authorization.consent import Consent
from entrepot_amazon_sp.authorization.overlap import REFUSED, SecretOverlap
from entrepot_amazon_sp.authorization.states import AGAIN, ConsentError
from entrepot_amazon_sp.settings import AmazonSettings

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
"""One for all regions, and for the sandbox. From Amazon's page "Connecting to the Selling Partner API"."""

TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - a header's name


@frozen
class DatedAuthorization:
    """A token and the time of the request, from the same page."""

    tokens: channel.Authorization
    clock: Clock

    @property
    def uses_previous_secret(self) -> bool:
        """Whether Amazon refused the present client secret when it was last tried."""
        return isinstance(self.tokens, SecretOverlap) and self.tokens.uses_previous

    async def headers(self) -> Mapping[str, str]:
        """Raises what the token source raises."""
        token = await self.tokens.headers()
        return {**token, "x-amz-date": self.clock.now().strftime("%Y%m%dT%H%M%SZ")}

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Raises what the token source raises."""
        await self.tokens.renew(refused)


def authorize(settings: AmazonSettings, ports: channel.Ports) -> DatedAuthorization:
    """A seller's tokens. Amazon echoes the refresh token and does not replace it."""

    def by(secret: Secret) -> channel.Authorization:
        return ports.http.refresh_token(
            TOKEN_URL,
            client_id=settings.client_id,
            client_secret=secret,
            refresh_token=settings.refresh_token,
            header=TOKEN_HEADER,
        )

    return _by_either_secret(settings, by, ports.clock)


def authorize_application(settings: AmazonSettings, scope: str, ports: channel.Ports) -> DatedAuthorization:
    """The application's own tokens, for one scope of what needs no seller."""

    def by(secret: Secret) -> channel.Authorization:
        return ports.http.client_credentials(
            TOKEN_URL, client_id=settings.client_id, client_secret=secret, scope=scope, header=TOKEN_HEADER
        )

    return _by_either_secret(settings, by, ports.clock)


async def exchange(consent: Consent, settings: AmazonSettings, ports: channel.Ports) -> Secret:
    """The refresh token for a consent's code, which is good once. `settings.redirect_uri` is where the code came to.

    Raises AuthError where a person must act, else RateLimited or TransientError.
    """
    if ports.clock.now() >= consent.code_until:
        raise ConsentError(f"The code of seller {consent.seller_id} is older than five minutes. Next: {AGAIN}")

    async def by(secret: Secret) -> Secret:
        answer = await ports.http.authorization_code(
            TOKEN_URL,
            client_id=settings.client_id,
            client_secret=secret,
            code=consent.code,
            redirect_uri=settings.redirect_uri,
        )
        if answer.refresh_token is None:
            raise ConsentError(f"Amazon gave no refresh token for seller {consent.seller_id}. Next: {AGAIN}")
        return answer.refresh_token

    try:
        return await by(settings.client_secret)
    except AuthError as refused:
        if refused.code != REFUSED or settings.previous_client_secret is None:
            raise
    return await by(settings.previous_client_secret)


def _by_either_secret(
    settings: AmazonSettings, by: Callable[[Secret], channel.Authorization], clock: Clock
) -> DatedAuthorization:
    present = by(settings.client_secret)
    if settings.previous_client_secret is None:
        return DatedAuthorization(present, clock)
    return DatedAuthorization(SecretOverlap(present, by(settings.previous_client_secret), clock), clock)
