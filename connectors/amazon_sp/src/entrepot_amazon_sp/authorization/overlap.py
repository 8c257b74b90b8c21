"""While a client secret is being replaced, either of two may be the one that Amazon takes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import define, field

from entrepot.channel import AuthError, Authorization
from entrepot.runtime import Clock

T = TypeVar("T")

TRIED_AGAIN = timedelta(hours=1)
"""A token's life: so seldom is the present secret tried while the previous one does."""

REFUSED = "invalid_client"
"""Login with Amazon's word for a client secret that it does not take."""


@define
class SecretOverlap:
    """`channel.Authorization` by the present secret, or by the previous one where the present one is refused.

    Which one was taken is remembered, so a rotation costs one refused token request, and one more in each hour until
    the present secret is taken.
    """

    _present: Authorization
    _previous: Authorization
    _clock: Clock
    _present_again_at: datetime | None = field(default=None, init=False)

    @property
    def uses_previous(self) -> bool:
        """Whether Amazon refused the present secret when it was last tried."""
        return self._present_again_at is not None

    async def headers(self) -> Mapping[str, str]:
        """Raises what the token sources raise; where both secrets are refused, the present one's error."""
        return await self._by_either(lambda source: source.headers())

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Raises what `headers` raises."""
        await self._by_either(lambda source: source.renew(refused))

    async def _by_either(self, work: Callable[[Authorization], Awaitable[T]]) -> T:
        again_at = self._present_again_at
        if again_at is not None and self._clock.now() < again_at:
            try:
                return await work(self._previous)
            except AuthError as error:
                if error.code != REFUSED:
                    raise
        return await self._by_present_first(work)

    async def _by_present_first(self, work: Callable[[Authorization], Awaitable[T]]) -> T:
        try:
            done = await work(self._present)
        except AuthError as error:
            if error.code != REFUSED:
                raise
            refusal = error
        else:
            self._present_again_at = None
            return done
        try:
            done = await work(self._previous)
        except AuthError as error:
            raise refusal if error.code == REFUSED else error from None
        self._present_again_at = self._clock.now() + TRIED_AGAIN
        return done
