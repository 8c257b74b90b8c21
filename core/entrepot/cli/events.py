"""`events tail`: what happened, as observers are told it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import click
import orjson
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.show import Times, answer, as_format, console, table, to_json
from entrepot.store import Store, Tx
from entrepot.store.records import OutboxRow

LOOK_EVERY = 1.0
AT_ONCE = 1000


@frozen
class EventEntry:
    """An event, with its place in the order of commits."""

    id: int
    name: str
    account: str | None
    subject: str
    key: str
    occurred_at: datetime
    details: Any


@click.group()
def events() -> None:
    """What happened, in the order of commits."""


@events.command()
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True)
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C; with --format json, one document a line.")
@as_format
@pass_home
def tail(home: Home, limit: int, form: str, *, follow: bool) -> None:
    """The latest events."""
    if follow:
        with suppress(KeyboardInterrupt):
            asyncio.run(_follow(home, limit, form))
        return
    entries = home.read(lambda tx: _after(tx, tx.outbox.last_id() - limit))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(entries, form, lambda console: _render(console, entries, times))


async def _follow(home: Home, limit: int, form: str) -> None:
    async with home.store() as store:
        last = await store.read(lambda tx: tx.outbox.last_id()) - limit
        while True:
            last = await _print_new(home, store, last, form)
            await asyncio.sleep(LOOK_EVERY)


async def _print_new(home: Home, store: Store, last: int, form: str) -> int:
    entries = await store.read(lambda tx: _after(tx, last))
    times = Times(home.clock.now(), home.config.time_zone)
    for entry in entries:
        if form == "json":
            click.echo(to_json(entry, indent=False))
        else:
            console().print("  ".join(str(cell) for cell in _row(entry, times)), soft_wrap=True)
    return entries[-1].id if entries else last


def _after(tx: Tx, id_: int) -> list[EventEntry]:
    entries: list[EventEntry] = []
    while rows := tx.outbox.after(entries[-1].id if entries else id_, AT_ONCE):
        entries += map(_entry, rows)
    return entries


def _entry(row: OutboxRow) -> EventEntry:
    return EventEntry(row.id, row.name, row.account, row.subject, row.key, row.occurred_at, orjson.loads(row.details))


def _render(console: Console, entries: Sequence[EventEntry], times: Times) -> None:
    if not entries:
        console.print("Nothing happened yet.")
        return
    rows = [_row(entry, times) for entry in entries]
    console.print(table(">id  at  event  account  subject  details", rows, wrap={"details"}))


def _row(entry: EventEntry, times: Times) -> tuple[object, ...]:
    told = {"": entry.details["message"]} if "message" in entry.details else entry.details
    details = ", ".join(f"{name} {value}".lstrip() for name, value in told.items())
    return entry.id, times.at(entry.occurred_at), entry.name, entry.account or "-", entry.subject, details
