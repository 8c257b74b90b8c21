"""Lines of applied imports become counts and positions: in pieces, and before anything else changes their position."""

import sqlite3
from collections.abc import Sequence

from entrepot.model import Sku
from entrepot.stock.sheet import Key
from entrepot.store.sqlite.statements import statements

SQL = statements("folding")


def fold(connection: sqlite3.Connection, import_: int, first: Key, last: Key) -> dict[Key, tuple[int, int]]:
    """Record the lines of an import from one key to another as counts that were told when it was applied.

    Returns the positions that start from them now: known, and on hand.
    """
    values = {"import": import_, "first_sku": first[0], "first_location": first[1], "sku": last[0], "location": last[1]}
    if connection.execute(SQL.same_content, values).fetchone()["found"]:
        connection.execute(SQL.drop_recorded, values)
    connection.execute(SQL.save_counts, values)
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(SQL.apply_counts, values).fetchall()}


def settle(connection: sqlite3.Connection, key: Key) -> None:
    """Record what applied imports say of a position, before another change of it is recorded."""
    values = {"sku": key[0], "location": key[1]}
    for row in connection.execute(SQL.imports_of, values).fetchall():
        fold(connection, row["import"], key, key)
        connection.execute(SQL.mark_counted, values | {"import": row["import"]})


def pending(connection: sqlite3.Connection, skus: str | None) -> Sequence[sqlite3.Row]:
    """Positions as applied imports will make them; of two of a key the later one holds. `skus`: JSON, None for all."""
    if skus is None:
        return connection.execute(SQL.all_pending).fetchall()
    return connection.execute(SQL.pending, {"skus": skus}).fetchall()


def pending_counts(connection: sqlite3.Connection, sku: Sku | None) -> Sequence[sqlite3.Row]:
    """What applied imports say and no count has recorded yet, in the order in which they will be recorded."""
    statement = SQL.all_pending_counts if sku is None else SQL.pending_counts
    return connection.execute(statement, {"sku": sku}).fetchall()
