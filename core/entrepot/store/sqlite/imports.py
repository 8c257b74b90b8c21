"""Counts of many articles at once: staged in pieces, applied at one moment, followed in pieces."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from attrs import asdict

from entrepot.model import CountMeaning, LocationId, Sku
from entrepot.stock.mass_change import Figures
from entrepot.stock.sheet import Key, Refusal, ToldCount
from entrepot.store.records import Followed, ImportState, StagedCount, StockImport, Weighed
from entrepot.store.sqlite.codec import dump_json, instant, optional_instant, parse_instant, parse_json, parse_optional
from entrepot.store.sqlite.folding import fold
from entrepot.store.sqlite.statements import statements

SQL = statements("imports")

CHANGED = 2
"""The stage of a line whose position has changed, and whose wishes are to follow."""

INSTANTS = ("counted_from", "counted_until")


class SqliteImports:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self, source: str, file: str, reference: str, meaning: CountMeaning, now: datetime) -> int:
        values = {"source": source, "file": file, "reference": reference, "meaning": meaning, "now": instant(now)}
        return int(self._db.execute(SQL.begin, values).lastrowid or 0)

    def give_up(self, reference: str, before: datetime) -> None:
        self._db.execute(SQL.give_up, {"reference": reference, "before": instant(before)})

    def find(self, import_: int) -> StockImport | None:
        row = self._db.execute(SQL.find, {"import": import_}).fetchone()
        return None if row is None else _import(row)

    def of_reference(self, reference: str) -> StockImport | None:
        row = self._db.execute(SQL.of_reference, {"reference": reference}).fetchone()
        return None if row is None else _import(row)

    def decided(self, reference: str) -> StockImport | None:
        row = self._db.execute(SQL.decided, {"reference": reference}).fetchone()
        return None if row is None else _import(row)

    def all(self, limit: int = 50) -> list[StockImport]:
        return [_import(row) for row in self._db.execute(SQL.all, {"limit": limit})]

    def known_positions(self, locations: Collection[LocationId]) -> int:
        row = self._db.execute(SQL.known_positions, {"locations": dump_json(sorted(locations))}).fetchone()
        return int(row["number"])

    def weigh(self, counts: Sequence[ToldCount], reference: str, meaning: CountMeaning) -> list[Weighed]:
        lines = [(count.sku, count.location, instant(count.counted_at)) for count in counts]
        rows = self._db.execute(SQL.weigh, {"lines": dump_json(lines), "reference": reference}).fetchall()
        return [_weighed(count, row, meaning) for count, row in zip(counts, rows, strict=True)]

    def stage(self, import_: int, counts: Iterable[StagedCount], refusals: Iterable[Refusal], now: datetime) -> bool:
        if self._db.execute(SQL.touch, {"import": import_, "now": instant(now)}).rowcount == 0:
            return False
        self._db.executemany(
            SQL.save_line,
            (
                {
                    "import": import_,
                    "sku": one.sku,
                    "location": one.location,
                    "counted": one.counted,
                    "on_hand": one.on_hand,
                    "effective_at": instant(one.effective_at),
                }
                for one in counts
            ),
        )
        self._db.executemany(SQL.save_refusal, (asdict(refusal) | {"import": import_} for refusal in refusals))
        return True

    def refusals(self, import_: int, limit: int | None = None) -> list[Refusal]:
        rows = self._db.execute(SQL.refusals, {"import": import_, "limit": -1 if limit is None else limit})
        return [Refusal(row["line"], row["sku"], row["reason"]) for row in rows]

    def move(
        self, import_: int, out_of: ImportState, into: ImportState, now: datetime, figures: Figures | None = None
    ) -> bool:
        told = None if figures is None else _dump_figures(figures)
        values = {"import": import_, "out_of": out_of, "into": into, "now": instant(now), "figures": told}
        return self._db.execute(SQL.move, values).rowcount > 0

    def unfinished(self) -> bool:
        return bool(self._db.execute(SQL.unfinished).fetchone()["unfinished"])

    def fold(self, limit: int, now: datetime) -> list[Followed] | None:
        applied = self._db.execute(SQL.next_applied).fetchone()
        if applied is None:
            return None
        import_: int = applied["id"]
        before = self._db.execute(SQL.next_piece, {"import": import_, "limit": limit}).fetchall()
        if not before:
            self.move(import_, ImportState.APPLIED, ImportState.DONE, now)
            return []
        last = (before[-1][0], before[-1][1])
        values = {"import": import_, "sku": last[0], "location": last[1]}
        after = fold(self._db, import_, (before[0][0], before[0][1]), last)
        doubtful = {(row[0], row[1]) for row in self._db.execute(SQL.in_doubt, values)}
        changed = _changed(before, after)
        rows = ({"import": import_, "sku": sku, "location": location} for sku, location in changed)
        self._db.executemany(SQL.mark_changed, rows)
        self._db.execute(SQL.drop_unchanged, values)
        return [Followed(row[0], row[1], in_doubt=(row[0], row[1]) in doubtful) for row in before]

    def take_changed(self, limit: int) -> list[Sku]:
        applied = self._db.execute(SQL.next_applied).fetchone()
        if applied is None:
            return []
        rows = self._db.execute(SQL.next_changed, {"import": applied["id"], "limit": limit}).fetchall()
        changed = list(takewhile(lambda row: row["stage"] == CHANGED, rows))
        if changed:
            last = {"sku": changed[-1]["sku"], "location": changed[-1]["location"]}
            self._db.execute(SQL.drop_changed, last | {"import": applied["id"]})
        return [Sku(row["sku"]) for row in changed]

    def sweep(self, limit: int) -> int:
        return self._db.execute(SQL.sweep, {"limit": limit}).rowcount


def _changed(before: Sequence[sqlite3.Row], after: Mapping[Key, tuple[int, int]]) -> list[Key]:
    """What was counted ahead of its piece may have changed then."""
    return [
        (sku, location)
        for sku, location, stage, known, on_hand in before
        if stage or after.get((sku, location), (known, on_hand)) != (known, on_hand)
    ]


def _weighed(count: ToldCount, row: sqlite3.Row, meaning: CountMeaning) -> Weighed:
    known, there, outdated, exists, moved_since, inside, recorded = row
    on_hand = count.quantity + (inside if meaning is CountMeaning.AVAILABLE else 0)
    return Weighed(
        staged=StagedCount(count.sku, count.location, count.quantity, on_hand, count.counted_at),
        before=there if known else None,
        after=there if outdated or recorded else on_hand + moved_since,
        inside=inside,
        exists=bool(exists),
        recorded=bool(recorded),
    )


def _import(row: sqlite3.Row) -> StockImport:
    return StockImport(
        id=row["id"],
        source=row["source"],
        file=row["file"],
        reference=row["reference"],
        meaning=CountMeaning(row["meaning"]),
        state=ImportState(row["state"]),
        begun_at=parse_instant(row["begun_at"]),
        applied_at=parse_optional(row["applied_at"]),
        figures=_parse_figures(row["figures"]),
    )


def _dump_figures(figures: Figures) -> str:
    return dump_json(asdict(figures) | {name: optional_instant(getattr(figures, name)) for name in INSTANTS})


def _parse_figures(text: str) -> Figures:
    told: dict[str, Any] = parse_json(text)
    return Figures(**told | {name: parse_optional(told.get(name)) for name in INSTANTS})
