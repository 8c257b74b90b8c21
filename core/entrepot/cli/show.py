"""Answers on stdout: aligned columns for people, or exactly one JSON document for programs."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import click
import orjson
from attrs import frozen
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from entrepot.errors import Fault
from entrepot.model import UNTOLD

F = TypeVar("F", bound=Callable[..., Any])

PIPED_WIDTH = 160
"""Columns where nobody's terminal says how many."""

NOTHING = "-"

LEAST_FOLDED = 30
"""Columns that are left to text that folds, however much room the others take."""

UNPRINTABLE = dict.fromkeys([*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)])
"""Control characters but the end of a line."""

LAST_DAYS = range(1, 7)
"""In which the name of a weekday is not mistaken for today's."""

as_format = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="json: one document for programs."
)


def answer(document: Any, form: str, render: Callable[[Console], None]) -> None:
    """Print `document` as JSON, or what `render` makes of it."""
    if form == "json":
        click.echo(to_json(document))
        return
    out = console()
    with out.capture() as captured:
        render(out)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())  # columns are padded, and people paste what they see


def to_json(document: Any, *, indent: bool = True) -> str:
    """Instants in UTC with a Z, exact numbers as text, attrs objects by their fields."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(document, default=_plain, option=options).decode()


class Screen(Console):
    """A console on which what a channel or a buyer wrote cannot move the cursor, color the screen or press keys.

    Where its lines go to no terminal, none is cut: a table that needs more columns has them.
    """

    def print(self, *objects: Any, **how: Any) -> None:
        before = self.width
        if not sys.stdout.isatty():
            self.width = max([before, *(_room(one) for one in objects if isinstance(one, Table))])
        super().print(*objects, **how)
        self.width = before

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(segment.text.translate(UNPRINTABLE), segment.style)


def console() -> Console:
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Screen(highlight=False, markup=False, emoji=False, width=PIPED_WIDTH if piped else None)


def table(columns: str, rows: Iterable[Iterable[Any]], *, wrap: Collection[str] = ()) -> Table:
    """Aligned columns under `columns`, which are separated by two blanks; a name that begins with > is of numbers.

    Columns of `wrap` take the room that is left, and as many lines as they need.
    """
    made = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, header_style="bold")
    for name in columns.split("  "):
        title = name.removeprefix(">")
        folds = title in wrap
        made.add_column(
            title,
            justify="right" if name.startswith(">") else "left",
            no_wrap=not folds,
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else Text(_cell(cell)) for cell in row))
    return made


def facts(rows: Iterable[tuple[str, Any, str]]) -> Table:
    """Name, number, and where the number comes from."""
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(justify="right", no_wrap=True)
    made.add_column(overflow="fold")
    for name, number, text in rows:
        made.add_row(Text(f"  {name}"), Text(_cell(number), style="bold"), Text(text))
    return made


def _room(made: Table) -> int:
    """Columns of the screen that it takes where nothing of it is cut."""
    _, right, _, left = made.padding
    between = max(left, right) if made.collapse_padding else left + right
    return sum(_width(column) for column in made.columns) + between * (len(made.columns) - 1)


def _width(column: Column) -> int:
    cells = [one.plain if isinstance(one, Text) else str(one) for one in (column.header, *column.cells)]
    widest = max(cell_len(line) for cell in cells for line in cell.split("\n"))
    return widest if column.no_wrap else min(widest, LEAST_FOLDED)


@frozen
class Times:
    """Words for instants, seen from `now` on the operator's own wall."""

    now: datetime
    zone: ZoneInfo

    def at(self, instant: datetime | None) -> str:
        """`11:41:05` today, `Mon 04:18` in the last six days, else the date."""
        if instant is None:
            return NOTHING
        local, today = instant.astimezone(self.zone), self.now.astimezone(self.zone).date()
        days = (today - local.date()).days
        if days == 0:
            return f"{local:%H:%M:%S}"
        return f"{local:%a %H:%M}" if days in LAST_DAYS else f"{local:%Y-%m-%d %H:%M}"

    def full(self, instant: datetime | None) -> str:
        return NOTHING if instant is None else f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def ago(self, instant: datetime | None) -> str:
        return NOTHING if instant is None else span(self.now - instant)


def span(duration: timedelta) -> str:
    """`11 s`, `38 min`, `5 h 40 min`, `2 d 04 h`."""
    minutes, seconds = divmod(max(0, round(duration.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes > 1 else f"{60 * minutes + seconds} s"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 order`, `2 orders`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def grouped(number: int) -> str:
    """`1 000 000`."""
    return f"{number:,}".replace(",", " ")


def fault_text(fault: Fault) -> str:
    """Where and what, the reason, and what to do: three lines."""
    return f"{fault.code} {fault.path}\n     {fault.message}\n     Next: {fault.next_action}"


def _cell(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if attrs.has(type(value)):
        fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return {name: None if found == UNTOLD else found for name, found in fields.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(type(value).__name__)
