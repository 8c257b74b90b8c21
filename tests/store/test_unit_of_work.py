import pytest

from tests.store.opened import done
from tests.store.values import NOON, SHOP, account, order


def test_nothing_is_kept_when_the_work_raises(write, read):
    """Covers P3, P10: the page and its cursor, or neither."""

    def half(tx):
        tx.accounts.save(account())
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write(half)
    assert read(lambda tx: tx.accounts.all()) == []
    write(lambda tx: tx.accounts.save(account()))
    assert [row.id for row in read(lambda tx: tx.accounts.all())] == [SHOP]


def test_the_result_of_the_work_comes_back(write, read):
    assert write(lambda tx: tx.outbox.last_id()) == 0
    assert read(lambda tx: tx.orders.load(SHOP, order().external_id)) is None


def test_ones_own_commits_are_no_change_by_others(store, write):
    """The daemon sleeps until somebody else has committed."""
    before = done(store.changes())
    write(lambda tx: tx.accounts.save(account()))
    assert done(store.changes()) == before


def test_shelves_share_one_transaction(write, read):
    """Covers P3."""

    def both(tx):
        tx.accounts.save(account())
        tx.accounts.park(SHOP, NOON)
        return tx.accounts.find(SHOP).parked_since

    assert write(both) == NOON
    assert read(lambda tx: tx.accounts.find(SHOP).parked_since) == NOON
