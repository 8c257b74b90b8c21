"""Access tokens from an OAuth 2 token endpoint, renewed in time, and asked for once by all who share them."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from entrepot.channel import ChannelError, ConsentRevoked, Secret, TokenAnswer, TransientError
from entrepot.http.endpoint import TokenEndpoint
from entrepot.http.sharing import ATTEMPT, Ask, Fail, Grant, Slot, Use, failed, granted
from entrepot.http.token_cache import TokenCache
from entrepot.runtime import Clock, secret_bytes
from entrepot.secrets import Redactor

PARTING = timedelta(seconds=1)
"""How long the end of a program waits for a token request. What comes later is lost, as after a kill."""

LOOK = timedelta(seconds=30)
"""How soon a source sees what others did: that a token was replaced, or the account authorized again."""


class TokenSource:
    """`channel.Authorization` with the token of one grant.

    The request for a token belongs to nobody: whoever waits for it may be cut off, and it goes on, for its answer may
    hold the only refresh token that is still good.
    """

    def __init__(
        self, endpoint: TokenEndpoint, grant: Grant, cache: TokenCache, clock: Clock, redactor: Redactor, header: str
    ) -> None:
        self._account = endpoint.account
        self._endpoint = endpoint
        self._grant = grant
        self._cache = cache
        self._clock = clock
        self._redactor = redactor
        self._header = header
        self._asker = secret_bytes(8).hex()
        self._tokens: tuple[Secret, ...] = ()
        self._good_until = clock.now()
        self._flight: _Flight | None = None
        self._refresh: Secret | None = None
        self._closed = False

    async def headers(self) -> Mapping[str, str]:
        """Raises AuthError where a person must act, RateLimited, else TransientError."""
        return {self._header: self._word(await self._current())}

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Never use the refused token again. Raises what `headers` raises."""
        token = next((one for one in self._tokens if refused.get(self._header) == self._word(one)), None)
        await self._current(token)

    async def aclose(self) -> None:
        """Wait a moment for a request that is under way: nobody else waits for it any more."""
        self._closed = True
        if self._flight is not None:
            await asyncio.wait([self._flight.task], timeout=PARTING.total_seconds())

    def _word(self, token: Secret) -> str:
        return ("Bearer " if self._header == "authorization" else "") + token.reveal()

    async def _current(self, refused: Secret | None = None) -> Secret:
        """A flight that began before the refusal may bring the refused token: then another one follows.

        Its failure is shared, so that each who waited gets a copy.
        """
        if self._tokens and self._tokens[-1] != refused and self._clock.now() < self._good_until:
            return self._tokens[-1]
        while True:
            flight = self._join_flight(refused)
            try:
                token = await asyncio.shield(flight.task)
            except ChannelError as failure:
                raise failure.copied() from failure.__cause__
            if token != refused or flight.refused == refused:
                return token

    def _join_flight(self, refused: Secret | None) -> "_Flight":
        """The one request, or wait, of all tasks here."""
        if self._flight is None or self._flight.task.done():
            task = asyncio.create_task(self._obtain(refused), name=f"token of {self._account}")
            task.add_done_callback(_heard)
            self._flight = _Flight(task, refused)
        return self._flight

    async def _obtain(self, refused: Secret | None) -> Secret:
        while not self._closed:
            step = await self._cache.claim(self._grant, self._asker, refused)
            if isinstance(step, Use):
                return self._keep(step.token, step.renew_at)
            if isinstance(step, Fail):
                raise self._failure(step)
            if isinstance(step, Ask):
                slot, granted_token = await self._ask(step.slot)
                if slot.token == granted_token and slot.renew_at is not None:
                    return self._keep(granted_token, slot.renew_at)
            else:
                await asyncio.sleep(self._cache.pause())
        raise TransientError(f"account {self._account}: it was closed while it waited for a token")

    async def _ask(self, asked: Slot) -> tuple[Slot, Secret]:
        """What counts now, and the token that was granted: others if somebody has authorized again meanwhile."""
        asked_at = self._clock.now()
        try:
            answer = await self._fetch(asked.refresh)
        except ChannelError as error:
            change = partial(failed, asked=asked, error=error, now=self._clock.now())
            await self._cache.settle(self._grant, self._asker, change)
            raise
        self._mask(answer.refresh_token)
        change = partial(granted, asked=asked, answer=answer, asked_at=asked_at)
        return await self._cache.settle(self._grant, self._asker, change), answer.access_token

    async def _fetch(self, refresh: Secret | None) -> TokenAnswer:
        form = dict(self._grant.form)
        self._mask(refresh)
        if refresh is not None:
            form["refresh_token"] = refresh.reveal()
        try:
            async with asyncio.timeout(ATTEMPT.total_seconds()):
                return await self._endpoint.fetch(form)
        except TimeoutError as late:
            seconds = f"{ATTEMPT.total_seconds():.0f} s"
            raise TransientError(f"account {self._account}: a token request did not end within {seconds}") from late

    def _failure(self, step: Fail) -> ChannelError:
        if step.failure is not None:
            return step.failure.error(self._account, self._clock.now())
        return ConsentRevoked(
            f"account {self._account}: no {self._grant.kept_as} is kept for it. "
            "Next: authorize the application for this account",
            code="access_denied",  # RFC 6749's word for an owner who has not allowed it
        )

    def _keep(self, token: Secret, renew_at: datetime) -> Secret:
        """The token before is still looked for in texts: answers to requests with it may be on their way."""
        self._good_until = min(renew_at, self._clock.now() + LOOK)
        if token in self._tokens[-1:]:
            return token
        self._redactor.remember(token)
        for outdated in self._tokens[:-1]:
            self._redactor.forget(outdated)
        self._tokens = (*self._tokens[-1:], token)
        return token

    def _mask(self, refresh: Secret | None) -> None:
        """One that was replaced is good for nothing, and need not be looked for any more."""
        if refresh is None or refresh == self._refresh:
            return
        self._redactor.remember(refresh)
        if self._refresh is not None:
            self._redactor.forget(self._refresh)
        self._refresh = refresh


@frozen
class _Flight:
    """`refused`: the token that it must not bring."""

    task: asyncio.Task[Secret]
    refused: Secret | None


def _heard(task: asyncio.Task[Secret]) -> None:
    """A failure is told to whoever waits; where nobody does any more, it is stored."""
    if not task.cancelled():
        task.exception()
