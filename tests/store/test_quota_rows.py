from datetime import date

from entrepot.store.records import BucketRow, CallCount, WaitingRow
from tests.store.values import NOON, OTHER, SHOP, minutes

LEARNED = BucketRow(4.0, minutes(1), minutes(2), 0.5, 0.25, minutes(3), minutes(4))


def test_a_bucket_comes_back_as_it_was_left(write, read):
    """Covers P6: buckets survive restarts, with what was learned."""
    assert read(lambda tx: tx.quota.level(SHOP, "orders")) is None
    for row in (BucketRow(0.1 + 0.2, NOON), LEARNED):
        write(lambda tx, row=row: tx.quota.save(SHOP, "orders", row))
        assert read(lambda tx: tx.quota.level(SHOP, "orders")) == row
    assert read(lambda tx: tx.quota.level(OTHER, "orders")) is None


def test_those_who_wait_stand_in_the_order_in_which_they_go(write, read):
    rows = [
        WaitingRow(7, minutes(2), 1, minutes(9)),
        WaitingRow(3, minutes(2), 2, minutes(8)),
        WaitingRow(9, minutes(1), 1, minutes(7)),
    ]
    for row in rows:
        write(lambda tx, row=row: tx.quota.wait(SHOP, "orders", row))
    write(lambda tx: tx.quota.wait(SHOP, "stock", rows[0]))
    assert [row.stream for row in read(lambda tx: tx.quota.line(SHOP, "orders"))] == [9, 3, 7]
    assert read(lambda tx: tx.quota.line(SHOP, "orders"))[1] == rows[1]
    again = WaitingRow(3, minutes(0), 1, minutes(20))
    write(lambda tx: tx.quota.wait(SHOP, "orders", again))
    assert read(lambda tx: tx.quota.line(SHOP, "orders"))[0] == again
    write(lambda tx: tx.quota.wait_no_more(7))
    assert [row.stream for row in read(lambda tx: tx.quota.line(SHOP, "orders"))] == [3, 9]
    assert read(lambda tx: tx.quota.line(SHOP, "stock")) == []


def test_calls_are_counted_by_day(write, read):
    """Covers R14."""
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", NOON.date(), made=1))
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", NOON.date(), made=1, throttled=1, gets=2, records=100))
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", minutes(60 * 12).date(), made=1))
    assert read(lambda tx: tx.quota.counts()) == [
        CallCount(SHOP, "fetch_orders", "2026-11-24", 2, 1, 2, 100),
        CallCount(SHOP, "fetch_orders", "2026-11-25", 1, 0),
    ]


def test_a_months_requests_are_those_of_the_accounts_that_are_asked_for(write, read):
    """Covers R14."""
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    for number, day in enumerate(days):
        write(lambda tx, day=day, gets=10**number: tx.quota.count(SHOP, "check", day, gets=gets))
    write(lambda tx: tx.quota.count(OTHER, "check", days[1], gets=5))
    assert read(lambda tx: tx.quota.gets([SHOP], days[2])) == 110
    assert read(lambda tx: tx.quota.gets([SHOP, OTHER], days[2])) == 115
    assert read(lambda tx: tx.quota.gets([], days[2])) == 0
