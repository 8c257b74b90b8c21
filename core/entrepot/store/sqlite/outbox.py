"""Events of committed changes, and how far each observer has been told."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from entrepot.model import AccountId, Event, EventName
from entrepot.store.records import OutboxRow, ParkedDelivery
from entrepot.store.sqlite.codec import dump_json, instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("outbox")


class SqliteOutbox:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, events: Iterable[Event]) -> None:
        self._db.executemany(
            SQL.add,
            (
                {
                    "name": event.name,
                    "subject": event.subject,
                    "key": event.key,
                    "account": event.account,
                    "occurred_at": instant(event.occurred_at),
                    "details": dump_json(dict(event.details)),
                }
                for event in events
            ),
        )

    def after(self, id_: int, limit: int) -> list[OutboxRow]:
        return [_row(row) for row in self._db.execute(SQL.after, {"after": id_, "limit": limit})]

    def event(self, id_: int) -> OutboxRow:
        return _row(self._db.execute(SQL.event, {"id": id_}).fetchone())

    def last_id(self) -> int:
        return int(self._db.execute(SQL.last_id).fetchone()["id"])

    def latest(self, name: EventName, account: AccountId, subject: str) -> OutboxRow | None:
        row = self._db.execute(SQL.latest, {"name": name, "account": account, "subject": subject}).fetchone()
        return None if row is None else _row(row)

    def add_observer(self, name: str) -> None:
        self._db.execute(SQL.add_observer, {"name": name, "told_until": self.last_id()})

    def told_until(self, observer: str) -> int:
        return int(self._db.execute(SQL.told_until, {"name": observer}).fetchone()["told_until"])

    def advance(self, observer: str, id_: int) -> None:
        self._db.execute(SQL.advance, {"name": observer, "id": id_})

    def park(self, delivery: ParkedDelivery) -> None:
        self._db.execute(
            SQL.park,
            {
                "observer": delivery.observer,
                "event": delivery.event,
                "subject": delivery.subject,
                "failures": delivery.failures,
                "next_due": instant(delivery.next_due),
            },
        )

    def unpark(self, observer: str, event: int) -> None:
        self._db.execute(SQL.unpark, {"observer": observer, "event": event})

    def parked(self, observer: str) -> list[ParkedDelivery]:
        return [
            ParkedDelivery(observer, row["event"], row["subject"], row["failures"], parse_instant(row["next_due"]))
            for row in self._db.execute(SQL.parked, {"observer": observer})
        ]

    def next_parked(self) -> datetime | None:
        return parse_optional(self._db.execute(SQL.next_parked).fetchone()["at"])


def _row(row: sqlite3.Row) -> OutboxRow:
    return OutboxRow(
        id=row["id"],
        name=row["name"],
        subject=row["subject"],
        key=row["key"],
        account=row["account"],
        occurred_at=parse_instant(row["occurred_at"]),
        details=row["details"],
    )
