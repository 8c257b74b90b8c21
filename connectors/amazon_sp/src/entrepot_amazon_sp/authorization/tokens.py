"""Who asks: Login with Amazon, and the date that Amazon wants to see beside the token."""

from collections.abc import Mapping

from attrs import frozen

from entrepot import channel
from entrepot.runtime import Clock
from entrepot_amazon_sp.settings import AmazonSettings

TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
"""One for all regions, and for the sandbox. From Amazon's page "Connecting to the Selling Partner API"."""

TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - a header's name


@frozen
class DatedAuthorization:
    """A seller's token and the time of the request, from the same page."""

    tokens: channel.Authorization
    clock: Clock

    async def headers(self) -> Mapping[str, str]:
        """Raises what the token source raises."""
        token = await self.tokens.headers()
        return {**token, "x-amz-date": self.clock.now().strftime("%Y%m%dT%H%M%SZ")}

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Raises what the token source raises."""
        await self.tokens.renew(refused)


def authorize(settings: AmazonSettings, ports: channel.Ports) -> DatedAuthorization:
    """A seller's tokens. Amazon echoes the refresh token and does not replace it."""
    tokens = ports.http.refresh_token(
        TOKEN_URL,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        refresh_token=settings.refresh_token,
        header=TOKEN_HEADER,
    )
    return DatedAuthorization(tokens, ports.clock)
