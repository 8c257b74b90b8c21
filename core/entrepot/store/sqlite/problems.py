"""What needs a person. Opening one that is open changes nothing but its words."""

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime

from entrepot.model import AccountId, Problem, ProblemKind, Severity
from entrepot.store.sqlite.codec import dump_json, instant, parse_instant
from entrepot.store.sqlite.statements import statements

SQL = statements("problems")


class SqliteProblems:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def open(self, problem: Problem) -> bool:
        values = {
            "kind": problem.kind,
            "account": problem.account,
            "subject": problem.subject,
            "message": problem.message,
            "next_action": problem.next_action,
            "severity": problem.severity,
            "now": instant(problem.since),
        }
        if self._db.execute(SQL.open, values).rowcount > 0:
            return True
        self._db.execute(SQL.refresh, values)
        return False

    def close(self, kind: ProblemKind, account: AccountId | None, subject: str, now: datetime) -> bool:
        values = {"kind": kind, "account": account, "subject": subject, "now": instant(now)}
        return self._db.execute(SQL.close, values).rowcount > 0

    def open_among(self, kind: ProblemKind, account: AccountId | None, subjects: Iterable[str]) -> Collection[str]:
        values = {"kind": kind, "account": account, "subjects": dump_json(list(subjects))}
        return {row["subject"] for row in self._db.execute(SQL.open_among, values)}

    def all(self, *, closed_too: bool = False) -> list[Problem]:
        return [_problem(row) for row in self._db.execute(SQL.list, {"all": closed_too})]

    def find(self, id_: int) -> Problem | None:
        row = self._db.execute(SQL.find, {"id": id_}).fetchone()
        return None if row is None else _problem(row)


def _problem(row: sqlite3.Row) -> Problem:
    return Problem(
        kind=ProblemKind(row["kind"]),
        account=None if row["account"] is None else AccountId(row["account"]),
        subject=row["subject"],
        message=row["message"],
        next_action=row["next_action"],
        since=parse_instant(row["since"]),
        severity=Severity(row["severity"]),
        id=row["id"],
    )
