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

IN_MEMORY = 256 * 1024**2
"""Bytes that are read into memory unless the caller allows more."""


class Document:
    """Use it in `async with`, and read it once: `async for piece in document`, `save`, `read` or `text`.

    What breaks off goes on where it stopped, if the storage allows; else it comes again, and what was read already must
    be the same. An expired link is asked for again. `what` is the document as errors name it. Raises ChannelError;
    RejectedError beyond `most` bytes.
    """

    def __init__(self, storage: Transfer, ask: Ask, what: str, rng: Rng, most: int = MOST) -> None:
        self._source = Source(storage, ask, what, rng)
        self._what = what
        self._most = most
        self._entered = False
        self._begun = False

    def __repr__(self) -> str:
        return f"<Document of {self._what}>"

    @property
    def content_type(self) -> str:
        """As the storage tells it; "" where it does not. Raises RuntimeError before the document is entered."""
        if self._source.headers is None:
            raise self._outside()
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

    async def read(self, most: int = IN_MEMORY) -> bytes:
        """All of it. Raises RejectedError beyond `most` bytes."""
        parts, length = [], 0
        async with aclosing(aiter(self)) as pieces:
            async for piece in pieces:
                parts.append(piece)
                length += len(piece)
                if length > most:
                    next_action = "`save` it, or allow more, with `most`"
                    raise RejectedError(f"{self._what} is longer than {most} bytes of memory. Next: {next_action}")
        return b"".join(parts)

    async def text(self, most: int = IN_MEMORY) -> str:
        """All of it, in the charset that the storage tells; JSON is UTF-8 (RFC 8259).

        Raises ValueError where nobody knows the charset, or it does not fit, and what `read` raises.
        """
        charset = self.charset or ("utf-8" if "json" in self.content_type else "")
        if not charset:
            raise ValueError(f"{self._what}: no charset is told. Next: `read` it, and decode what it is written in")
        content = await self.read(most)
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError) as error:
            next_action = "`read` it anew, and decode what it is written in"
            raise ValueError(f"{self._what} is told to be {charset}: {error}. Next: {next_action}") from None

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Raises ValueError the second time, RuntimeError outside of `async with`."""
        if not self._entered:
            raise self._outside()
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
        self._entered = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._entered = False
        await self._source.aclose()

    def _outside(self) -> RuntimeError:
        return RuntimeError(
            f"{self._what} is not open. Next: enter it: `async with ... as document:`, and read in there"
        )


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
