"""How SQLite finds the rows of each statement. It knows nothing of the tables, and takes each of them as small."""

import re
import sqlite3
from importlib.resources import files

import pytest

from entrepot.store.sqlite.statements import statements

GROWING = {
    "attempt",
    "attempt_item",
    "import_line",
    "line_target",
    "movement",
    "offer",
    "offer_part",
    "order_line",
    "order_version",
    "orders",
    "outbox",
    "position",
    "raw_record",
    "stock_count",
}

WHOLE = {
    "ledger": {"all_positions", "articles_elsewhere", "movements", "stock_counts", "wrong_positions"},
    "imports": {"known_positions"},
    "offers": {"all"},
    "orders": {"counts", "find_anywhere", "list", "present_raw", "purge_raw"},
    "outbox": {"latest"},
    "restore": {"doubt_items", "doubt_offers"},
}
"""By file: what people ask for, what a start or a restored store needs once, and what ends at a limit."""

WIDE = re.compile(
    r"(?:SCAN|SEARCH) (\w+)(?: USING .*\((?:account|account=\? AND kind)=\?\)| USING (?:COVERING )?INDEX \w+)?$"
)
"""A step of a plan that walks through a table, or through what an account has in it."""

FILES = sorted(part.name.removesuffix(".sql") for part in (files("entrepot.store.sqlite") / "sql").iterdir())


def tables_of(sql):
    """By the names that they have in a statement."""
    return {alias or table: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: AS (\w+))?", sql)}


def read_whole(database, sql, few):
    """The growing tables; `few` are the indexes of few rows. A list that is made anew for each row is as bad."""
    unbound = dict.fromkeys(re.findall(r":(\w+)", sql))
    steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", unbound)]
    found = [wide[1] for step in steps if (wide := WIDE.match(step)) and few.isdisjoint(step.split())]
    lists = {step for step in steps if step.startswith("CORRELATED LIST")}
    return GROWING & {tables_of(sql).get(name, name) for name in found} | lists


@pytest.mark.parametrize("file", FILES)
def test_a_daemon_never_reads_all_rows_of_an_account(file, migrated):
    """A shop with a million offers changes one; the others are not looked at."""
    database = sqlite3.connect(migrated)
    few = {
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
    }
    whole = {name for name, sql in vars(statements(file)).items() if read_whole(database, sql, few)}
    database.close()
    assert whole == WHOLE.get(file, set())
