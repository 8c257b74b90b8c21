"""Token buckets shared by every daemon on this store, and the calls that were made."""

import sqlite3
from datetime import date

from entrepot.model import AccountId
from entrepot.store.records import BucketRow, CallCount
from entrepot.store.sqlite.codec import instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("quota")


class SqliteQuota:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def level(self, account: AccountId, name: str) -> BucketRow | None:
        row = self._db.execute(SQL.level, {"account": account, "name": name}).fetchone()
        if row is None:
            return None
        return BucketRow(
            tokens=row["tokens"],
            updated_at=parse_instant(row["updated_at"]),
            answered_at=parse_optional(row["answered_at"]),
        )

    def save(self, account: AccountId, name: str, level: BucketRow) -> None:
        self._db.execute(
            SQL.save,
            {
                "account": account,
                "name": name,
                "tokens": level.tokens,
                "updated_at": instant(level.updated_at),
                "answered_at": optional_instant(level.answered_at),
            },
        )

    def count(self, account: AccountId, operation: str, day: date, *, made: int, throttled: int) -> None:
        values = {"account": account, "operation": operation, "day": day.isoformat()}
        self._db.execute(SQL.count, values | {"made": made, "throttled": throttled})

    def counts(self) -> list[CallCount]:
        return [
            CallCount(AccountId(row["account"]), row["operation"], row["day"], row["made"], row["throttled"])
            for row in self._db.execute(SQL.counts)
        ]
