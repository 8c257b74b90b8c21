"""Lists in pages, by a cursor that an order's change between two pages cannot upset, and what goes wrong with pages."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Self, TypeAlias

from attrs import frozen

from entrepot.model import Order


class PageFault(StrEnum):
    """What a list does once instead of the next proper page.

    EMPTY: no orders, and yet a cursor to go on with. REPEATED: the page and the cursor of the time before. REVERSED:
    the proper orders, newest change first.
    """

    EMPTY = "empty"
    REPEATED = "repeated"
    REVERSED = "reversed"


@frozen
class Found:
    """One page of a list. `cursor` leads on from its end, also from the last one's; there is more behind it if `more`.

    An empty page may have more behind it. `total`: orders of the whole list, which only one by offset tells.
    """

    orders: tuple[Order, ...]
    cursor: str
    more: bool
    total: int | None = None


class CursorError(Exception):
    """A cursor that this list never gave, or gave too long ago (`expired`).

    A route that lets it pass answers 400 with the code `bad_cursor`, or 410 with `cursor_expired`; one that catches it
    may word it otherwise.
    """

    def __init__(self, message: str, *, expired: bool) -> None:
        super().__init__(message)
        self.expired = expired


@frozen
class Cursor:
    """A place in a list ordered by (changed_at, external id). `blanks` tells empty pages at one place apart."""

    changed_at: datetime
    order: str
    issued_at: datetime
    blanks: int = 0

    def text(self) -> str:
        return f"{self.changed_at.isoformat()}|{self.issued_at.isoformat()}|{self.blanks}|{self.order}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises CursorError."""
        try:
            changed_at, issued_at, blanks, order = text.split("|", 3)
            return cls(datetime.fromisoformat(changed_at), order, datetime.fromisoformat(issued_at), int(blanks))
        except ValueError:
            message = f"{text!r} is no cursor of this list. Next: hand back `found.cursor` as it was given"
            raise CursorError(message, expired=False) from None


Place: TypeAlias = tuple[datetime, str]
"""(changed_at, external id): where an order stands in the list."""


@frozen
class _Marks:
    """Cursors of one page: where it begins, where one without orders ends, and where one ends with an order."""

    here: str
    blank: str
    behind: Callable[[Order], str]


class Pager:
    """Cuts pages. `faults` are taken one for each page asked for; `lifetime` is the cursors', None for ever."""

    def __init__(self, lifetime: timedelta | None) -> None:
        self._lifetime = lifetime
        self._faults: list[PageFault | None] = []
        self._last: Found | None = None
        self.repeated: list[tuple[datetime, datetime]] = []

    def script(self, faults: Iterable[PageFault | None]) -> None:
        self._faults.extend(faults)

    def calm(self) -> None:
        """Forget the faults that no page has had yet."""
        self._faults.clear()

    def page(
        self,
        behind: Callable[[Place], Iterator[Order]],
        *,
        start: datetime,
        after: str | None,
        size: int,
        now: datetime,
    ) -> Found:
        """`behind` goes through the list from just behind a place. Raises CursorError."""
        # A cursor that cannot expire carries no time of its own: the same place always has the same cursor.
        issued_at = now if self._lifetime else start
        place = self._place(after, now) if after else Cursor(start, "", issued_at)
        marks = _Marks(
            place.text(),
            Cursor(place.changed_at, place.order, issued_at, place.blanks + 1).text(),
            lambda order: Cursor(order.changed_at, order.external_id, issued_at).text(),
        )
        return self._cut(behind((place.changed_at, place.order)), size, marks, (start, now))

    def log(self, behind: Iterator[Order], number: int, size: int, span: tuple[datetime, datetime]) -> Found:
        """`behind` goes through the log from just behind a number. An empty page has read something else there."""
        marks = _Marks(str(number), str(number + 1), lambda order: str(order.revision))
        return self._cut(behind, size, marks, span)

    def _cut(self, behind: Iterator[Order], size: int, marks: _Marks, span: tuple[datetime, datetime]) -> Found:
        fault = self._faults.pop(0) if self._faults else None
        if fault is PageFault.REPEATED and self._last is not None:
            self.repeated.append(span)
            return self._last
        if fault is PageFault.EMPTY:
            return Found((), marks.blank, more=True)
        found = list(islice(behind, size + 1))
        shown = found[:size]
        ordered = tuple(reversed(shown) if fault is PageFault.REVERSED else shown)
        self._last = Found(ordered, marks.behind(shown[-1]) if shown else marks.here, more=len(found) > size)
        return self._last

    def _place(self, text: str, now: datetime) -> Cursor:
        cursor = Cursor.read(text)
        if self._lifetime and now - cursor.issued_at > self._lifetime:
            message = f"the cursor was given at {cursor.issued_at.isoformat()} and lived {self._lifetime}"
            raise CursorError(message, expired=True)
        return cursor
