"""Movements, counts and the positions that they add up to."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from entrepot.model import Count, CountMeaning, LocationId, Movement, MovementKind, Position, Sku
from entrepot.model.ids import is_held
from entrepot.store.sqlite.codec import dump_json, instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.folding import pending, pending_counts, settle
from entrepot.store.sqlite.statements import statements

SQL = statements("ledger")


class SqliteLedger:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def book(self, movement: Movement, now: datetime) -> bool:
        settle(self._db, (movement.sku, movement.location))
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
        settle(self._db, (count.sku, count.location))
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
        row = self._rows(dump_json([sku])).get((sku, location))
        if row is None:
            return Position(sku, location, 0, 0), None
        return _position(row), parse_optional(row["counted_at"])

    def available(self, skus: Iterable[Sku]) -> Mapping[Sku, int | None]:
        units, known = defaultdict[Sku, int](int), set[Sku]()
        for (sku, location), row in self._rows(dump_json(list(skus))).items():
            if not is_held(location):
                units[sku] += row["on_hand"] - row["reserved"]
                known |= {sku} if row["known"] else set()
        return {sku: total if sku in known else None for sku, total in units.items()}

    def free(self, skus: Iterable[Sku]) -> Mapping[tuple[Sku, LocationId], int]:
        rows = self._rows(dump_json(list(skus))).items()
        return {key: row["on_hand"] - row["reserved"] for key, row in rows if row["known"] and not is_held(key[1])}

    def articles_elsewhere(self, known: Collection[LocationId]) -> Mapping[LocationId, int]:
        rows = self._db.execute(SQL.articles_elsewhere, {"known": dump_json(sorted(known))})
        return {LocationId(row["location"]): row["articles"] for row in rows}

    def positions(self, sku: Sku | None = None) -> list[Position]:
        rows = self._rows(None if sku is None else dump_json([sku]))
        return [_position(row) for _, row in sorted(rows.items())]

    def open_at(self, sku: Sku, location: LocationId, at: datetime) -> int:
        values = {"sku": sku, "location": location, "at": instant(at)}
        return max(0, int(self._db.execute(SQL.open_at, values).fetchone()["units"]))

    def movements(self, sku: Sku | None = None) -> list[Movement]:
        return [_movement(row) for row in self._db.execute(SQL.movements, {"sku": sku})]

    def around_count(self, sku: Sku, location: LocationId) -> list[Movement]:
        return [_movement(row) for row in self._db.execute(SQL.around_count, {"sku": sku, "location": location})]

    def available_counted_at(self, sku: Sku, location: LocationId) -> datetime | None:
        rows = self._db.execute(SQL.last_count, {"sku": sku, "location": location}).fetchall()
        rows += [row for row in pending_counts(self._db, sku) if row["location"] == location]
        last = max(reversed(rows), key=lambda row: row["effective_at"], default=None)  # of two, the later row
        return parse_instant(last["effective_at"]) if last and last["meaning"] == CountMeaning.AVAILABLE else None

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
            for row in (*self._db.execute(SQL.stock_counts, {"sku": sku}), *pending_counts(self._db, sku))
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
        return self.open_at(count.sku, count.location, count.effective_at)

    def _rows(self, skus: str | None) -> dict[tuple[Sku, LocationId], sqlite3.Row]:
        """Positions, and in their place those that applied imports will make of them."""
        statement = SQL.all_positions if skus is None else SQL.positions
        rows = self._db.execute(statement, {"skus": skus})
        found = {(row["sku"], row["location"]): row for row in rows}
        return found | {(row["sku"], row["location"]): row for row in pending(self._db, skus)}


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
