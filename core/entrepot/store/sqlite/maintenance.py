"""Care of a database file: made at the first start, examined, copied while it is in use."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from attrs import frozen

from entrepot.errors import StoreError
from entrepot.model import Count, LocationId, Movement, Sku
from entrepot.stock.ledger import on_hand
from entrepot.store.sqlite.database import SqliteTx, connect, migrate, open_file


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
