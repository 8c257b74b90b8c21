"""Schema changes in order, each committed together with the note that it was applied."""

from importlib.resources import files

import sqlite_utils
from sqlite_utils.migrations import Migrations

NAMES = (
    "0001_first",
    "0002_imports",
    "0003_rules",
    "0004_operation",
    "0005_locations",
    "0006_excess",
    "0007_daemons",
    "0008_vault",
    "0009_quota",
    "0010_breaker",
    "0011_look",
    "0012_lease",
    "0013_lookups",
)

MIGRATIONS = Migrations("entrepot")


def _add(name: str) -> None:
    sql = (files("entrepot.store.sqlite.migrations") / f"{name}.sql").read_text("utf-8")

    @MIGRATIONS(name=name)
    def apply(database: sqlite_utils.Database) -> None:
        # not executescript: it would commit the migration's transaction
        for statement in statements_of(sql):
            database.execute(statement)


def statements_of(sql: str) -> list[str]:
    """The single statements of a file; a semicolon inside a comment does not end one."""
    bare = "\n".join(line.split("--", 1)[0] for line in sql.splitlines())
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


for _name in NAMES:
    _add(_name)
