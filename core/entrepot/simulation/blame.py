"""Who oversold: we, by what we sent or held back, or the time that a channel takes to show its orders."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.model import AccountId, EventName
from entrepot.simulation.market import Market, Sale
from entrepot.simulation.replay import Oversold, Return
from entrepot.store import Tx
from entrepot.store.records import Attempt, AttemptItem
from entrepot.store.sqlite.codec import parse_json

PATIENCE = timedelta(seconds=60)
"""A decrease that we know of is sent within this time, or what it oversells is of our making."""

EVER = 1_000_000


@frozen
class Knowledge:
    """What the ledger had available of every SKU, from each instant on; None while it was never counted."""

    history: Mapping[str, Sequence[tuple[datetime, int | None]]]
    buffer: int

    def allowed_at(self, sku: str, instant: datetime) -> int:
        """The most that could rightly be shown. Of several changes at one instant the most generous counts."""
        changes = self.history.get(sku, ())
        end = bisect_right(changes, instant, key=lambda change: change[0])
        latest = changes[end - 1][0] if end else None
        return self._allowed([units for at, units in changes[:end] if at == latest])

    def allowed_during(self, sku: str, start: datetime, end: datetime) -> int:
        """The most that could rightly be shown at some moment of the span."""
        within = [units for at, units in self.history.get(sku, ()) if start < at <= end]
        return max(self.allowed_at(sku, start), self._allowed(within))

    def _allowed(self, available: Sequence[int | None]) -> int:
        return max([0, *(units - self.buffer for units in available if units is not None)])


def knowledge(tx: Tx, buffer: int) -> Knowledge:
    """Read from the events that were committed with each change."""
    history = defaultdict[str, list[tuple[datetime, int | None]]](list)
    for row in tx.outbox.after(0, EVER):
        if row.name == EventName.STOCK_CHANGED:
            history[row.subject.removeprefix("sku/")].append((row.occurred_at, parse_json(row.details)["available"]))
    return Knowledge(history, buffer)


def is_ours(tx: Tx, market: Market, case: Oversold, known: Knowledge) -> bool:
    """Did the buyer buy from a number that we should not have sent, or should have lowered?"""
    return _sent_too_much(tx, market, case, known) or _held_back(tx, case, known)


def _sent_too_much(tx: Tx, market: Market, case: Oversold, known: Knowledge) -> bool:
    if case.write is None:
        return False
    write = case.write
    attempts = tx.offers.attempts_of(case.account, write.offer, EVER)
    sent = [pair for pair in attempts if pair[0].created_at <= write.at and pair[1].quantity == write.quantity]
    if not sent:
        return True  # written behind the ledger's back
    attempt, item = sent[0]
    too_high = item.quantity > known.allowed_at(item.offer, attempt.created_at)
    return too_high or (item.quantity > item.believed and _raised_too_soon(tx, market.sales, attempt, item))


def _raised_too_soon(tx: Tx, sales: Sequence[Sale], attempt: Attempt, item: AttemptItem) -> bool:
    """A raise puts units on show again that an order took of which we did not know."""
    before = [sale for sale in sales if sale.offer == item.offer and sale.at <= item.wished_at]
    return any(not _stored_by(tx, attempt.account, sale.order, attempt.created_at) for sale in before)


def _held_back(tx: Tx, case: Oversold, known: Knowledge) -> bool:
    since = case.sale.at - PATIENCE
    unknown = sum(back.units for back in case.returns if not _return_stored_by(tx, case.account, back, since))
    return known.allowed_during(case.sale.offer, since, case.sale.at) < case.sale.shown - unknown


def _stored_by(tx: Tx, account: AccountId, order: str, instant: datetime) -> bool:
    versions = tx.orders.versions(account, order)
    return bool(versions) and versions[0][0] <= instant


def _return_stored_by(tx: Tx, account: AccountId, back: Return, instant: datetime) -> bool:
    versions = tx.orders.versions(account, back.order)
    return any(stored_at <= instant and order.changed_at >= back.at for stored_at, order in versions)
