"""What rests because a channel is in trouble, shared by every daemon on this store."""

import sqlite3
from datetime import datetime

from entrepot.model import AccountId
from entrepot.store.records import BreakerRow, Suspect
from entrepot.store.sqlite.codec import instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("breakers")


class SqliteBreakers:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, account: AccountId, name: str) -> BreakerRow | None:
        row = self._db.execute(SQL.find, {"account": account, "name": name}).fetchone()
        if row is None:
            return None
        return BreakerRow(
            worked=bool(row["worked"]),
            failures=row["failures"],
            since=parse_optional(row["since"]),
            probe_at=parse_optional(row["probe_at"]),
        )

    def save(self, account: AccountId, name: str, breaker: BreakerRow) -> None:
        self._db.execute(
            SQL.save,
            {
                "account": account,
                "name": name,
                "worked": breaker.worked,
                "failures": breaker.failures,
                "since": optional_instant(breaker.since),
                "probe_at": optional_instant(breaker.probe_at),
            },
        )

    def forget(self, application: str) -> bool:
        return self._db.execute(SQL.forget, {"name": application}).rowcount > 0

    def try_now(self, now: datetime) -> None:
        self._db.execute(SQL.try_now, {"now": instant(now)})

    def suspect(self, application: str, account: AccountId, now: datetime) -> bool:
        values = {"application": application, "account": account, "now": instant(now)}
        return self._db.execute(SQL.suspect, values).rowcount > 0

    def suspects(self, application: str) -> list[Suspect]:
        rows = self._db.execute(SQL.suspects, {"application": application})
        return [Suspect(AccountId(row["account"]), parse_instant(row["since"]), bool(row["alone"])) for row in rows]

    def clear(self, application: str, account: AccountId) -> None:
        self._db.execute(SQL.clear, {"application": application, "account": account})

    def set_apart(self, application: str) -> None:
        self._db.execute(SQL.set_apart, {"application": application})

    def clear_all(self, application: str) -> None:
        self._db.execute(SQL.clear_all, {"application": application})
