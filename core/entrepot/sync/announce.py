"""Problems and events, written in the transaction that makes them true."""

from datetime import datetime
from typing import Any

from entrepot.model import AccountId, Event, EventName, Problem, ProblemKind, Severity
from entrepot.store import Tx


def announce(
    tx: Tx, name: EventName, account: AccountId | None, subject: str, version: object, now: datetime, **details: Any
) -> None:
    """Put an event into the outbox."""
    tx.outbox.add([event(name, account, subject, version, now, **details)])


def next_place(tx: Tx) -> int:
    """A version for what has none of its own: the event's place in the order of commits."""
    return tx.outbox.last_id() + 1


def event(
    name: EventName, account: AccountId | None, subject: str, version: object, now: datetime, **details: Any
) -> Event:
    """Its key is made of what it is about, so that telling it twice is telling the same."""
    key = f"{name}:{account or ''}:{subject}:{version}"
    return Event(name, subject, key, now, account, details)


def open_problem(
    tx: Tx,
    kind: ProblemKind,
    account: AccountId | None,
    subject: str,
    message: str,
    next_action: str,
    now: datetime,
    severity: Severity = Severity.ERROR,
) -> None:
    """Open a problem, or refresh the words of the open one."""
    problem = Problem(kind, account, subject, message, next_action, now, severity)
    if tx.problems.open(problem):
        words = {"kind": kind, "message": message, "next_action": next_action}
        announce(tx, EventName.PROBLEM_OPENED, account, f"{kind}/{subject}", next_place(tx), now, **words)


def close_problem(tx: Tx, kind: ProblemKind, account: AccountId | None, subject: str, now: datetime) -> None:
    """Close a problem that is mended. Nothing happens where none is open."""
    if tx.problems.close(kind, account, subject, now):
        announce(tx, EventName.PROBLEM_CLOSED, account, f"{kind}/{subject}", next_place(tx), now, kind=kind)
