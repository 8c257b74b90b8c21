"""`stock show|count|receive|adjust`, and in imports.py the rest: what lies where, and what the merchant tells of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.locations import held_names, location_option, own_location
from entrepot.cli.show import NOTHING, Times, answer, as_format, table
from entrepot.cli.stock.imports import COUNT_MEANINGS, approve, counted_instant, discard, import_, imports
from entrepot.model import Count, CountMeaning, LocationId, Movement, Position, Sku
from entrepot.runtime import RandomIds
from entrepot.stock.ledger import position_at
from entrepot.store import Tx
from entrepot.sync import stocktaking
from entrepot.sync.importing import CLOCKS_DIFFER

MOST = 1_000_000_000
"""Units; more is a slip of the keyboard."""


@frozen
class StockEntry:
    """An article at a location. `available` may be negative; `known` is False until a count or a receipt."""

    sku: Sku
    location: LocationId
    on_hand: int
    reserved: int
    available: int
    shortage: int
    known: bool


@frozen
class CountEntry:
    """A count, and the physical units that it stands for."""

    count: Count
    on_hand: int


@frozen
class StockHistory:
    """Everything of one article, in the order of recording."""

    sku: Sku
    positions: Sequence[StockEntry]
    counts: Sequence[CountEntry]
    movements: Sequence[Movement]


@frozen
class StockChange:
    """`recorded` is False where this reference was recorded before; then nothing changed."""

    recorded: bool
    reference: str
    positions: Sequence[StockEntry]


@click.group()
def stock() -> None:
    """What lies where. All commands but `show` and `imports` change it."""


for command in (import_, imports, approve, discard):
    stock.add_command(command)


@stock.command()
@click.argument("sku", required=False)
@click.option("--at", metavar="INSTANT", help="The article as it was then, by all that is known today.")
@as_format
@pass_home
def show(home: Home, sku: str | None, at: str | None, form: str) -> None:
    """On hand, reserved by open orders, available. With SKU: its counts and movements too.

    --at: the last count at or before INSTANT and the movements effective from it to INSTANT, whenever they were told;
    reserved by orders placed by then that had not left, and were not cancelled since.
    """
    if at is not None:
        _show_at(home, sku, at, form)
        return
    times = Times(home.clock.now(), home.config.time_zone)
    if sku is None:
        entries = home.read(lambda tx: _entries(tx, None))
        answer(entries, form, lambda console: console.print(_positions(entries, home)))
        return
    history = home.read(lambda tx: _history(tx, _known_sku(tx, home, sku)))
    answer(history, form, lambda console: _render_history(console, history, home, times))


reference_option = click.option("--reference", help="Told again, it changes nothing. Default: a new id.")
units_argument = click.argument("units", type=click.IntRange(0, MOST))


@stock.command()
@click.argument("sku")
@units_argument
@click.option("--at", "counted_at", help="When they were counted, in ISO 8601. Default: now.")
@click.option(
    "--meaning",
    type=COUNT_MEANINGS,
    help="on_hand: all units, those of open orders too. available: without those. Default: as [stock] counts says.",
)
@location_option
@reference_option
@as_format
@pass_home
def count(
    home: Home,
    sku: str,
    units: int,
    counted_at: str | None,
    meaning: str | None,
    **told: Any,
) -> None:
    """UNITS of SKU were counted. At its other locations nothing changes."""
    now = home.clock.now()
    at = counted_instant(home, counted_at, "--at", now + CLOCKS_DIFFER) if counted_at else now
    counted = CountMeaning(meaning) if meaning else home.config.stock.counts

    def work(tx: Tx, article: Sku, name: str, place: LocationId) -> bool:
        return stocktaking.count(tx, article, units, at, name, now, meaning=counted, location=place)

    _change(home, sku, work, **told)


@stock.command()
@click.argument("sku")
@click.argument("units", type=click.IntRange(1, MOST))
@location_option
@reference_option
@as_format
@pass_home
def receive(home: Home, sku: str, units: int, **told: Any) -> None:
    """UNITS of SKU came in."""
    _change(home, sku, _moving(stocktaking.receive, units, home.clock.now()), **told)


@stock.command(context_settings={"ignore_unknown_options": True})  # so that -3 is a number
@click.argument("sku")
@click.argument("units", type=click.IntRange(-MOST, MOST))
@location_option
@reference_option
@as_format
@pass_home
def adjust(home: Home, sku: str, units: int, **told: Any) -> None:
    """UNITS of SKU were found, or lost where negative."""
    _change(home, sku, _moving(stocktaking.adjust, units, home.clock.now()), **told)


Work = Callable[[Tx, Sku, str, LocationId], bool]


def _moving(move: Callable[..., bool], units: int, now: datetime) -> Work:
    return lambda tx, article, name, place: move(tx, article, units, name, now, location=place)


def _change(home: Home, sku: str, work: Work, *, location: str | None, reference: str | None, form: str) -> None:
    name, place = reference or RandomIds().new(), own_location(home, location)

    def apply(tx: Tx) -> StockChange:
        article = _known_sku(tx, home, sku)
        recorded = work(tx, article, name, place)
        return StockChange(recorded, name, _entries(tx, article))

    change = home.write(apply)
    answer(change, form, lambda console: _render_change(console, change, home))


def _show_at(home: Home, sku: str | None, at: str, form: str) -> None:
    if sku is None:
        raise click.UsageError("--at is of one article: entrepot stock show SKU --at INSTANT")
    instant = counted_instant(home, at, "--at", home.clock.now() + CLOCKS_DIFFER)
    entries = home.read(lambda tx: _entries_at(tx, _known_sku(tx, home, sku), instant))
    answer(entries, form, lambda console: console.print(_positions(entries, home)))


def _known_sku(tx: Tx, home: Home, sku: str) -> Sku:
    """An article of the catalog, or one that the ledger knows. Raises Refused, with the nearest name."""
    name = Sku(sku)
    if name in home.config.articles or tx.accounts.known_articles([sku]) or tx.ledger.positions(name):
        return name
    raise unknown("SKU", sku, {*home.config.articles, *(article for article, _, _ in tx.accounts.articles())})


def _entries(tx: Tx, sku: Sku | None) -> list[StockEntry]:
    positions = tx.ledger.positions(sku)
    available = tx.ledger.available({position.sku for position in positions})
    return [_entry(position, known=available.get(position.sku) is not None) for position in positions]


def _entry(position: Position, *, known: bool) -> StockEntry:
    return StockEntry(
        position.sku,
        position.location,
        position.on_hand,
        position.reserved,
        position.available,
        position.shortage,
        known,
    )


def _entries_at(tx: Tx, sku: Sku, at: datetime) -> list[StockEntry]:
    counts, movements = tx.ledger.counts(sku), tx.ledger.movements(sku)
    entries = []
    for place in [position.location for position in tx.ledger.positions(sku)]:
        on_hand, known = position_at(
            [pair for pair in counts if pair[0].location == place],
            [movement for movement in movements if movement.location == place],
            at,
        )
        position = Position(sku, place, on_hand, tx.ledger.open_at(sku, place, at))
        entries.append(_entry(position, known=known))
    return entries


def _history(tx: Tx, sku: Sku) -> StockHistory:
    counts = [CountEntry(*pair) for pair in tx.ledger.counts(sku)]
    return StockHistory(sku, _entries(tx, sku), counts, tx.ledger.movements(sku))


def _positions(entries: Sequence[StockEntry], home: Home) -> Any:
    if not entries:
        return "Nothing was counted, received or ordered yet. Next: entrepot stock count SKU UNITS"
    names = held_names(home)
    rows = [
        (
            entry.sku,
            names.get(entry.location, entry.location),
            entry.on_hand,
            entry.reserved,
            entry.available,
            entry.shortage or NOTHING,
            "" if entry.known else "never counted: nothing is published",
        )
        for entry in entries
    ]
    return table("sku  location  >on hand  >reserved  >available  >shortage  ", rows)


def _render_change(console: Console, change: StockChange, home: Home) -> None:
    console.print(_positions(change.positions, home))
    if not change.recorded:
        console.print(f"\nNothing changed: reference {change.reference} is recorded already.")


def _render_history(console: Console, history: StockHistory, home: Home, times: Times) -> None:
    console.print(_positions(history.positions, home))
    names = held_names(home)
    rows = [(entry.count.effective_at, _count_row(entry, times)) for entry in history.counts]
    rows += [(move.effective_at, _move_row(move, names, times)) for move in history.movements]
    if rows:
        console.print()
        ordered = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
        console.print(table("effective  what  >units  location  reference", ordered, wrap={"reference"}))


def _count_row(entry: CountEntry, times: Times) -> tuple[object, ...]:
    count_ = entry.count
    inside = f" ({count_.quantity} available)" if count_.meaning is CountMeaning.AVAILABLE else ""
    return times.full(count_.effective_at), f"count{inside}", f"= {entry.on_hand}", count_.location, count_.reference


def _move_row(move: Movement, names: Mapping[LocationId, str], times: Times) -> tuple[object, ...]:
    place = names.get(move.location, move.location)
    return times.full(move.effective_at), move.kind, f"{move.quantity:+}", place, move.reference
