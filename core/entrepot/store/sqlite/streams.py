"""Streams: claimed for one page of work, fenced by their epoch."""

import sqlite3
from datetime import datetime

from entrepot.errors import LeaseLost
from entrepot.model import AccountId, Window
from entrepot.store.records import DueStream, StreamKind, StreamRow
from entrepot.store.sqlite.codec import (
    dump_json,
    instant,
    optional_instant,
    parse_instant,
    parse_json,
    parse_optional,
)
from entrepot.store.sqlite.statements import statements

SQL = statements("streams")

KINDS = {kind.value: kind for kind in StreamKind}
"""Daemons look for what is due after each step: an enumeration's own look-up would take as long as SQLite does."""


class SqliteStreams:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def ensure(
        self, account: AccountId, kind: StreamKind, due: datetime, *, scope: str = "", watermark: datetime | None = None
    ) -> None:
        row = {"account": account, "kind": kind, "scope": scope, "next_due": instant(due)}
        self._db.execute(SQL.ensure, row | {"watermark": optional_instant(watermark)})

    def due(self, now: datetime) -> list[DueStream]:
        rows = self._db.execute(SQL.due, {"now": instant(now)})
        return [DueStream(id_, AccountId(account), KINDS[kind]) for id_, account, kind in rows]

    def next_due(self, now: datetime) -> datetime | None:
        return parse_optional(self._db.execute(SQL.next_due, {"now": instant(now)}).fetchone()["at"])

    def claim(self, stream: int, owner: str, now: datetime, until: datetime) -> StreamRow | None:
        values = {"id": stream, "owner": owner, "now": instant(now), "until": instant(until)}
        if self._db.execute(SQL.claim, values).rowcount == 0:
            return None
        return self.find(stream)

    def find(self, stream: int) -> StreamRow:
        return _stream(self._db.execute(SQL.find, {"id": stream}).fetchone())

    def of_scope(self, kind: StreamKind, scope: str) -> StreamRow:
        return _stream(self._db.execute(SQL.of_scope, {"kind": kind, "scope": scope}).fetchone())

    def of_account(self, account: AccountId) -> list[StreamRow]:
        return [_stream(row) for row in self._db.execute(SQL.of_account, {"account": account})]

    def all(self) -> list[StreamRow]:
        return [_stream(row) for row in self._db.execute(SQL.all)]

    def assert_epoch(self, stream: StreamRow) -> None:
        row = self._db.execute(SQL.epoch, {"id": stream.id}).fetchone()
        if row is None or row["epoch"] != stream.epoch:
            raise _lost(stream)

    def hold(self, stream: StreamRow) -> None:
        self._write(SQL.hold, stream)

    def release(self, stream: StreamRow) -> None:
        self._write(SQL.release, stream)

    def _write(self, statement: str, stream: StreamRow) -> None:
        written = self._db.execute(
            statement,
            {
                "id": stream.id,
                "epoch": stream.epoch,
                "next_due": instant(stream.next_due),
                "watermark": optional_instant(stream.watermark),
                "window_start": optional_instant(stream.window.start if stream.window else None),
                "window_end": optional_instant(stream.window.end if stream.window else None),
                "cursor": stream.cursor,
                "complete_until": optional_instant(stream.complete_until),
                "seen_pages": dump_json(stream.seen_pages),
                "records": stream.records,
                "window_cap": stream.window_cap,
                "failures": stream.failures,
                "failing_since": optional_instant(stream.failing_since),
                "last_error": stream.last_error,
            },
        )
        if written.rowcount == 0:
            raise _lost(stream)

    def read_again(self, account: AccountId, start: datetime, end: datetime, now: datetime) -> None:
        values = {"account": account, "start": instant(start), "end": instant(end), "now": instant(now)}
        self._db.execute(SQL.read_again, values)

    def sweep_stock(self, account: AccountId, at: datetime) -> None:
        self._db.execute(SQL.sweep_stock, {"account": account, "at": instant(at)})

    def wake(self, account: AccountId, kind: StreamKind, at: datetime) -> None:
        self._db.execute(SQL.wake, {"account": account, "kind": kind, "at": instant(at)})

    def orders_known_until(self, account: AccountId) -> datetime | None:
        row = self._db.execute(SQL.orders_known_until, {"account": account}).fetchone()
        return parse_instant(row["until"]) if row["until"] else None


def _lost(stream: StreamRow) -> LeaseLost:
    return LeaseLost(f"stream {stream.kind} of {stream.account}: epoch {stream.epoch} is over")


def _stream(row: sqlite3.Row) -> StreamRow:
    start, end = row["window_start"], row["window_end"]
    return StreamRow(
        id=row["id"],
        account=AccountId(row["account"]),
        kind=StreamKind(row["kind"]),
        epoch=row["epoch"],
        next_due=parse_instant(row["next_due"]),
        scope=row["scope"],
        watermark=parse_optional(row["watermark"]),
        window=Window(parse_instant(start), parse_instant(end)) if start else None,
        cursor=row["cursor"],
        complete_until=parse_optional(row["complete_until"]),
        seen_pages=tuple(parse_json(row["seen_pages"])),
        records=row["records"],
        window_cap=row["window_cap"],
        failures=row["failures"],
        failing_since=parse_optional(row["failing_since"]),
        last_error=row["last_error"],
    )
