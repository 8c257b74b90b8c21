"""Orders in versions, their lines and targets, raw records and dead letters."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from entrepot.model import AccountId, LocationId, Order, OrderLine, Sku, Target
from entrepot.store.records import DeadLetter, KnownOrder, LineRow, RawRecord
from entrepot.store.sqlite.codec import dump_json, dump_order, instant, parse_instant, parse_order
from entrepot.store.sqlite.statements import statements

SQL = statements("orders")


class SqliteOrders:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def known(self, account: AccountId, ids: Iterable[str]) -> Mapping[str, KnownOrder]:
        rows = self._db.execute(SQL.known, {"account": account, "ids": dump_json(list(ids))})
        return {
            row["external_id"]: KnownOrder(
                row["version"], row["revision"], row["content_hash"], parse_instant(row["changed_at"])
            )
            for row in rows
        }

    def save(self, account: AccountId, order: Order, known: KnownOrder, business_date: date, now: datetime) -> None:
        key = {"account": account, "external_id": order.external_id, "version": known.version, "now": instant(now)}
        self._db.execute(SQL.save_version, key | {"document": dump_order(order)})
        self._db.execute(
            SQL.save,
            key
            | {
                "revision": known.revision,
                "content_hash": known.content_hash,
                "marketplace": order.marketplace,
                "status": order.status,
                "fulfillment": order.fulfillment,
                "placed_at": instant(order.placed_at),
                "business_date": business_date.isoformat(),
                "changed_at": instant(order.changed_at),
            },
        )

    def load(self, account: AccountId, external_id: str) -> Order | None:
        row = self._db.execute(SQL.document, {"account": account, "external_id": external_id}).fetchone()
        return None if row is None else parse_order(row["document"])

    def versions(self, account: AccountId, external_id: str) -> list[tuple[datetime, Order]]:
        rows = self._db.execute(SQL.versions, {"account": account, "external_id": external_id})
        return [(parse_instant(row["stored_at"]), parse_order(row["document"])) for row in rows]

    def lines(self, account: AccountId, order_id: str) -> Mapping[str, LineRow]:
        rows = self._db.execute(SQL.lines, {"account": account, "order_id": order_id})
        return {
            row["line_id"]: LineRow(row["line_id"], row["offer"], row["open"], row["booked"], bool(row["mapped"]))
            for row in rows
        }

    def save_line(
        self, account: AccountId, order: Order, line: OrderLine, *, open_: int, booked: int, mapped: bool
    ) -> None:
        self._db.execute(
            SQL.save_line,
            {
                "account": account,
                "order_id": order.external_id,
                "line_id": line.external_id,
                "offer": line.offer,
                "placed_at": instant(order.placed_at),
                "ordered": line.ordered,
                "cancelled": line.cancelled,
                "open": open_,
                "booked": booked,
                "mapped": mapped,
            },
        )

    def save_targets(self, account: AccountId, order_id: str, line_id: str, targets: Iterable[Target]) -> None:
        self._db.executemany(
            SQL.save_target,
            (
                {
                    "account": account,
                    "order_id": order_id,
                    "line_id": line_id,
                    "sku": target.sku,
                    "location": target.location,
                    "per_unit": target.per_unit,
                    "bundle_version": target.bundle_version,
                }
                for target in targets
            ),
        )

    def targets(self, account: AccountId, order_id: str, line_id: str) -> tuple[Target, ...]:
        rows = self._db.execute(SQL.targets, {"account": account, "order_id": order_id, "line_id": line_id})
        return tuple(
            Target(Sku(row["sku"]), LocationId(row["location"]), row["per_unit"], row["bundle_version"]) for row in rows
        )

    def waiting_for(self, account: AccountId, offer: str) -> list[str]:
        rows = self._db.execute(SQL.waiting_for, {"account": account, "offer": offer})
        return [row["order_id"] for row in rows]

    def unmapped_offers(self) -> list[tuple[AccountId, str, int]]:
        return [
            (AccountId(row["account"]), row["offer"], row["orders"]) for row in self._db.execute(SQL.unmapped_offers)
        ]

    def has_offer(self, account: AccountId, offer: str) -> bool:
        return self._db.execute(SQL.has_offer, {"account": account, "offer": offer}).fetchone() is not None

    def open_units(self, account: AccountId, offer: str) -> int:
        return int(self._db.execute(SQL.open_units, {"account": account, "offer": offer}).fetchone()["units"])

    def cancelled_after(self, account: AccountId, offer: str, after: datetime) -> list[str]:
        values = {"account": account, "offer": offer, "after": instant(after)}
        return [row["order_id"] for row in self._db.execute(SQL.cancelled_after, values)]

    def sold(self, account: AccountId, offer: str, after: datetime, until: datetime) -> int:
        values = {"account": account, "offer": offer, "after": instant(after), "until": instant(until)}
        return int(self._db.execute(SQL.sold, values).fetchone()["units"])

    def save_raw(
        self,
        account: AccountId,
        kind: str,
        records: Iterable[tuple[str, str, bytes]],
        mapper_version: str,
        now: datetime,
    ) -> None:
        shared = {"account": account, "kind": kind, "mapper_version": mapper_version, "now": instant(now)}
        self._db.executemany(
            SQL.save_raw,
            (shared | {"external_id": id_, "content_hash": hash_, "body": body} for id_, hash_, body in records),
        )

    def present_raw(self, account: AccountId, kind: str, after: int, limit: int) -> list[RawRecord]:
        values = {"account": account, "kind": kind, "after": after, "limit": limit}
        rows = self._db.execute(SQL.present_raw, values)
        return [RawRecord(row["place"], row["external_id"], row["body"]) for row in rows]

    def purge_raw(self, before: datetime, limit: int) -> int:
        return self._db.execute(SQL.purge_raw, {"before": instant(before), "limit": limit}).rowcount

    def save_dead_letter(self, letter: DeadLetter, now: datetime) -> None:
        self._db.execute(
            SQL.save_dead_letter,
            {
                "account": letter.account,
                "kind": letter.kind,
                "content_hash": letter.content_hash,
                "reason": letter.reason,
                "body": letter.body,
                "now": instant(now),
            },
        )

    def dead_letters(self) -> list[DeadLetter]:
        return [
            DeadLetter(AccountId(row["account"]), row["kind"], row["content_hash"], row["reason"], row["body"])
            for row in self._db.execute(SQL.dead_letters)
        ]

    def bury(self, letter: DeadLetter) -> None:
        self._db.execute(
            SQL.bury, {"account": letter.account, "kind": letter.kind, "content_hash": letter.content_hash}
        )

    def find(
        self, *, account: AccountId | None = None, open_only: bool = False, sku: Sku | None = None, limit: int = 50
    ) -> list[tuple[AccountId, Order]]:
        rows = self._db.execute(SQL.list, {"account": account, "open": open_only, "sku": sku, "limit": limit})
        return [(AccountId(row["account"]), parse_order(row["document"])) for row in rows]

    def accounts_with(self, external_id: str) -> list[AccountId]:
        rows = self._db.execute(SQL.find_anywhere, {"external_id": external_id})
        return [AccountId(row["account"]) for row in rows]

    def placed_by_day(self, account: AccountId, since: datetime) -> Mapping[tuple[str, date], int]:
        rows = self._db.execute(SQL.placed_by_day, {"account": account, "since": instant(since)})
        return {(row["marketplace"], date.fromisoformat(row["business_date"])): row["orders"] for row in rows}

    def counts(self) -> list[tuple[AccountId, int, datetime]]:
        return [
            (AccountId(row["account"]), row["orders"], parse_instant(row["newest"]))
            for row in self._db.execute(SQL.counts)
        ]
