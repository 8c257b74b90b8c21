"""Notes each change of an order, and each article that is promised too often, as a line of JSON."""

import json
import os
from pathlib import Path

from entrepot import hookimpl, model

FILE = "ORDER_LOG"
"""The environment variable that names the file; left out, it is order-log.jsonl in the present folder."""


@hookimpl
async def order_changed(event: model.Event) -> None:
    note(event)


@hookimpl
async def oversell_risk_detected(event: model.Event) -> None:
    note(event)


def note(event: model.Event) -> None:
    """Append, unless it is noted already: an event may be told again after a crash, with the same key."""
    path = Path(os.environ.get(FILE, "order-log.jsonl"))
    if event.key not in noted(path):
        line = {"key": event.key, "event": event.name, "at": event.occurred_at.isoformat(), "subject": event.subject}
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line | {"account": event.account, **event.details}) + "\n")


def noted(path: Path) -> set[str]:
    """Keys in the file. A program that writes much would keep them in its own database, in the same transaction."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {json.loads(line)["key"] for line in lines}
