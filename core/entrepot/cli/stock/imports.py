"""`stock import|imports|approve|discard`: counts of many articles at once, from the merchant's own systems."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import click

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded, Refused
from entrepot.cli.show import Times, answer, as_format
from entrepot.cli.stock.import_report import ImportReport, render, render_all, suggest
from entrepot.model import CountMeaning
from entrepot.runtime import spare_what_is_loaded
from entrepot.stock.sheet import Reading, SheetError, instant_of
from entrepot.store import Tx
from entrepot.store.records import ImportState, StockImport
from entrepot.sync import importing
from entrepot.sync.csv_delivery import csv_delivery
from entrepot.sync.importing import CLOCKS_DIFFER, Delivery, SupersededError

SHOWN = 10
"""Refused lines, unless all are asked for."""

Decision: TypeAlias = Callable[[Tx, StockImport, datetime], object]
"""What becomes of a held import."""

COUNT_MEANINGS = click.Choice([meaning.value for meaning in CountMeaning])


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what it would change. Nothing is written.")
@click.option(
    "--counted-at",
    metavar="INSTANT",
    help="When it was counted, in ISO 8601, for lines that do not say. Default: when the file was written.",
)
@click.option("--meaning", type=COUNT_MEANINGS, help="What was counted. Default: as [stock] counts says.")
@click.option("--all", "all_", is_flag=True, help="Show every refused line.")
@as_format
@pass_home
@click.pass_context
def import_(
    ctx: click.Context,
    /,
    home: Home,
    file: Path,
    counted_at: str | None,
    meaning: str | None,
    form: str,
    **flags: bool,
) -> None:
    """Take the counts of FILE, a CSV with the columns sku, quantity, perhaps location and counted_at.

    A line that cannot be taken is listed, and stops no other; exit code 1: they were more than half. An import that
    changes more than [stock] hold_if allows is held, with exit code 4. The same file again changes nothing.
    """
    try:
        delivery = _delivery(home, file, counted_at, meaning)
        report = suggest(home, asyncio.run(_import(home, delivery, dry_run=flags["dry_run"])))
    except SheetError as wrong:
        raise Refused(f"{file.name}: {wrong}") from wrong
    except SupersededError as wrong:
        raise Guarded(f"{wrong}. Next: wait for it: entrepot stock imports") from wrong
    shown = None if flags["all_"] else SHOWN
    answer(report, form, lambda console: render(console, home, report, shown))
    ctx.exit(Exit.FINE if report.dry_run else _exit(report))


def _exit(report: ImportReport) -> Exit:
    """A file of which most is refused is the wrong file, or the catalog is: a script must notice."""
    if report.state is ImportState.HELD:
        return Exit.GUARDED
    return Exit.PROBLEMS if 2 * report.figures.refused > report.figures.lines else Exit.FINE


@click.command()
@click.argument("id_", metavar="[ID]", type=int, required=False)
@as_format
@pass_home
def imports(home: Home, id_: int | None, form: str) -> None:
    """The latest imports; with ID, one of them with every refused line."""
    if id_ is None:
        found = home.read(lambda tx: tx.imports.all())
        times = Times(home.clock.now(), home.config.time_zone)
        answer(found, form, lambda console: render_all(console, found, times))
        return
    _tell(home, id_, form, shown=None)


@click.command()
@click.argument("id_", metavar="ID", type=int)
@as_format
@pass_home
def approve(home: Home, id_: int, form: str) -> None:
    """Make the held import ID valid."""
    asyncio.run(_decide(home, id_, importing.approve))
    _tell(home, id_, form, shown=SHOWN)


@click.command()
@click.argument("id_", metavar="ID", type=int)
@as_format
@pass_home
def discard(home: Home, id_: int, form: str) -> None:
    """Drop the held import ID; nothing of it becomes valid."""
    asyncio.run(_decide(home, id_, importing.discard))
    _tell(home, id_, form, shown=SHOWN)


def _delivery(home: Home, file: Path, counted_at: str | None, meaning: str | None) -> Delivery:
    now, zone, places = home.clock.now(), home.config.time_zone, home.config.locations
    latest = now + CLOCKS_DIFFER
    told = counted_instant(home, counted_at, "--counted-at", latest) if counted_at else None
    try:
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as wrong:
        raise SheetError(f"it cannot be read: {wrong.strerror}. Next: name a file that can") from wrong
    reading = Reading(
        meaning=CountMeaning(meaning) if meaning else home.config.stock.counts,
        counted_at=told or min(written, now),
        latest=latest,
        zone=zone,
        locations=places.own,
        only=places.only,
        held=places.held,
    )
    return csv_delivery(file, reading, told, home.config.articles)


def counted_instant(home: Home, text: str, option: str, latest: datetime) -> datetime:
    """Without an offset it is the operator's wall clock. Raises Refused, and Guarded where it lies ahead."""
    try:
        at = instant_of(text, home.config.time_zone)
    except ValueError as wrong:
        raise Refused(f"{text!r} is no instant; write it as 2026-11-24T06:00") from wrong
    if at > latest:
        local = at.astimezone(home.config.time_zone)
        message = f"{local.isoformat()} lies ahead: every movement until then would be without effect"
        raise Guarded(f"{message}. Next: correct {option}")
    return at


async def _import(home: Home, delivery: Delivery, *, dry_run: bool) -> ImportReport:
    hold_if = home.config.stock.hold_if
    async with home.store(make=not dry_run) as store:
        if dry_run:
            before = await store.read(lambda tx: importing.imported_before(tx, delivery))
            if before is not None:
                return await store.read(lambda tx: _stored(tx, before, repeated=True))
            figures, refused = await importing.preview(store, delivery)
            state = ImportState.HELD if hold_if.holds(figures) else ImportState.APPLIED
            return ImportReport(
                None,
                delivery.file,
                delivery.meaning,
                state,
                repeated=False,
                dry_run=True,
                figures=figures,
                refused=refused,
            )
        spare_what_is_loaded()
        done, new = await importing.import_counts(store, delivery, hold_if, home.clock)
        await importing.follow_all(store, home.clock)
        return await store.read(lambda tx: _stored(tx, tx.imports.find(done.id) or done, repeated=not new))


async def _decide(home: Home, id_: int, decision: Decision) -> None:
    async with home.store() as store:
        await store.write(lambda tx: decision(tx, _held(tx, id_), home.clock.now()))
        await importing.follow_all(store, home.clock)


def _tell(home: Home, id_: int, form: str, *, shown: int | None) -> None:
    """One import as it is stored, with so many of its refused lines."""
    report = suggest(home, home.read(lambda tx: _stored(tx, _find(tx, id_))))
    answer(report, form, lambda console: render(console, home, report, shown))


def _find(tx: Tx, id_: int) -> StockImport:
    found = tx.imports.find(id_)
    if found is None:
        raise Refused(f"there is no import {id_}. Next: entrepot stock imports")
    return found


def _held(tx: Tx, id_: int) -> StockImport:
    found = _find(tx, id_)
    if found.state is not ImportState.HELD:
        raise Refused(f"import {id_} is not held; it is {found.state}. Next: entrepot stock imports")
    return found


def _stored(tx: Tx, found: StockImport, *, repeated: bool = False) -> ImportReport:
    return ImportReport(
        found.id,
        found.file,
        found.meaning,
        found.state,
        repeated=repeated,
        dry_run=False,
        figures=found.figures,
        refused=tx.imports.refusals(found.id),
    )
