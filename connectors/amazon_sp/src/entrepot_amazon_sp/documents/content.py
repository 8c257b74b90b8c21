"""What is uploaded: text, bytes, a file, or pieces as they are made; never what was meant as something else."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from email.message import Message
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TypeAlias

from attrs import frozen

Content: TypeAlias = str | bytes | Path | BinaryIO | AsyncIterable[bytes]
"""A Path is a file's. An open file is read from where it stands to its end."""

TAKEN = "text, bytes, a Path, a file that is open for bytes, or an async iterator of bytes"

LONGEST_NAME = 255
"""Characters of a file's name, on the file systems that are in use."""

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

    Raises ValueError for content that is empty, and for text that names a file, whose charset is not declared or lacks
    a character; TypeError for what is no content, OSError for a file.
    """
    with _opened(content, declared_charset(content_type)) as file:
        await _fill(file, content)
        length = file.seek(0, 2)
        if not length:
            raise ValueError("the content to upload is empty, and nothing was sent. Next: look where it comes from")
        yield Replayable(file, length)


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
        return BytesIO(_encoded(_meant(content), charset))
    if isinstance(content, bytes):
        return BytesIO(content)
    if isinstance(content, Path):
        return content.open("rb")
    if not isinstance(content, AsyncIterable) and not hasattr(content, "read"):
        raise _untaken(content)
    return TemporaryFile()


async def _fill(file: BinaryIO, content: Content) -> None:
    """With what comes in pieces."""
    if isinstance(content, AsyncIterable):
        async for piece in content:
            file.write(_checked(piece))
    elif not isinstance(content, str | bytes | Path):
        file.writelines(_pieces(content))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield _checked(piece)


def _checked(piece: object) -> bytes:
    if not isinstance(piece, bytes):
        next_action = 'encode them, or open the file with "rb"'
        raise TypeError(f"the content comes in pieces of {type(piece).__name__}, not of bytes. Next: {next_action}")
    return piece


def _meant(text: str) -> str:
    """The name of a file would be uploaded in place of what is in the file."""
    with suppress(OSError):  # too long for a name
        if len(text) <= LONGEST_NAME and Path(text).is_file():
            raise ValueError(f"the text to upload is the name of a file. Next: Path({text!r}) uploads what is in it")
    return text


def _untaken(content: object) -> TypeError:
    next_action = "json.dumps(...).encode()" if isinstance(content, dict | list) else f"give {TAKEN}"
    return TypeError(f"{type(content).__name__} is nothing to upload, and nothing was sent. Next: {next_action}")


def _encoded(text: str, charset: str) -> bytes:
    if not charset:
        raise _undeclared("")
    try:
        return text.encode(charset)
    except (LookupError, UnicodeEncodeError) as error:
        raise ValueError(f"the text cannot be written as declared: {error}. Next: declare charset=UTF-8") from None


def _undeclared(content_type: str) -> ValueError:
    return ValueError(f'a text must declare its charset. Next: write "{content_type or JSON}; charset=UTF-8"')
