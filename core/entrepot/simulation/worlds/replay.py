"""A day replayed from the markets' own records: how many units could truly be sold at every instant.

Sold is sold on every market at once: an order takes its units from the one shelf that all of them share.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeAlias

from attrs import define, field, frozen

from entrepot.model import AccountId
from entrepot.simulation.markets.happened import Sale
from entrepot.simulation.markets.market import Market
from entrepot.simulation.markets.shelf import StockWrite
from entrepot.simulation.worlds.showing import Showing, opening


@frozen
class Delivery:
    """Units that came in at the merchant's. `offer` is the article's SKU, which is its name on every market."""

    at: datetime
    offer: str
    units: int


@frozen
class Return:
    """Units of a cancelled order, back on show on its market."""

    at: datetime
    order: str
    offer: str
    units: int


Record: TypeAlias = Sale | StockWrite | Return | Delivery


@frozen
class Oversold:
    """A sale of more units than were left.

    `write` is the last quantity that the merchant set on this market before, None for the opening one; `returns` are
    the cancellations that put units on show since.
    """

    account: AccountId
    sale: Sale
    write: StockWrite | None
    returns: tuple[Return, ...]


@frozen
class Course:
    """What the replay found.

    `lags` by (sold on, lowered on): how long after a sale the other market stopped showing what it took. Sales that
    left the other market showing no more than there was needed no answer and are not among them.
    """

    oversold: tuple[Oversold, ...]
    lags: Mapping[tuple[AccountId, AccountId], Sequence[timedelta]]


def replay(
    markets: Mapping[AccountId, Market], counted: Mapping[str, int], deliveries: Sequence[Delivery], showing: Showing
) -> Course:
    """Replay the day of markets that opened with `counted` units of each offer."""
    course = _Course(markets, counted, showing)
    for account, record in _in_order(markets, deliveries):
        course.take(account, record)
    return Course(tuple(course.oversold), course.lags)


def _in_order(
    markets: Mapping[AccountId, Market], deliveries: Sequence[Delivery]
) -> list[tuple[AccountId | None, Record]]:
    records: list[tuple[AccountId | None, Record]] = [(None, delivery) for delivery in deliveries]
    for account, market in markets.items():
        of_market: Iterator[Record] = chain(_returns(market), market.stock.changes, market.sales)
        records += [(account, record) for record in of_market]
    return sorted(records, key=lambda entry: entry[1].at)


def _returns(market: Market) -> Iterator[Return]:
    """A cancellation is the last thing that happens to an order: its last change tells when."""
    for order in market.orders.values():
        for line in order.lines:
            if line.cancelled:
                yield Return(order.changed_at, order.external_id, line.offer, line.cancelled)


@define
class _Show:
    """An offer on a market. `unanswered`: sales elsewhere whose units are still on show here, oldest first."""

    shown: int
    write: StockWrite | None = None
    returns: list[Return] = field(factory=list)
    unanswered: deque[tuple[AccountId, Sale]] = field(factory=deque)


class _Course:
    def __init__(self, accounts: Mapping[AccountId, object], counted: Mapping[str, int], showing: Showing) -> None:
        self.oversold: list[Oversold] = []
        self.lags = defaultdict[tuple[AccountId, AccountId], list[timedelta]](list)
        self._showing = showing
        self._free = dict(counted)
        self._shows = {
            offer: {account: _Show(units) for account in accounts}
            for offer, units in opening(counted, accounts, showing).items()
        }

    def take(self, account: AccountId | None, record: Record) -> None:
        if account is None:
            self._free[record.offer] += record.units if isinstance(record, Delivery) else 0
        else:
            self._change(account, self._shows[record.offer][account], record)
        for other, show in self._shows[record.offer].items():
            self._answer(other, show, account, record)

    def _change(self, account: AccountId, show: _Show, record: Record) -> None:
        if isinstance(record, StockWrite):
            show.shown, show.write, show.returns = record.quantity, record, []
        elif isinstance(record, Sale):
            if record.units > self._free[record.offer]:
                self.oversold.append(Oversold(account, record, show.write, tuple(show.returns)))
            self._free[record.offer] -= record.units
            show.shown -= record.units
        elif isinstance(record, Return):
            self._free[record.offer] += record.units
            show.shown += record.units
            show.returns.append(record)

    def _answer(self, account: AccountId, show: _Show, source: AccountId | None, record: Record) -> None:
        """A sale elsewhere is answered once what is shown too much can be put down to later sales."""
        too_much = max(0, show.shown - self._showing(account, record.offer, self._free[record.offer]))
        if isinstance(record, Sale) and source is not None and source != account and too_much:
            show.unanswered.append((source, record))
        waiting = sum(sale.units for _, sale in show.unanswered)
        while show.unanswered and waiting - show.unanswered[0][1].units >= too_much:
            sold_on, sale = show.unanswered.popleft()
            waiting -= sale.units
            if isinstance(record, StockWrite) and source == account:
                self.lags[sold_on, account].append(record.at - sale.at)
