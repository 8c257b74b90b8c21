"""What an alert says: the problems of one kind that were opened and closed since the last message."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
from attrs import frozen

from entrepot.model import EventName, ProblemKind
from entrepot.store.records import OutboxRow

LISTED = 20
"""Problems of one message that are told one by one; the others are counted."""

QUOTES_RECORDS = frozenset({ProblemKind.RECORD_REFUSED, ProblemKind.ORDER_FLAWED})
"""Their messages hold what a channel's record says, which stays in the database."""

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


@frozen
class Notice:
    """A problem that was opened or closed. `key` is that of its event: a receiver can ignore a repetition."""

    key: str
    opened: bool
    account: str | None
    subject: str
    message: str
    next_action: str
    at: datetime


@frozen
class Message:
    """`id` is the same for the same notices, however often they are sent."""

    id: str
    subject: str
    kind: str
    notices: tuple[Notice, ...]
    at: datetime

    def text(self) -> str:
        parts = [_paragraph(notice) for notice in self.notices[:LISTED]]
        left_out = len(self.notices) - LISTED
        if left_out > 0:
            parts.append(f"{left_out} more of this kind are not listed here.")
        return "\n\n".join([*parts, "Everything that is open: entrepot problems"]) + "\n"

    def document(self) -> dict[str, Any]:
        """The body of a webhook, in the form that Standard Webhooks recommends."""
        counts = Counter(notice.opened for notice in self.notices)
        data = {
            "kind": self.kind,
            "opened": counts[True],
            "closed": counts[False],
            "problems": [_entry(notice) for notice in self.notices[:LISTED]],
        }
        return {"type": "problems.changed", "timestamp": _iso(self.at), "data": data}


def message_of(kind: str, rows: Sequence[OutboxRow], redact: Callable[[str], str], at: datetime) -> Message:
    """`redact` takes out secrets; addresses of people, and what a record says, are taken out here."""
    notices = tuple(_notice(kind, row, redact) for row in rows)
    digest = hashlib.sha256("\n".join(notice.key for notice in notices).encode()).hexdigest()[:32]
    return Message(digest, f"Entrepot: {kind}: {_counts(notices)}", kind, notices, at)


def trial(at: datetime) -> Message:
    """What `entrepot alerts test` sends."""
    note = Notice("test", True, None, "alerts/test", "this is a test; nothing is wrong", "nothing", at)  # noqa: FBT003
    return Message(f"test-{at:%Y%m%dT%H%M%S%f}", "Entrepot: a test", "test", (note,), at)


def _counts(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        of = f" at {notices[0].account}" if notices[0].account else ""
        return f"{'opened' if notices[0].opened else 'closed'}{of}"
    opened = sum(notice.opened for notice in notices)
    told = [f"{opened} opened" if opened else "", f"{len(notices) - opened} closed" if opened < len(notices) else ""]
    return ", ".join(part for part in told if part)


def _notice(kind: str, row: OutboxRow, redact: Callable[[str], str]) -> Notice:
    details = orjson.loads(row.details)
    message = details.get("message", "")
    if message and kind in QUOTES_RECORDS:
        message = "what the record says stays in the database"

    def clean(text: str) -> str:
        return _ADDRESS.sub("***", redact(" ".join(text.split())))

    opened = row.name == EventName.PROBLEM_OPENED
    subject = row.subject.removeprefix(f"{kind}/")
    action = clean(details.get("next_action", ""))
    return Notice(row.key, opened, row.account, clean(subject), clean(message), action, row.occurred_at)


def _paragraph(notice: Notice) -> str:
    state = "opened" if notice.opened else "closed"
    lines = [f"{state} {notice.at:%Y-%m-%d %H:%M:%S} UTC, {notice.account or 'no account'}, {notice.subject}"]
    lines += [f"  {notice.message}"] if notice.message else []
    lines += [f"  Next: {notice.next_action}"] if notice.next_action else []
    return "\n".join(lines)


def _entry(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "state": "opened" if notice.opened else "closed",
        "account": notice.account,
        "subject": notice.subject,
        "message": notice.message,
        "next_action": notice.next_action,
        "at": _iso(notice.at),
    }


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
