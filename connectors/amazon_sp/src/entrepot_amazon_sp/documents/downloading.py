"""A document as a caller reads it: all of it, unpacked, or an error; never a part that looks whole."""

import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Self, cast

from entrepot.channel import RejectedError
from entrepot.http import Transfer
from entrepot.runtime import Rng
from entrepot_amazon_sp.documents.content import charset_of
from entrepot_amazon_sp.documents.gunzip import Gunzip
from entrepot_amazon_sp.documents.source import Ask, Source

MOST = 4 * 1024**3
"""Bytes of an unpacked document."""


class Document:
    """Use it in `async with`, and read it once: `async for piece in document`, or `save`.

    What breaks off goes on where it stopped, if the storage allows; else it comes again, and what was read already must
    be the same. An expired link is asked for again. `what` is the document as errors name it. Raises ChannelError;
    RejectedError beyond `most` bytes.
    """

    def __init__(self, storage: Transfer, ask: Ask, what: str, rng: Rng, most: int = MOST) -> None:
        self._source = Source(storage, ask, what, rng)
        self._what = what
        self._most = most
        self._begun = False

    @property
    def content_type(self) -> str:
        """As the storage tells it; "" where it does not."""
        return self._source.headers.get("content-type", "")

    @property
    def charset(self) -> str:
        """In small letters; "" where none is told, and then nobody knows it."""
        return charset_of(self.content_type)

    async def save(self, path: Path | str) -> None:
        """The file is there whole or not at all, and readable for its owner alone: it may hold personal data."""
        with _replacing(Path(path)) as file:
            async with aclosing(aiter(self)) as pieces:
                async for piece in pieces:
                    file.write(piece)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Raises ValueError the second time."""
        if self._begun:
            raise ValueError(f"{self._what} was read already. Next: ask for it anew")
        self._begun = True
        read = 0
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                read += len(piece)
                if read > self._most:
                    raise RejectedError(
                        f"{self._what} is longer than {self._most} bytes. Next: allow more, with `most`"
                    )
                yield piece

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        gunzip = Gunzip(self._what)
        async with aclosing(self._source.chunks()) as chunks:
            async for chunk in chunks:
                if not self._source.packed:
                    yield chunk
                    continue
                for piece in gunzip.feed(chunk):
                    yield piece
        if self._source.packed:
            gunzip.finish()

    async def __aenter__(self) -> Self:
        try:
            await self._source.open()
        except BaseException:
            await self._source.aclose()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._source.aclose()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the name `path` once it is complete, and is gone where something goes wrong."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
