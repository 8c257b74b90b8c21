"""Care of a database file: made at the first start, examined, copied while it is in use."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from entrepot.errors import StoreError
from entrepot.model import Count, LocationId, Movement, Sku
from entrepot.stock.ledger import on_hand
from entrepot.store.sqlite.codec import instant
from entrepot.store.sqlite.database import SqliteTx, connect, migrate, open_file
from entrepot.store.sqlite.statements import statements

SQL = statements("restore")


@frozen
class Finding:
    """One examination; without `faults` it went well."""

    name: str
    faults: tuple[str, ...] = ()


def prepare(path: Path) -> None:
    """Make an absent database. One of an older schema is left alone: `connect` says what to do about it."""
    if not path.exists() or _is_blank(path):
        migrate(path)


def check(path: Path) -> list[Finding]:
    """Examine the file, its schema, and whether the ledger's running numbers are what they stand for.

    Raises StoreError where there is no file.
    """
    _require(path)
    findings = [Finding("file", tuple(_damage(path)))]
    if findings[0].faults:
        return findings
    try:
        database = connect(path)
    except StoreError as refused:
        return [*findings, Finding("schema", (str(refused),))]
    with closing(database):
        tx = SqliteTx.on(database.conn)
        database.execute("BEGIN")
        reserved, counted = tuple(tx.ledger.wrong_positions()), tuple(_wrong_on_hand(tx))
    return [*findings, Finding("schema"), Finding("reserved", reserved), Finding("on hand", counted)]


def backup(path: Path, folder: Path, now: datetime) -> Path:
    """Copy the database, in use or not, into one file of its own, examine the copy, and return its path.

    Raises StoreError.
    """
    _require(path)
    target = folder / f"entrepot-{now:%Y%m%dT%H%M%SZ}.db"
    unfinished = target.with_suffix(".unfinished")
    if target.exists():
        msg = f"{target} exists already. Next: wait a second, or name another folder"
        raise StoreError(msg)
    _refusing(target, lambda: _copy(path, folder, unfinished))
    damage = list(_damage(unfinished))
    if damage:
        msg = f"the copy {unfinished} is damaged ({damage[0]}). Next: entrepot store check"
        raise StoreError(msg)
    unfinished.rename(target)
    return target


def restore(copy: Path, path: Path, now: datetime) -> None:
    """Put a backup in the place of the database, which nobody may use, and which stays beside it as `.replaced`.

    The copy is examined, brought to the present schema, and told that it is old: what it says of channels is in doubt,
    and its events go on with numbers that no event has had. Raises StoreError.
    """
    if not copy.exists():
        msg = f"there is no backup {copy}. Next: name a file that entrepot store backup wrote"
        raise StoreError(msg)
    if damage := list(_damage(copy)):
        msg = f"the backup {copy} is damaged ({damage[0]}). Next: name an earlier one"
        raise StoreError(msg)
    unfinished = path.with_name(f"{path.name}.restoring")
    _refusing(unfinished, lambda: _copy(copy, path.parent, unfinished))
    migrate(unfinished)
    with closing(open_file(unfinished)) as database:
        database.execute("BEGIN IMMEDIATE")
        _doubt_everything(database.conn, now)
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = DELETE")  # one file to move
    _refusing(path, lambda: _replace(path, unfinished))


def _doubt_everything(database: sqlite3.Connection, now: datetime) -> None:
    told = {"now": instant(now), "after": instant(now + timedelta(seconds=1)), "place": round(now.timestamp() * 1000)}
    for name in (
        "forget_daemons",
        "count_no_more",
        "count_on",
        "restart_streams",
        "doubt",
        "doubt_items",
        "doubt_offers",
    ):
        database.execute(getattr(SQL, name), told)


def _replace(path: Path, restored: Path) -> None:
    """The log of the old file goes with it: beside another file it would be taken for that one's."""
    for end in ("", "-wal", "-shm"):
        old = path.with_name(path.name + end)
        if old.exists():
            old.rename(path.with_name(f"{path.name}.replaced{end}"))
    restored.rename(path)


def _require(path: Path) -> None:
    if not path.exists():
        msg = f"there is no database {path} yet. Next: entrepot run, or: entrepot store migrate"
        raise StoreError(msg)


def _copy(path: Path, folder: Path, target: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with closing(open_file(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.conn.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # no -wal and -shm beside it: one file to carry away


def _refusing(path: Path, work: Callable[[], None]) -> None:
    try:
        work()
    except (OSError, sqlite3.Error) as error:
        msg = f"{path} cannot be written: {error}. Next: name a folder on a disk with room, writable by you"
        raise StoreError(msg) from error


def _is_blank(path: Path) -> bool:
    """A first start was interrupted before its one transaction ended."""
    try:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    except sqlite3.DatabaseError:
        return False  # `connect` says what it is instead


def _damage(path: Path) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    yield from (text for text in found if text != "ok")


def _wrong_on_hand(tx: SqliteTx) -> Iterator[str]:
    counts = defaultdict[tuple[Sku, LocationId], list[tuple[Count, int]]](list)
    movements = defaultdict[tuple[Sku, LocationId], list[Movement]](list)
    for pair in tx.ledger.counts():
        counts[pair[0].sku, pair[0].location].append(pair)
    for movement in tx.ledger.movements():
        movements[movement.sku, movement.location].append(movement)
    for position in tx.ledger.positions():
        key = position.sku, position.location
        computed = on_hand(counts[key], movements[key])
        if computed != position.on_hand:
            yield f"{key[0]} at {key[1]}: {position.on_hand} on hand, counts and movements give {computed}"
