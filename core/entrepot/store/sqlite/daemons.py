"""The daemons of this database, and what they are asked."""

import sqlite3
from datetime import datetime

from entrepot.store.records import DaemonRow
from entrepot.store.sqlite.codec import dump_json, instant, parse_instant, parse_json, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("daemons")


class SqliteDaemons:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def enter(self, daemon: DaemonRow) -> None:
        values = {"name": daemon.name, "host": daemon.host, "pid": daemon.pid, "config": daemon.config}
        self._db.execute(SQL.enter, values | {"started_at": instant(daemon.started_at)})

    def leave(self, name: str) -> None:
        self._db.execute(SQL.leave, {"name": name})

    def all(self) -> list[DaemonRow]:
        return [_daemon(row) for row in self._db.execute(SQL.all)]

    def find(self, name: str) -> DaemonRow | None:
        row = self._db.execute(SQL.find, {"name": name}).fetchone()
        return None if row is None else _daemon(row)

    def ask(self, name: str) -> None:
        self._db.execute(SQL.ask, {"name": name})

    def answer(self, daemon: DaemonRow, faults: tuple[str, ...], now: datetime) -> None:
        values = {"name": daemon.name, "asked": daemon.asked, "answer": dump_json(faults), "now": instant(now)}
        self._db.execute(SQL.answer, values)

    def beat(self, name: str, now: datetime) -> None:
        self._db.execute(SQL.beat, {"name": name, "now": instant(now)})


def _daemon(row: sqlite3.Row) -> DaemonRow:
    return DaemonRow(
        name=row["name"],
        host=row["host"],
        pid=row["pid"],
        started_at=parse_instant(row["started_at"]),
        asked=row["asked"],
        answered=row["answered"],
        answer=tuple(parse_json(row["answer"])),
        config=row["config"],
        read_at=parse_optional(row["read_at"]),
        seen_at=parse_optional(row["seen_at"]),
    )
