"""What is uploaded: text, bytes, a file, or pieces as they are made."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TypeAlias

from attrs import frozen

Content: TypeAlias = str | bytes | Path | AsyncIterable[bytes]
"""A Path is a file's."""

JSON = "application/json; charset=UTF-8"
"""The content type of a JSON_LISTINGS_FEED."""

PIECE = 65_536


@frozen
class Replayable:
    """Content that can be sent any number of times. Reading blocks for a piece at a time."""

    file: BinaryIO
    length: int

    async def pieces(self) -> AsyncIterator[bytes]:
        self.file.seek(0)
        while piece := self.file.read(PIECE):
            yield piece


@asynccontextmanager
async def replayable(content: Content, content_type: str) -> AsyncIterator[Replayable]:
    """Pieces are kept in a temporary file: the storage wants the length first, and may want everything again.

    Raises ValueError for text whose charset is not declared or lacks a character, OSError for a file.
    """
    with _opened(content, declared_charset(content_type)) as file:
        if isinstance(content, AsyncIterable):
            async for piece in content:
                file.write(piece)
        yield Replayable(file, file.seek(0, 2))


def declared_charset(content_type: str) -> str:
    """In small letters; "" where none is declared. Raises ValueError where a text declares none."""
    charset = charset_of(content_type)
    if not charset and content_type.startswith("text/"):
        raise _undeclared(content_type)
    return charset


def charset_of(content_type: str) -> str:
    """In small letters; "" where there is none."""
    header = Message()
    header["content-type"] = content_type
    return header.get_content_charset("")


def _opened(content: Content, charset: str) -> BinaryIO:
    if isinstance(content, str):
        return BytesIO(_encoded(content, charset))
    if isinstance(content, bytes):
        return BytesIO(content)
    if isinstance(content, Path):
        return content.open("rb")
    return TemporaryFile()


def _encoded(text: str, charset: str) -> bytes:
    if not charset:
        raise _undeclared("")
    try:
        return text.encode(charset)
    except (LookupError, UnicodeEncodeError) as error:
        raise ValueError(f"the text cannot be written as declared: {error}. Next: declare charset=UTF-8") from None


def _undeclared(content_type: str) -> ValueError:
    return ValueError(f'a text must declare its charset. Next: write "{content_type or JSON}; charset=UTF-8"')
