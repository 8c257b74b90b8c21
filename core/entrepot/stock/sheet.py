"""A sheet of counts: the lines of a CSV file, and what each of them tells. Nothing is read or written here."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, tzinfo
from difflib import get_close_matches
from functools import lru_cache

from attrs import frozen

from entrepot.model import DEFAULT_LOCATION, CountMeaning, LocationId, Sku, utc
from entrepot.model.order import MOST_UNITS

DELIMITERS = ",;\t"
REQUIRED = ("sku", "quantity")
OPTIONAL = ("location", "counted_at")

Key = tuple[Sku, LocationId]

SUSPECT_BITS = 1 << 24
"""2 MB: of 100,000 different keys 300 fall on a taken bit, and are looked at twice."""

_WHOLE = re.compile(r"[+-]?[0-9]+")
MEANING = {CountMeaning.ON_HAND: "on hand", CountMeaning.AVAILABLE: "available"}


class SheetError(ValueError):
    """The file as a whole cannot be used. Its text ends with what to do about it."""


@frozen
class Columns:
    """The first line. The places of the columns in a row; None where an optional one is absent."""

    delimiter: str
    width: int
    sku: int
    quantity: int
    location: int | None
    counted_at: int | None
    left_aside: tuple[str, ...]


@frozen
class Reading:
    """How the cells of a file are taken.

    `counted_at` holds where a line does not say; `latest` is the last instant that it may; `zone` is the wall clock of
    an instant without an offset. `only`: the location of a line that names none; None where there are several. `held`:
    names of what channels hold.
    """

    meaning: CountMeaning
    counted_at: datetime
    latest: datetime
    zone: tzinfo
    locations: Collection[LocationId] = (DEFAULT_LOCATION,)
    only: LocationId | None = DEFAULT_LOCATION
    held: Collection[LocationId] = ()


@frozen
class ToldCount:
    """A line that tells a count. `line` as editors count, from 1."""

    line: int
    sku: Sku
    location: LocationId
    quantity: int
    counted_at: datetime

    @property
    def key(self) -> Key:
        return self.sku, self.location


@frozen
class Refusal:
    """A line that is not taken, and why. The others are."""

    line: int
    sku: str
    reason: str


def columns_of(first_line: str) -> Columns:
    """The delimiter is the one under which the first line names the required columns. Raises SheetError."""
    for delimiter in DELIMITERS:
        names = [cell.strip().strip('"').lower() for cell in first_line.strip("\r\n").split(delimiter)]
        if set(REQUIRED) <= set(names):
            return _columns(delimiter, names)
    message = f"the first line names no columns sku and quantity: {first_line.strip()!r:.80}"
    raise SheetError(f"{message}. Next: begin with sku,quantity (or with ; or a tab between), in UTF-8")


def _columns(delimiter: str, names: list[str]) -> Columns:
    twice = [name for name in (*REQUIRED, *OPTIONAL) if names.count(name) > 1]
    if twice:
        raise SheetError(f"the first line names {twice[0]} twice. Next: rename one of the two columns")
    place = {name: names.index(name) for name in (*REQUIRED, *OPTIONAL) if name in names}
    return Columns(
        delimiter,
        len(names),
        place["sku"],
        place["quantity"],
        place.get("location"),
        place.get("counted_at"),
        tuple(name for name in names if name and name not in place),
    )


def read_lines(lines: Iterable[str], columns: Columns, reading: Reading) -> Iterator[ToldCount | Refusal]:
    """What the lines below the first one tell, one by one. Empty ones tell nothing."""
    rows = csv.reader(lines, delimiter=columns.delimiter, strict=True)
    parse = line_parser(columns, reading)
    while True:
        line = rows.line_num + 2
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield Refusal(line, "", _not_csv(wrong, line, rows.line_num + 1))
            continue
        if any(row):
            yield parse(line, row)


def read_keys(lines: Iterable[str], columns: Columns, only: LocationId | None) -> Iterator[Key]:
    """What the lines below the first one name, as far as they can be read."""
    rows = csv.reader(lines, delimiter=columns.delimiter, strict=True)
    sku, place = columns.sku, columns.location
    while True:
        try:
            for row in rows:
                if len(row) == columns.width:
                    name = "" if place is None else row[place].strip()
                    yield Sku(row[sku].strip()), LocationId(name or only or "")
        except csv.Error:
            continue
        return


def repeated(keys: Callable[[], Iterable[Key]]) -> Collection[Key]:
    """Those that come more than once. `keys` is asked twice, so that not all of them are held in memory."""
    taken, suspects = bytearray(SUSPECT_BITS // 8), set[Key]()
    for key in keys():
        place, bit = divmod(hash(key) % SUSPECT_BITS, 8)
        if taken[place] & 1 << bit:
            suspects.add(key)
        taken[place] |= 1 << bit
    seen = Counter(key for key in keys() if key in suspects)
    return {key for key, times in seen.items() if times > 1}


def instant_of(text: str, zone: tzinfo) -> datetime:
    """ISO 8601; without an offset it is the wall clock of `zone`. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return utc(at if at.tzinfo else at.replace(tzinfo=zone))


def _not_csv(wrong: csv.Error, first: int, last: int) -> str:
    lost = f"; lines {first} to {last} were not read" if last > first else ""
    return f"not CSV: {wrong}{lost}. Put a value with a delimiter or a quote in it between quotes, or double the quote"


def line_parser(columns: Columns, reading: Reading) -> Callable[[int, list[str]], ToldCount | Refusal]:
    """What a line's number and its cells tell."""

    @lru_cache(maxsize=64)
    def instant(text: str) -> datetime:
        return instant_of(text, reading.zone)

    def told(line: int, sku: str, row: list[str]) -> ToldCount:
        if len(row) != columns.width:
            raise ValueError(f"{len(row)} columns, where the first line has {columns.width}")
        if not sku:
            raise ValueError("the SKU is empty")
        quantity = _quantity(row[columns.quantity].strip(), reading.meaning)
        location = _location(row[columns.location] if columns.location is not None else "", reading)
        when = row[columns.counted_at].strip() if columns.counted_at is not None else ""
        at = _counted_at(when, instant, reading) if when else reading.counted_at
        return ToldCount(line, Sku(sku), location, quantity, at)

    def parse(line: int, row: list[str]) -> ToldCount | Refusal:
        sku = row[columns.sku].strip() if len(row) > columns.sku else ""
        try:
            return told(line, sku, row)
        except ValueError as wrong:
            return Refusal(line, sku, str(wrong))

    return parse


def _quantity(text: str, meaning: CountMeaning) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r:.30} is no whole number")
    number = int(text[:20])
    if number < 0:
        raise ValueError(f"{MEANING[meaning]} {number}; a count cannot be negative")
    if number > MOST_UNITS:
        raise ValueError(f"{text:.30} units; the most is {MOST_UNITS}")
    return number


def _location(text: str, reading: Reading) -> LocationId:
    location = LocationId(text.strip() or reading.only or "")
    if location in reading.locations:
        return location
    if not location:
        raise ValueError(f"no location; known: {', '.join(reading.locations)}")
    if location in reading.held:
        raise ValueError(f"{location} is held by a channel, which says itself what is there")
    near = get_close_matches(location, reading.locations, n=1)
    hint = f"nearest is {near[0]}" if near else f"known: {', '.join(reading.locations)}"
    raise ValueError(f"unknown location {location:.40}; {hint}")


def _counted_at(text: str, instant: Callable[[str], datetime], reading: Reading) -> datetime:
    try:
        at = instant(text)
    except ValueError:
        raise ValueError(f"{text!r:.40} is no instant; write it as 2026-11-24T06:00") from None
    if at > reading.latest:
        raise ValueError(f"counted at {text}, which lies ahead")
    return at
