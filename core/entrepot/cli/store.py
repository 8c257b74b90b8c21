"""`store migrate|check|backup|restore`: care of the database file."""

from pathlib import Path

import click
from rich.console import Console

from entrepot.cli.backups import note_backup
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded
from entrepot.cli.reloading import living
from entrepot.cli.show import answer, as_format, counted, table
from entrepot.errors import StoreError
from entrepot.store.sqlite import maintenance, migrate


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
