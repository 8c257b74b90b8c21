"""What counts as today."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from entrepot.channel import AccountDescription
from entrepot.model import Marketplace
from entrepot.model.schedule import Timetable
from entrepot.store.sqlite import migrate
from entrepot.sync.days import OrdersToday, orders_today
from entrepot.sync.description import dump_description, time_zones
from entrepot.sync.intake import take_in
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import SHOP, account, order

SOLD_IN = {"DE": "Europe/Berlin", "US": "America/Los_Angeles", "JP": "Asia/Tokyo"}
STORES = AccountDescription(tuple(Marketplace(code, "EUR", zone, code) for code, zone in SOLD_IN.items()))
AFTER_MIDNIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
"""The 25th in Berlin since half an hour; the afternoon of the 24th in Los Angeles; the morning of the 25th in Tokyo."""

PLACED = [("DE", "24 22:59"), ("DE", "24 23:00"), ("US", "24 07:59"), ("US", "24 08:00"), ("US", "24 23:10")]


def test_orders_of_today_are_those_of_the_marketplaces_own_day(tmp_path):
    """Covers R91: the number is that of the seller's console, with the zone whose day it is; calls have ours."""
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")

    def told(tx):
        tx.accounts.save(account())
        tx.accounts.describe(SHOP, dump_description(STORES))
        row = tx.accounts.find(SHOP)
        for number, (place, placed) in enumerate(PLACED):
            at = datetime.strptime(f"2026-11-{placed}+0000", "%Y-%m-%d %H:%M%z")
            value = order(str(number), placed=at, changed=at, marketplace=place)
            take_in(tx, Source(SHOP, MOCK, time_zones(row)), [Mapped(str(number), b"{}", value)], AFTER_MIDNIGHT)
        return orders_today(tx, row, AFTER_MIDNIGHT)

    found = done(store.write(told))
    store.close()
    yesterday, today = datetime(2026, 11, 24, tzinfo=UTC).date(), datetime(2026, 11, 25, tzinfo=UTC).date()
    assert found == [
        OrdersToday("DE", "Europe/Berlin", today, 1),
        OrdersToday("JP", "Asia/Tokyo", today, 0),
        OrdersToday("US", "America/Los_Angeles", yesterday, 2),
    ]
    assert Timetable(ZoneInfo("Europe/Berlin")).today(AFTER_MIDNIGHT) == today
