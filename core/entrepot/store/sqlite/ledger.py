"""Movements, counts and the positions that they add up to."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from entrepot.model import Count, CountMeaning, LocationId, Movement, MovementKind, Position, Sku
from entrepot.store.sqlite.codec import dump_json, instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("ledger")


class SqliteLedger:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def book(self, movement: Movement, now: datetime) -> bool:
        values = {
            "sku": movement.sku,
            "location": movement.location,
            "quantity": movement.quantity,
            "kind": movement.kind,
            "effective_at": instant(movement.effective_at),
            "not_before": optional_instant(movement.not_before),
            "now": instant(now),
            "reference": movement.reference,
        }
        if self._db.execute(SQL.save_movement, values).rowcount == 0:
            return False
        known = movement.kind is not MovementKind.SHIPMENT
        self._db.execute(SQL.apply_movement, values | {"known": known})
        return True

    def count(self, count: Count, now: datetime) -> bool:
        key = {"sku": count.sku, "location": count.location}
        values = key | {
            "counted": count.quantity,
            "meaning": count.meaning,
            "on_hand": count.quantity + self._inside(count),
            "effective_at": instant(count.effective_at),
            "now": instant(now),
            "reference": count.reference,
        }
        if self._db.execute(SQL.save_count, values).rowcount == 0:
            return False
        self._db.execute(SQL.touch_position, key)
        self._db.execute(SQL.apply_count, key)
        return True

    def reserve(self, sku: Sku, location: LocationId, units: int) -> None:
        self._db.execute(SQL.reserve, {"sku": sku, "location": location, "units": units})

    def position(self, sku: Sku, location: LocationId) -> tuple[Position, datetime | None]:
        row = self._db.execute(SQL.position, {"sku": sku, "location": location}).fetchone()
        if row is None:
            return Position(sku, location, 0, 0), None
        return _position(row), parse_optional(row["counted_at"])

    def available(self, skus: Iterable[Sku]) -> Mapping[Sku, int | None]:
        rows = self._db.execute(SQL.available, {"skus": dump_json(list(skus))})
        return {Sku(row["sku"]): row["available"] if row["known"] else None for row in rows}

    def positions(self, sku: Sku | None = None) -> list[Position]:
        return [_position(row) for row in self._db.execute(SQL.positions, {"sku": sku})]

    def movements(self, sku: Sku | None = None) -> list[Movement]:
        return [_movement(row) for row in self._db.execute(SQL.movements, {"sku": sku})]

    def around_count(self, sku: Sku, location: LocationId) -> list[Movement]:
        return [_movement(row) for row in self._db.execute(SQL.around_count, {"sku": sku, "location": location})]

    def counts(self, sku: Sku | None = None) -> list[tuple[Count, int]]:
        return [
            (
                Count(
                    sku=Sku(row["sku"]),
                    quantity=row["counted"],
                    effective_at=parse_instant(row["effective_at"]),
                    reference=row["reference"],
                    location=LocationId(row["location"]),
                    meaning=CountMeaning(row["meaning"]),
                ),
                row["on_hand"],
            )
            for row in self._db.execute(SQL.stock_counts, {"sku": sku})
        ]

    def wrong_positions(self) -> list[str]:
        return [
            f"{row['sku']} at {row['location']}: reserved {row['reserved']}, open lines {row['units']}"
            for row in self._db.execute(SQL.wrong_positions)
        ]

    def _inside(self, count: Count) -> int:
        """Units of open orders that lay there when `available` was counted, to be added to it."""
        if count.meaning is CountMeaning.ON_HAND:
            return 0
        values = {"sku": count.sku, "location": count.location, "at": instant(count.effective_at)}
        return max(0, int(self._db.execute(SQL.open_at, values).fetchone()["units"]))


def _movement(row: sqlite3.Row) -> Movement:
    return Movement(
        sku=Sku(row["sku"]),
        quantity=row["quantity"],
        kind=MovementKind(row["kind"]),
        effective_at=parse_instant(row["effective_at"]),
        reference=row["reference"],
        location=LocationId(row["location"]),
        not_before=parse_optional(row["not_before"]),
    )


def _position(row: sqlite3.Row) -> Position:
    return Position(Sku(row["sku"]), LocationId(row["location"]), row["on_hand"], row["reserved"])
