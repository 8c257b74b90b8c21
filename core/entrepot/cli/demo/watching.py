"""The demo's day while it passes: a bar, lines of what is sold and shown, and Ctrl-C, which ends it early."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from entrepot.cli.show import counted
from entrepot.model import AccountId
from entrepot.simulation.markets.happened import Sale
from entrepot.simulation.markets.market import Market
from entrepot.simulation.markets.shelf import StockWrite
from entrepot.simulation.virtual_time.pacing import Pace
from entrepot.simulation.worlds.trading_day import Moment, Watch

Happened = tuple[datetime, AccountId, str]


@contextmanager
def stopped_by_signals(pace: Pace) -> Iterator[None]:
    """The first signal ends the day early, the second breaks it off."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        pace.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def bar(title: str, zone: ZoneInfo, *, told: bool) -> Iterator[Watch]:
    """On stderr. The bar needs a terminal, and has no thread of its own; `told`: a line for every sale and quantity."""
    columns = (TextColumn("{task.description}"), BarColumn(20), TaskProgressColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Progress(
        *columns, console=console, auto_refresh=False, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(title, total=1.0)
        ticker = _Ticker(zone)

        def watch(moment: Moment) -> None:
            orders = sum(len(market.orders) for market in moment.markets.values())
            description = f"{title}, {moment.at.astimezone(zone):%H:%M}: {counted(orders, 'order')}"
            for line in ticker.news(moment.markets) if told else ():
                console.print(line, soft_wrap=True)
            progress.update(task, completed=moment.over, description=description, refresh=True)

        yield watch


class _Ticker:
    """What happened on the markets since the last look, as lines."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._sales = dict[AccountId, int]()
        self._writes = dict[AccountId, int]()

    def news(self, markets: Mapping[AccountId, Market]) -> list[str]:
        happened = list[Happened]()
        for id_, market in markets.items():
            sales, writes = market.sales[self._sales.get(id_, 0) :], market.stock.changes[self._writes.get(id_, 0) :]
            self._sales[id_], self._writes[id_] = len(market.sales), len(market.stock.changes)
            happened += [(sale.at, id_, _sold(sale)) for sale in sales]
            happened += [(write.at, id_, _shown(write)) for write in writes]
        width = max((len(id_) for id_ in markets), default=0)
        return [f"{at.astimezone(self._zone):%H:%M:%S}  {id_:{width}}  {what}" for at, id_, what in sorted(happened)]


def _sold(sale: Sale) -> str:
    return f"sold      {sale.units} x {sale.offer} ({sale.order})"


def _shown(write: StockWrite) -> str:
    before = "" if write.previous is None else f", before {write.previous}"
    return f"now shows {write.quantity} of {write.offer}{before}"
