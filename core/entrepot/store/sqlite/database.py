"""The database file: opened, migrated, and given one unit of work after the other."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import sqlite_utils
from attrs import frozen

from entrepot.errors import StoreError
from entrepot.store.sqlite.accounts import SqliteAccounts
from entrepot.store.sqlite.breakers import SqliteBreakers
from entrepot.store.sqlite.daemons import SqliteDaemons
from entrepot.store.sqlite.imports import SqliteImports
from entrepot.store.sqlite.ledger import SqliteLedger
from entrepot.store.sqlite.migrations import MIGRATIONS, NAMES
from entrepot.store.sqlite.offers import SqliteOffers
from entrepot.store.sqlite.orders import SqliteOrders
from entrepot.store.sqlite.outbox import SqliteOutbox
from entrepot.store.sqlite.problems import SqliteProblems
from entrepot.store.sqlite.quota import SqliteQuota
from entrepot.store.sqlite.streams import SqliteStreams
from entrepot.store.sqlite.vault import SqliteVault

T = TypeVar("T")

BUSY_SECONDS = 20
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "glusterfs"})


class Runner(Protocol):
    """Runs a blocking function off the event loop; its await ends before a cancellation is raised."""

    async def run(self, work: Callable[[], T]) -> T: ...


@frozen
class SqliteTx:
    """The shelves, all on one connection."""

    accounts: SqliteAccounts
    streams: SqliteStreams
    orders: SqliteOrders
    ledger: SqliteLedger
    imports: SqliteImports
    offers: SqliteOffers
    outbox: SqliteOutbox
    problems: SqliteProblems
    quota: SqliteQuota
    daemons: SqliteDaemons
    vault: SqliteVault
    breakers: SqliteBreakers

    @classmethod
    def on(cls, connection: sqlite3.Connection) -> "SqliteTx":
        return cls(
            SqliteAccounts(connection),
            SqliteStreams(connection),
            SqliteOrders(connection),
            SqliteLedger(connection),
            SqliteImports(connection),
            SqliteOffers(connection),
            SqliteOutbox(connection),
            SqliteProblems(connection),
            SqliteQuota(connection),
            SqliteDaemons(connection),
            SqliteVault(connection),
            SqliteBreakers(connection),
        )


class SqliteStore:
    """A store in one SQLite file, for any number of processes on one machine."""

    def __init__(self, path: Path, runner: Runner, *, durable: bool = True) -> None:
        """`durable` False leaves commits to the operating system: for simulated crashes, which lose no power."""
        self._path = path
        self._database = connect(path)
        if not durable:
            self._database.execute("PRAGMA synchronous = OFF")
        self._runner = runner
        self._tx = SqliteTx.on(self._database.conn)

    async def write(self, work: Callable[[SqliteTx], T]) -> T:
        return await self._runner.run(lambda: self._transact("BEGIN IMMEDIATE", work))

    async def read(self, work: Callable[[SqliteTx], T]) -> T:
        return await self._runner.run(lambda: self._transact("BEGIN", work))

    async def changes(self) -> int:
        """A number that differs once another connection has committed."""
        return await self._runner.run(lambda: int(self._database.execute("PRAGMA data_version").fetchone()[0]))

    def close(self) -> None:
        """Roll back whatever is open and close the file."""
        self._database.close()

    def _transact(self, begin: str, work: Callable[[SqliteTx], T]) -> T:
        execute = self._database.conn.execute
        try:
            execute(begin)
        except sqlite3.OperationalError as refused:
            raise _store_error(refused, self._path) from refused
        try:
            result = work(self._tx)
            execute("COMMIT")
        except BaseException as error:
            if self._database.conn.in_transaction:
                execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise _store_error(error, self._path) from error
            raise
        return result


def connect(path: Path) -> sqlite_utils.Database:
    """Open a database of the present schema. Raises StoreError, with what to do, where it is of another."""
    if not path.exists():
        msg = f"there is no database at {path}. Next: entrepot store migrate"
        raise StoreError(msg)
    database = open_file(path)
    applied = {migration.name for migration in MIGRATIONS.applied(database)}
    unknown = sorted(applied - set(NAMES))
    if unknown:
        database.close()
        msg = (
            f"{path} was written by a newer Entrepot (schema {unknown[-1]}). Next: install that version, or a later one"
        )
        raise StoreError(msg)
    if len(applied) < len(NAMES):
        database.close()
        msg = f"{path} has an older schema. Next: entrepot store backup FOLDER, then: entrepot store migrate"
        raise StoreError(msg)
    return database


def open_file(path: Path) -> sqlite_utils.Database:
    """Open the file with the settings that the promises rest on: WAL, and every commit on the disk."""
    _refuse_network(path)
    # autocommit: BEGIN and COMMIT are ours; the runner moves the connection to its own thread
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as refused:
        raise _store_error(refused, path) from refused
    connection.row_factory = sqlite3.Row
    database = sqlite_utils.Database(connection, execute_plugins=False)
    try:
        _write_ahead(database)
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: a page of orders touches many pages of indexes
        database.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as refused:
        database.close()
        raise _store_error(refused, path) from refused
    return database


def _write_ahead(database: sqlite_utils.Database) -> None:
    """SQLite does not wait by itself while another first start is at the same switch; for a transaction it does."""
    for _ in range(BUSY_SECONDS):
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as refused:
            if not getattr(refused, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        else:
            return
    database.execute("PRAGMA journal_mode = WAL")


def migrate(path: Path) -> list[str]:
    """Bring a file to the present schema; an absent one is made. Returns the names of what was applied."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = open_file(path)
    try:
        database.execute("BEGIN IMMEDIATE")  # several first starts at once: the others wait, and find it done
        pending = [migration.name for migration in MIGRATIONS.pending(database)]
        MIGRATIONS.apply(database)
        database.execute("COMMIT")
    finally:
        database.close()
    return pending


def _refuse_network(path: Path) -> None:
    """SQLite's locks do not hold on network file systems."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    folder = path.parent.resolve()
    rows = (line.split()[1:3] for line in mounts.read_text("utf-8").splitlines())
    over = [(len(mount), place, kind) for place, (mount, kind) in enumerate(rows) if _lies_in(folder, mount)]
    kind = max(over, default=(0, 0, ""))[2]  # of two at one place, the later one covers the other
    if kind in NETWORK_FILE_SYSTEMS:
        msg = f"{path} lies on a network file system ({kind}), where SQLite cannot lock. Next: move it to a local disk"
        raise StoreError(msg)


def _lies_in(folder: Path, mount: str) -> bool:
    """`mount` as the kernel writes it: a space in it is backslash 040."""
    return folder.is_relative_to(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mount))


def _store_error(refused: sqlite3.DatabaseError, path: Path) -> StoreError:
    code = getattr(refused, "sqlite_errorname", "")
    advice = {
        "SQLITE_FULL": "free some space; pulls go on where they were",
        "SQLITE_READONLY": "make the file and its folder writable",
        "SQLITE_CANTOPEN": "make the folder, and make it writable",
        "SQLITE_NOTADB": "name another file; this one is no database",
        "SQLITE_BUSY": "another process holds the database; look for a long-running command",
    }
    for name, action in advice.items():
        if code.startswith(name):
            return StoreError(f"{path}: the database refused: {refused}. Next: {action}")
    return StoreError(f"{path}: the database refused: {refused}. Next: entrepot store check")
