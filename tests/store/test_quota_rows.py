from entrepot.store.records import BucketRow, CallCount
from tests.store.values import NOON, OTHER, SHOP, minutes


def test_a_bucket_comes_back_as_it_was_left(write, read):
    """Covers P6: buckets survive restarts."""
    assert read(lambda tx: tx.quota.level(SHOP, "orders")) is None
    for row in (BucketRow(0.1 + 0.2, NOON), BucketRow(4.0, minutes(1), minutes(2))):
        write(lambda tx, row=row: tx.quota.save(SHOP, "orders", row))
        assert read(lambda tx: tx.quota.level(SHOP, "orders")) == row
    assert read(lambda tx: tx.quota.level(OTHER, "orders")) is None


def test_calls_are_counted_by_day(write, read):
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", NOON.date(), made=1, throttled=0))
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", NOON.date(), made=1, throttled=1))
    write(lambda tx: tx.quota.count(SHOP, "fetch_orders", minutes(60 * 12).date(), made=1, throttled=0))
    assert read(lambda tx: tx.quota.counts()) == [
        CallCount(SHOP, "fetch_orders", "2026-11-24", 2, 1),
        CallCount(SHOP, "fetch_orders", "2026-11-25", 1, 0),
    ]
