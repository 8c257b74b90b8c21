"""A CSV file of counts as a delivery. The file is read line by line, however large it is."""

import hashlib
import re
from codecs import getincrementaldecoder
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from attrs import frozen

from entrepot.model import DEFAULT_LOCATION, LocationId
from entrepot.stock.sheet import (
    Columns,
    Key,
    Reading,
    Refusal,
    SheetError,
    ToldCount,
    columns_of,
    read_keys,
    read_lines,
    repeated,
)
from entrepot.sync.importing import Delivery

CHUNK = 1_000_000
"""Bytes; no line of a sheet is as long."""


@frozen
class CsvFile:
    """A file that is read several times, and must be the same each time."""

    path: Path

    def fingerprint(self) -> str:
        """Of its bytes. Raises SheetError where they are no lines of UTF-8."""
        digest, decoder, line = hashlib.sha256(), getincrementaldecoder("utf-8")(), 1
        for chunk in self._chunks():
            if len(chunk) == CHUNK and b"\n" not in chunk:
                raise SheetError(f"line {line} does not end. Next: save it as CSV, one article in a line")
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as wrong:
                line += wrong.object[: wrong.start].count(b"\n")
                raise SheetError(f"line {line} is not UTF-8: {wrong.reason}. Next: save it as CSV UTF-8") from wrong
            digest.update(chunk)
            line += chunk.count(b"\n")
        return digest.hexdigest()

    def columns(self) -> Columns:
        """Raises SheetError."""
        for first in self._texts():
            return columns_of(first)
        raise SheetError("the file is empty. Next: begin with sku,quantity")

    def keys(self, columns: Columns, only: LocationId | None) -> Iterator[Key]:
        return read_keys(self._below(), columns, only)

    def lines(self, columns: Columns, reading: Reading) -> Iterator[ToldCount | Refusal]:
        return read_lines(self._below(), columns, reading)

    def _below(self) -> Iterator[str]:
        """The lines below the first one."""
        return islice(self._texts(), 1, None)

    def _texts(self) -> Iterator[str]:
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            yield from file

    def _chunks(self) -> Iterator[bytes]:
        """The last one is empty. Raises SheetError."""
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except OSError as wrong:
            raise SheetError(f"it cannot be read: {wrong.strerror}. Next: name a file that can") from wrong
        yield b""


def csv_delivery(path: Path, reading: Reading, counted_at: datetime | None, articles: Collection[str]) -> Delivery:
    """A file as a delivery. `counted_at` only where somebody said it, beside the file. Raises SheetError.

    What is the same content at the same instant is the same delivery, whatever the file is called.
    """
    file = CsvFile(path)
    fingerprint = file.fingerprint()
    columns = file.columns()
    if columns.location is None and reading.only is None:
        places = ", ".join(reading.locations)
        raise SheetError(f"it has no column location. Next: add it, for the counts may be of any of {places}")
    content = f"{fingerprint} {reading.meaning} {counted_at.isoformat() if counted_at else ''}"
    if reading.only not in {None, DEFAULT_LOCATION}:
        content += f" {reading.only}"

    def lines() -> Iterator[ToldCount | Refusal]:
        yield from file.lines(columns, reading)
        if file.fingerprint() != fingerprint:
            raise SheetError("it was changed while it was read. Next: import it again")

    return Delivery(
        source=source_of(path),
        file=path.name,
        reference=f"import-{hashlib.sha256(content.encode()).hexdigest()[:20]}",
        meaning=reading.meaning,
        lines=lines,
        repeated=repeated(lambda: file.keys(columns, reading.only)),
        articles=articles,
    )


def source_of(path: Path) -> str:
    """The file's name without its digits: erp-2026-11-23.csv and erp-2026-11-24.csv are of one source."""
    return re.sub(r"[\W\d_]+", "-", path.stem).strip("-").lower() or "csv"
