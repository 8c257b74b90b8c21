"""Token buckets shared by every daemon on this store, who waits for them, and the calls that were made."""

import sqlite3
from collections.abc import Iterable
from datetime import date

import orjson

from entrepot.model import AccountId
from entrepot.store.records import BucketRow, CallCount, WaitingRow
from entrepot.store.sqlite.codec import instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("quota")


class SqliteQuota:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def level(self, owner: str, name: str) -> BucketRow | None:
        row = self._db.execute(SQL.level, {"owner": owner, "name": name}).fetchone()
        if row is None:
            return None
        return BucketRow(
            tokens=row["tokens"],
            updated_at=parse_instant(row["updated_at"]),
            answered_at=parse_optional(row["answered_at"]),
            told=row["told"],
            share=row["share"],
            cut_at=parse_optional(row["cut_at"]),
            closed_until=parse_optional(row["closed_until"]),
        )

    def save(self, owner: str, name: str, level: BucketRow) -> None:
        self._db.execute(
            SQL.save,
            {
                "owner": owner,
                "name": name,
                "tokens": level.tokens,
                "updated_at": instant(level.updated_at),
                "answered_at": optional_instant(level.answered_at),
                "told": level.told,
                "share": level.share,
                "cut_at": optional_instant(level.cut_at),
                "closed_until": optional_instant(level.closed_until),
            },
        )

    def line(self, owner: str, name: str) -> list[WaitingRow]:
        return [
            WaitingRow(row["stream"], parse_instant(row["place"]), row["units"], parse_instant(row["due"]))
            for row in self._db.execute(SQL.line, {"owner": owner, "name": name})
        ]

    def wait(self, owner: str, name: str, waiting: WaitingRow) -> None:
        self._db.execute(
            SQL.wait,
            {
                "owner": owner,
                "name": name,
                "stream": waiting.stream,
                "place": instant(waiting.place),
                "units": waiting.units,
                "due": instant(waiting.due),
            },
        )

    def wait_no_more(self, stream: int) -> None:
        self._db.execute(SQL.wait_no_more, {"stream": stream})

    def count(
        self,
        account: AccountId,
        operation: str,
        day: date,
        *,
        made: int = 0,
        throttled: int = 0,
        gets: int = 0,
        records: int = 0,
    ) -> None:
        numbers = {"made": made, "throttled": throttled, "gets": gets, "records": records}
        self._db.execute(SQL.count, {"account": account, "operation": operation, "day": day.isoformat()} | numbers)

    def counts(self) -> list[CallCount]:
        return [CallCount(**row) for row in map(dict, self._db.execute(SQL.counts))]

    def gets(self, accounts: Iterable[AccountId], month: date) -> int:
        values = {"accounts": orjson.dumps([*accounts]).decode(), "month": f"{month:%Y-%m}"}
        found: int = self._db.execute(SQL.gets, values).fetchone()["gets"]
        return found
