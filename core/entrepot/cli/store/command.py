"""`store migrate|remap|check|backup|restore`: care of the database file."""

import asyncio
from functools import partial
from pathlib import Path

import click
from attrs import astuple, frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded
from entrepot.cli.running.reloading import living
from entrepot.cli.show import answer, as_format, counted, table
from entrepot.cli.store.backups import note_backup
from entrepot.config import AccountConfig
from entrepot.errors import StoreError
from entrepot.model import AccountId
from entrepot.store.sqlite import maintenance, migrate
from entrepot.sync.remapping import remap, remap_letters


@click.group()
def store() -> None:
    """Care of the database."""


@store.command("migrate")
@as_format
@pass_home
def migrate_store(home: Home, form: str) -> None:
    """Bring the database to the present schema; an absent one is made. Back it up first."""
    path = home.config.database
    applied = migrate(path)
    done = f"applied {', '.join(applied)}" if applied else "has the present schema already"
    document = {"database": str(path), "applied": applied}
    answer(document, form, lambda console: console.print(f"{path}: {done}", soft_wrap=True))


@frozen
class RemapReport:
    """Records looked at, orders that are read differently, records refused now; dead letters taken in, and left."""

    account: AccountId
    looked_at: int
    changed: int
    refused: int
    letters_taken_in: int
    letters_left: int


@store.command("remap")
@click.option("--kind", type=click.Choice(["order"]), default="order", show_default=True, help="Of records.")
@click.option("--account", help="Only this account.")
@click.option("--dry-run", is_flag=True, help="Count what would change, and change nothing.")
@as_format
@pass_home
def remap_records(home: Home, kind: str, account: str | None, form: str, *, dry_run: bool) -> None:  # noqa: ARG001 - one kind is kept so far
    """Map kept records again after a plugin's mapper was mended; what differs becomes a new version. Calls nothing."""
    chosen = [home.account(account)] if account else list(home.config.accounts.values())
    reports = [report for one in chosen if (report := asyncio.run(_remap(home, one, dry_run=dry_run))) is not None]
    answer(reports, form, lambda console: _render_remap(console, reports, dry_run=dry_run))


async def _remap(home: Home, account: AccountConfig, *, dry_run: bool) -> RemapReport | None:
    """In pieces, so that a running daemon goes on; begun again after a stop, it finds the rest. None: never seen."""
    async with home.store() as store:
        row = await store.read(lambda tx: tx.accounts.find(account.id))
        if row is None:
            return None
        run = store.read if dry_run else store.write
        now, place = home.clock.now(), 0
        looked_at = changed = refused = 0
        while True:
            piece = await run(
                partial(remap, account=row, channel=account.channel, after=place, now=now, dry_run=dry_run)
            )
            if piece.last is None:
                break
            place, looked_at = piece.last, looked_at + piece.looked_at
            changed, refused = changed + len(piece.changed), refused + piece.refused
        taken, left = await run(lambda tx: remap_letters(tx, row, account.channel, now, dry_run=dry_run))
        return RemapReport(account.id, looked_at, changed, refused, taken, left)


@store.command()
@as_format
@pass_home
@click.pass_context
def check(ctx: click.Context, home: Home, form: str) -> None:
    """Examine the file, and whether the ledger adds up."""
    findings = maintenance.check(home.config.database)
    answer(findings, form, lambda console: _render(console, findings))
    ctx.exit(Exit.STORE if any(finding.faults for finding in findings) else Exit.FINE)


@store.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@as_format
@pass_home
def backup(home: Home, folder: Path, form: str) -> None:
    """Copy the database into FOLDER while everything goes on, and examine the copy."""
    path, now = home.config.database, home.clock.now()
    copy = maintenance.backup(path, folder, now)
    note_backup(path, copy, now)
    size = copy.stat().st_size
    document = {"database": str(path), "backup": str(copy), "bytes": size}
    answer(document, form, lambda console: console.print(f"{copy}: {size / 1e6:.1f} MB, examined", soft_wrap=True))


@store.command()
@click.argument("copy", metavar="BACKUP", type=click.Path(dir_okay=False, path_type=Path))
@as_format
@pass_home
def restore(home: Home, copy: Path, form: str) -> None:
    """Put BACKUP in the place of the database. Stop the daemons first.

    Whatever happened since is read from the channels again. No quantity is sent before its offer has been read back,
    and observers are told under the old keys what they may have been told. The replaced database is kept.
    """
    path = home.config.database
    if running := _running(path):
        raise Guarded(f"{', '.join(running)} works on {path}. Next: stop it, then restore")
    maintenance.restore(copy, path, home.clock.now())
    document = {"database": str(path), "backup": str(copy), "replaced": f"{path}.replaced"}
    next_ = "Next: enter again what was counted or received since; then: entrepot run"
    answer(document, form, lambda console: console.print(f"{path}: restored from {copy}. {next_}", soft_wrap=True))


def _running(path: Path) -> list[str]:
    """Daemons on a database that can be read: of a damaged one nobody knows."""
    try:
        return living(path) if path.exists() else []
    except StoreError:
        return []


def _render_remap(console: Console, reports: list[RemapReport], *, dry_run: bool) -> None:
    rows = [astuple(one) for one in reports]
    console.print(table("account  >looked at  >differ  >refused  >dead letters taken in  >left", rows))
    if dry_run:
        console.print("\nNothing was changed.")


def _render(console: Console, findings: list[maintenance.Finding]) -> None:
    what = {
        "file": "SQLite finds no damage",
        "schema": "the present one",
        "reserved": "every position's reserved units are those of its open order lines",
        "on hand": "every position's units are its last count and the movements since",
    }
    rows = []
    for finding in findings:
        rows.append((finding.name, "wrong" if finding.faults else "ok", "" if finding.faults else what[finding.name]))
        rows += [("", "", fault) for fault in finding.faults]
    console.print(table("examined  result  ", rows, wrap={""}))
    faults = sum(len(finding.faults) for finding in findings)
    if faults:
        console.print(f"\n{counted(faults, 'fault')}. Next: stop the daemons, keep this file, restore a backup")
