"""What the ledger knew when, for judging what was sent then."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.model import AccountId, EventName
from entrepot.simulation.markets.happened import Sale
from entrepot.simulation.markets.market import Market
from entrepot.simulation.worlds.showing import Showing
from entrepot.store import Tx
from entrepot.store.records import Attempt, AttemptItem
from entrepot.store.sqlite.codec import parse_json

EVER = 1_000_000


@frozen
class Knowledge:
    """What the ledger had available of every SKU, from each instant on; None while it was never counted."""

    history: Mapping[str, Sequence[tuple[datetime, int | None]]]
    showing: Showing

    def allowed_at(self, account: AccountId, sku: str, instant: datetime) -> int:
        """The most that could rightly be shown. Of several changes at one instant the most generous counts."""
        changes = self.history.get(sku, ())
        end = bisect_right(changes, instant, key=lambda change: change[0])
        latest = changes[end - 1][0] if end else None
        return self._allowed(account, sku, [units for at, units in changes[:end] if at == latest])

    def allowed_during(self, account: AccountId, sku: str, start: datetime, end: datetime) -> int:
        """The most that could rightly be shown at some moment of the span."""
        within = [units for at, units in self.history.get(sku, ()) if start < at <= end]
        return max(self.allowed_at(account, sku, start), self._allowed(account, sku, within))

    def _allowed(self, account: AccountId, sku: str, available: Sequence[int | None]) -> int:
        return max([0, *(self.showing(account, sku, units) for units in available if units is not None)])


def knowledge(tx: Tx, showing: Showing) -> Knowledge:
    """Read from the events that were committed with each change."""
    history = defaultdict[str, list[tuple[datetime, int | None]]](list)
    for row in tx.outbox.after(0, EVER):
        if row.name == EventName.STOCK_CHANGED:
            history[row.subject.removeprefix("sku/")].append((row.occurred_at, parse_json(row.details)["available"]))
    return Knowledge(history, showing)


def unseen_sales(
    tx: Tx, market: Market, attempt: Attempt, item: AttemptItem, ahead: timedelta = timedelta()
) -> Iterator[Sale]:
    """Sales before a raise was wished that nobody knew of when it was sent: it puts their units on show again.

    Lists show an order by its last change only. One that changed again after the wish has slipped out of the window
    of the pass that the raise waited for; that is the channel's lag. `ahead` is by how much the channel's clock is.
    """
    if item.quantity <= item.believed:
        return
    for sale in market.sales:
        if sale.offer != item.offer or sale.at > item.wished_at:
            continue
        slipped = any(item.wished_at < change <= attempt.created_at + ahead for change in market.changes_of(sale.order))
        versions = tx.orders.versions(attempt.account, sale.order)
        known = bool(versions) and versions[0][0] <= attempt.created_at
        if not known and not slipped:
            yield sale
