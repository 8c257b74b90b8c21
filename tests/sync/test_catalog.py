"""Articles that left the catalog: told once while something depends on them, and no longer."""

from datetime import timedelta

import pytest

from entrepot.model import Fulfillment, ProblemKind, Sku
from entrepot.store.sqlite import migrate
from entrepot.sync.catalog import tell_left
from entrepot.sync.intake import take_in
from entrepot.sync.mapping import map_by_hand
from entrepot.sync.observing import miss_offers
from entrepot.sync.setup import set_up
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import count
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes, offered, order
from tests.sync.test_intake import page

MUG, CAP = Sku("MUG"), Sku("CAP")
FULL = [(MUG, "Mug", ""), (CAP, "Cap", "")]


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    done(store.write(lambda tx: (tx.accounts.save(account()), set_up(tx, [], FULL, [], NOON))))
    yield lambda work: done(store.write(work))
    store.close()


def start(catalog):
    """As a start and a reload do it, but that the account stays."""
    return lambda tx: (tx.accounts.save_articles(catalog), tell_left(tx, {sku for sku, *_ in catalog}, NOON))


def left(tx):
    return [one for one in tx.problems.all() if one.kind is ProblemKind.ARTICLE_LEFT]


def test_a_start_tells_of_it_once_and_closes_it_when_the_article_is_back(write):
    """Covers P8."""
    write(lambda tx: (offered(tx, "MUG", shown=3), count(tx, MUG, 5, NOON, "c1", NOON)))
    write(lambda tx: set_up(tx, [], [(CAP, "Cap", "")], [], NOON))
    (problem,) = write(left)
    assert problem.subject == "sku/MUG"
    assert "the offer MUG on shop, 5 units on hand" in problem.message
    write(start([(CAP, "Cap", "")]))
    assert write(left) == [problem]
    write(start(FULL))
    assert write(left) == []


def test_what_nothing_depends_on_may_go(write):
    write(start([(CAP, "Cap", "")]))
    assert write(left) == []


def test_open_orders_depend_on_it(write):
    write(lambda tx: take_in(tx, Source(SHOP, MOCK, {}), page(order(ordered=2)), NOON))
    write(start([(CAP, "Cap", "")]))
    (problem,) = write(left)
    assert "2 units in open orders" in problem.message


def test_it_closes_by_itself_once_its_offers_and_units_are_gone(write):
    write(lambda tx: (offered(tx, "MUG", shown=3), count(tx, MUG, 5, NOON, "c1", NOON)))
    write(start([(CAP, "Cap", "")]))
    write(lambda tx: count(tx, MUG, 0, minutes(1), "c2", minutes(1)))
    assert len(write(left)) == 1
    write(lambda tx: miss_offers(tx, account(), ["MUG"], minutes(9), minutes(2)))
    assert write(left) == []


def test_a_renamed_article_gives_its_offer_to_the_new_one(write):
    write(lambda tx: (offered(tx, "MUG", shown=3), count(tx, MUG, 0, NOON, "c1", NOON)))
    write(start([(CAP, "Cap", "")]))
    assert len(write(left)) == 1
    write(lambda tx: map_by_hand(tx, account(), MOCK, "MUG", {CAP: 1}, NOON + timedelta(minutes=1)))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG").fulfillment) is Fulfillment.MERCHANT
    assert write(left) == []
