"""Encrypted secrets. What is written here was encrypted before, and is opened elsewhere."""

import sqlite3
from datetime import datetime

from entrepot.model import AccountId
from entrepot.store.records import SealedRow
from entrepot.store.sqlite.codec import instant, optional_instant, parse_instant, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("vault")


class SqliteVault:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, account: AccountId | None, name: str) -> SealedRow | None:
        row = self._db.execute(SQL.find, {"account": account or "", "name": name}).fetchone()
        return None if row is None else _sealed(row)

    def beginning(self, account: AccountId | None, beginning: str) -> list[SealedRow]:
        values = {"account": account or "", "beginning": beginning}
        return [_sealed(row) for row in self._db.execute(SQL.beginning, values)]

    def all(self) -> list[SealedRow]:
        return [_sealed(row) for row in self._db.execute(SQL.all)]

    def save(self, row: SealedRow) -> None:
        self._db.execute(
            SQL.save,
            {
                "account": row.account or "",
                "name": row.name,
                "key_id": row.key_id,
                "nonce": row.nonce,
                "ciphertext": row.ciphertext,
                "written_at": instant(row.written_at),
                "expires_at": optional_instant(row.expires_at),
            },
        )

    def forget(self, account: AccountId | None, name: str) -> bool:
        return self._db.execute(SQL.forget, {"account": account or "", "name": name}).rowcount > 0

    def purge(self, now: datetime, limit: int) -> int:
        return self._db.execute(SQL.purge, {"now": instant(now), "limit": limit}).rowcount


def _sealed(row: sqlite3.Row) -> SealedRow:
    return SealedRow(
        account=AccountId(row["account"]) if row["account"] else None,
        name=row["name"],
        key_id=row["key_id"],
        nonce=row["nonce"],
        ciphertext=row["ciphertext"],
        written_at=parse_instant(row["written_at"]),
        expires_at=parse_optional(row["expires_at"]),
    )
