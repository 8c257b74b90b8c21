"""How long the client on its own may be used: on the event loop of its first call, and until it is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

PARTING = 1.0
"""Seconds for which the end waits for what it has cut off."""


class ClientClosedError(RuntimeError):
    """Nothing more is sent."""


class Lifetime:
    """`client` is how errors name it."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()

    @asynccontextmanager
    async def during(self, what: str) -> AsyncIterator[None]:
        """What is done meanwhile is cut off when the client is closed, with ClientClosedError.

        Raises it at once after that, and RuntimeError on another loop.
        """
        self.check()
        until_closed = asyncio.timeout(None)
        try:
            async with until_closed:
                self._running.add(until_closed)
                yield
        except TimeoutError:
            if not until_closed.expired():
                raise
            next_action = "await what runs before the client is closed"
            raise ClientClosedError(f"{what} was cut off: {self._client} was closed. Next: {next_action}") from None
        finally:
            self._running.discard(until_closed)
            if not self._running:
                self._idle.set()

    async def end(self) -> None:
        """Nothing begins any more, and what runs is cut off."""
        self._closed = True
        if not self._running:
            return
        self._idle.clear()
        for until_closed in self._running:
            until_closed.reschedule(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING):
                await self._idle.wait()

    def check(self) -> None:
        """Raises ClientClosedError after the end, and RuntimeError on another loop than that of the first use."""
        if self._closed:
            raise ClientClosedError(
                f"{self._client} is closed. Next: use it inside its `async with`, or make a new one"
            )
        running = asyncio.get_running_loop()
        self._loop = self._loop or running
        if running is not self._loop:
            raise RuntimeError(
                f"{self._client} belongs to another event loop. Next: have one `asyncio.run` around all that uses it, "
                "or make a client in each"
            )
