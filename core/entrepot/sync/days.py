"""Orders of today. An order has the day of its marketplace, as that one's own reports have it, and not ours."""

from datetime import date, datetime, timedelta

from attrs import frozen

from entrepot.model import business_date
from entrepot.store import Tx
from entrepot.store.records import AccountRow
from entrepot.sync.description import time_zones

LONGEST_DAY = timedelta(hours=36)
"""The clocks of some zones went back, or forward, by many hours; an order of today is not older than this."""


@frozen
class OrdersToday:
    """Orders placed on `day`, which is now at the marketplace, whose clocks are those of `time_zone`."""

    marketplace: str
    time_zone: str
    day: date
    orders: int


def orders_today(tx: Tx, account: AccountRow, now: datetime) -> list[OrdersToday]:
    """One for each marketplace that the channel has described, sold there or not."""
    placed = tx.orders.placed_by_day(account.id, now - LONGEST_DAY)
    days = ((place, zone, business_date(now, zone)) for place, zone in sorted(time_zones(account).items()))
    return [OrdersToday(place, zone, day, placed.get((place, day), 0)) for place, zone, day in days]
