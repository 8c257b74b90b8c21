"""A page of orders, taken in at once: whatever comes of reading several at a time, it is as if they came one by one."""

import pytest
from attrs import evolve

from entrepot.model import DEFAULT_LOCATION, Fulfillment, OrderStatus, Position, ProblemKind, Sku
from entrepot.store.sqlite import migrate
from entrepot.sync.intake import Source, take_in
from entrepot.sync.records import Mapped
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes, offered, order

MUG = Sku("MUG")
SOURCE = Source(SHOP, MOCK, {})


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    done(store.write(lambda tx: (tx.accounts.save(account()), tx.accounts.save_articles([(MUG, "Mug", "")]))))
    yield lambda work: done(store.write(work))
    store.close()


def version(ordered=3, shipped=0, at=0):
    new = order(ordered=ordered, changed=minutes(at))
    (line,) = new.lines
    return evolve(new, lines=(evolve(line, shipped=shipped),), status=OrderStatus.UNSHIPPED)


def page(*orders):
    return [Mapped(f"hash-{number}-{one.changed_at}", b"{}", one) for number, one in enumerate(orders)]


@pytest.mark.parametrize("in_one_page", [True, False])
@pytest.mark.parametrize("newest_first", [True, False])
def test_two_versions_of_an_order(write, in_one_page, newest_first):
    """Covers P2."""
    records = page(version(at=0), version(shipped=2, at=5))
    records = records[::-1] if newest_first else records
    pages = [records] if in_one_page else [[record] for record in records]
    for one in pages:
        write(lambda tx, one=one: take_in(tx, SOURCE, one, NOON))
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, -2, 1)]
    assert write(lambda tx: tx.ledger.wrong_positions()) == []
    assert len(write(lambda tx: tx.orders.versions(SHOP, "A1"))) == (1 if newest_first else 2)
    assert write(lambda tx: tx.orders.load(SHOP, "A1")).changed_at == minutes(5)


def test_sales_of_a_page_are_taken_off_together(write):
    """Covers P4."""
    sold = [order(f"A{number}", ordered=2, placed=minutes(number - 2)) for number in range(6)]
    write(lambda tx: offered(tx, "MUG", shown=10))
    write(lambda tx: take_in(tx, SOURCE, page(*sold, evolve(sold[5], fulfillment=Fulfillment.CHANNEL)), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 4, "three of them after the look at the channel"
    write(lambda tx: take_in(tx, SOURCE, page(order("B", ordered=9, placed=minutes(9))), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 0


def test_a_line_without_an_article_waits_and_the_others_do_not(write):
    """Covers P8."""
    write(lambda tx: take_in(tx, SOURCE, page(order("A", offer="CUP"), order("B")), NOON))
    assert write(lambda tx: tx.ledger.positions()) == [Position(MUG, DEFAULT_LOCATION, 0, 1)]
    assert write(lambda tx: tx.orders.unmapped_offers()) == [(SHOP, "CUP", 1)]
    assert [problem.kind for problem in write(lambda tx: tx.problems.all())] == [ProblemKind.OFFER_UNMAPPED]
