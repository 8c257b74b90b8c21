"""The bytes of a document as Amazon's storage has them, over as many connections as it takes."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import define, field

from entrepot.channel import RejectedError, TransientError
from entrepot.http import Arrival, Transfer
from entrepot.runtime import Rng
from entrepot_amazon_sp.documents.links import Link
from entrepot_amazon_sp.documents.storage import asks_for_a_new_link, pause, refusal

if TYPE_CHECKING:
    from hashlib import _Hash

OTHER_BYTES = frozenset({412, 416})
"""The storage has another version than the one that was begun, or a shorter one."""

PARTIAL = 206
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")

Ask = Callable[[], Awaitable[Link]]
"""Asks Amazon for a link to the document."""


class Changed(Exception):  # noqa: N818 - what happened, translated by the caller
    """What comes now is not what came before."""


@define
class Delivered:
    """What was handed out. What comes again from the beginning must be the same, and is not handed out again."""

    length: int = 0
    _digest: "_Hash" = field(factory=sha256)
    _again: "_Hash" = field(factory=sha256)
    _missing: int = 0

    def begin_at(self, start: int) -> None:
        self._again, self._missing = sha256(), self.length - start

    def fresh(self, chunk: bytes) -> bytes:
        """The part that was not handed out yet. Raises Changed for another document."""
        known, new = chunk[: self._missing], chunk[self._missing :]
        self._again.update(known)
        self._missing -= len(known)
        if known and not self._missing and self._again.digest() != self._digest.digest():
            raise Changed
        self._digest.update(new)
        self.length += len(new)
        return new

    def check_end(self) -> None:
        """Raises Changed where less came than before."""
        if self._missing:
            raise Changed


class Source:
    """`packed` and `headers` are there once it is open. After four attempts in a row without news it gives up."""

    packed: bool
    headers: Mapping[str, str] | None = None
    _arrival: Arrival

    def __init__(self, storage: Transfer, ask: Ask, what: str, rng: Rng) -> None:
        self._storage = storage
        self._rng = rng
        self._what = what
        self._ask = ask
        self._connection = AsyncExitStack()
        self._link: Link | None = None
        self._version = ""  # of all that was handed out
        self._delivered = Delivered()
        self._failures = 0

    async def open(self) -> None:
        self._arrival = await self._connected()
        self.headers = self._arrival.headers
        told = self._link is not None and self._link.packed
        self.packed = told or self._arrival.headers.get("content-encoding") == "gzip"

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        while True:
            try:
                async with aclosing(self._arrival.chunks) as coming:
                    async for chunk in coming:
                        if fresh := self._delivered.fresh(chunk):
                            self._failures, self._version = 0, _strong(self._arrival.headers.get("etag", ""))
                            yield fresh
                self._delivered.check_end()
            except TransientError as error:
                await self._pause(error)
                self._arrival = await self._connected()
            except Changed:
                words = f"{self._what} became another one while it was read. Next: download it anew"
                raise RejectedError(words) from None
            else:
                return

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def _connected(self) -> Arrival:
        while True:
            try:
                return await self._connect()
            except TransientError as error:
                await self._pause(error)

    async def _pause(self, error: TransientError) -> None:
        self._failures += 1
        await pause(error, self._failures, self._rng)
        if asks_for_a_new_link(error):
            self._link = None

    async def _connect(self) -> Arrival:
        await self.aclose()
        self._link = self._link or await self._ask()
        start = self._delivered.length if self._version else 0
        headers = {"range": f"bytes={start}-", "if-match": self._version} if start else {}
        arrival = await self._connection.enter_async_context(self._storage.get(self._link.url, headers))
        if arrival.status in OTHER_BYTES:
            raise self._cannot_go_on(start)
        if not arrival.succeeded:
            raise await refusal(arrival, self._what)
        if arrival.status == PARTIAL and not _runs_to_the_end(arrival, start):
            raise self._cannot_go_on(start)
        if arrival.status != PARTIAL:
            start, self._version = 0, ""  # of what was handed out nothing is proved to be of this version yet
        self._delivered.begin_at(start)
        return arrival

    def _cannot_go_on(self, start: int) -> TransientError:
        """The next attempt begins at the beginning."""
        self._version = ""
        return TransientError(f"{self._what}: Amazon's storage does not go on at byte {start}")


def _runs_to_the_end(arrival: Arrival, start: int) -> bool:
    told = RANGE.fullmatch(arrival.headers.get("content-range", ""))
    return told is not None and int(told[1]) == start and int(told[2]) + 1 == int(told[3])


def _strong(version: str) -> str:
    """A weak one may stand for other bytes."""
    return "" if version.startswith("W/") else version
