"""What a running daemon says in its log: what is next, what was done, and which problems came and went.

It follows the outbox, so that only what was committed is told, whoever did it. With that it marks its row in the store:
it is still there.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from entrepot.cli.monitor.daemons import BEAT
from entrepot.errors import StoreError
from entrepot.model import AccountId, EventName
from entrepot.store import Tx
from entrepot.store.records import OutboxRow
from entrepot.sync.alert_message import QUOTES_RECORDS
from entrepot.sync.daemon import Daemon

LOOK = timedelta(seconds=2)
SUMMARY = timedelta(minutes=10)
AT_ONCE = 1000

log = structlog.get_logger()


class Reporter:
    """Of one daemon. Others on the same database say the same of what was committed, for themselves."""

    def __init__(self, daemon: Daemon, *, look: timedelta = LOOK, summary: timedelta = SUMMARY) -> None:
        self._daemon = daemon
        self._look = look
        self._summary = summary
        self._seen = 0
        self._counts = Counter[str]()
        self._orders = Counter[str]()
        now = daemon.worker.clock.now()
        self._summed_at, self._beat_at = now, now

    async def begin(self) -> None:
        """What is committed from here on is told."""
        self._seen = await self._daemon.worker.store.read(lambda tx: tx.outbox.last_id())

    async def outlook(self) -> dict[str, Any]:
        """Of the first line: each account with what it publishes, and the instant of the next look at a channel."""
        worker = self._daemon.worker
        now = worker.clock.now()
        due, next_due = await worker.store.read(lambda tx: (tx.streams.due(now), tx.streams.next_due(now)))
        next_look = now if any(stream.account in worker.accounts for stream in due) else next_due
        return {
            "accounts": {name: str(runtime.publish) for name, runtime in worker.accounts.items()},
            "next_look": None if next_look is None else next_look.isoformat(),
        }

    async def watch(self) -> None:
        """Runs until it is cancelled."""
        while True:
            await asyncio.sleep(self._look.total_seconds())
            try:
                await self._report(self._daemon.worker.clock.now())
            except StoreError as refused:
                log.error("store_refused", reason=str(refused))  # noqa: TRY400 - the message says it all
            except Exception:
                log.exception("reporting_failed")  # what is only said must not end what is done

    async def _report(self, now: datetime) -> None:
        store = self._daemon.worker.store
        events = None
        while events is None or len(events) == AT_ONCE:
            events = await store.read(lambda tx: tx.outbox.after(self._seen, AT_ONCE))
            for event in events:
                self._seen = event.id
                self._count(event)
        if now - self._beat_at >= BEAT:
            self._beat_at = now
            await store.write(lambda tx: tx.daemons.beat(self._daemon.worker.name, now))
        if now - self._summed_at >= self._summary:
            log.info("summary", **await store.read(lambda tx: self._sum_up(tx, now)))
            self._summed_at = now
            self._counts.clear()
            self._orders.clear()

    def _count(self, event: OutboxRow) -> None:
        self._counts[event.name] += 1
        if event.name == EventName.ORDER_CHANGED:
            self._orders[event.account or ""] += 1
        elif event.name == EventName.PROBLEM_OPENED:
            log.warning("problem_opened", **_problem(event))
        elif event.name == EventName.PROBLEM_CLOSED:
            log.info("problem_closed", **_problem(event))

    def _sum_up(self, tx: Tx, now: datetime) -> dict[str, Any]:
        names = list(self._daemon.worker.accounts)
        return {
            "minutes": round((now - self._summed_at) / timedelta(minutes=1)),
            "orders_taken_in": {name: self._orders[name] for name in names},
            "quantities_published": self._counts[EventName.QUANTITY_PUBLISHED],
            "pushes_failed": self._counts[EventName.PUSH_FAILED],
            "problems_opened": self._counts[EventName.PROBLEM_OPENED],
            "problems_open": len(tx.problems.all()),
            "orders_known_until": {name: _known_until(tx, name) for name in names},
        }


def _known_until(tx: Tx, account: AccountId) -> str | None:
    known_until = tx.streams.orders_known_until(account)
    return None if known_until is None else known_until.isoformat()


def _problem(event: OutboxRow) -> dict[str, Any]:
    """Without the words of a problem that quotes a channel's record, which stays in the database."""
    details = orjson.loads(event.details)
    kind, _, subject = event.subject.partition("/")
    told = {} if kind in QUOTES_RECORDS else {"message": details.get("message")}
    told = {name: words for name, words in told.items() if words}
    return {"kind": kind, "account": event.account, "subject": subject, **told}
