"""Wire, mapping, store and back: with the orders that Amazon publishes, and with those that its model allows."""

import json

import pytest
from hypothesis import given, seed, settings

from connectors.amazon_sp.tests.orders.dispositions import PERSONAL, lost, lost_personal
from connectors.amazon_sp.tests.orders.leaves import found
from connectors.amazon_sp.tests.orders.orders_model import MODEL, NEW_WORD, needs_model, orders, published_orders
from connectors.amazon_sp.tests.orders.shelf import Shelf
from entrepot.model import DataSet, DataSetState, OrderStatus, order_flaws
from entrepot_amazon_sp.mapping.orders import map_order
from entrepot_amazon_sp.places import PLACES

pytestmark = needs_model

PUBLISHED = dict(published_orders()) if MODEL.exists() else {}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("shelf") / "entrepot.db")
    yield shelf
    shelf.store.close()


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_order_comes_back_as_it_was_told(number, shelf):
    document = PUBLISHED[number]
    shelved = shelf.there_and_back(document)
    assert list(lost(document, shelved.order)) == []
    assert list(order_flaws(shelved.order)) == []
    assert shelved.order.status is not OrderStatus.UNKNOWN
    assert shelved.order.marketplace in PLACES
    assert shelved.order.data_sets[DataSet.MONEY] is DataSetState.RETURNED


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_buyer_is_mapped_and_never_stored(number, shelf):
    document = PUBLISHED[number]
    assert list(lost_personal(document, map_order(document))) == []
    shelved = shelf.there_and_back(document)
    assert shelved.order.buyer is None
    assert shelved.order.recipient is None
    state = DataSetState.NOT_KEPT if "buyer" in document else DataSetState.NOT_ASKED
    assert shelved.order.data_sets[DataSet.BUYER] is state
    assert shelved.order.data_sets[DataSet.RECIPIENT] is DataSetState.NOT_KEPT
    kept = json.loads(shelved.record.body)
    assert [leaf for leaf in PERSONAL if any(found(kept, leaf))] == []
    assert [leaf for leaf in PERSONAL if any(found(document, leaf))]


def test_a_thousand_orders_of_all_stores_lose_nothing(shelf):
    """Covers P1, R43: with and without proceeds, shipped in part, cancelled, without decimals, in words of tomorrow."""
    seen = set()

    def check(document):
        order = shelf.there_and_back(document).order
        assert list(lost(document, order)) == []
        seen.update(kinds(order))

    for number, place in enumerate(PLACES.values()):
        # a seed of its own, or each store would get the same orders
        seed(number)(settings(max_examples=45)(given(orders(place))(check)))()
    assert seen >= PLACES.keys() | KINDS


KINDS = {
    "yen",
    "no prices",
    "a line of 3",
    "sent in part",
    "cancelled",
    "a new status",
    "adds up",
    "contradicts itself",
}


def kinds(order):
    yield order.marketplace
    flawed = any(order_flaws(order))
    told = {
        "yen": order.total and order.total.currency == "JPY",
        "no prices": order.data_sets[DataSet.MONEY] is not DataSetState.RETURNED,
        "a line of 3": any(line.ordered == 3 for line in order.lines),
        "sent in part": any(0 < line.shipped < line.ordered for line in order.lines),
        "cancelled": any(line.cancelled for line in order.lines),
        "a new status": order.status is OrderStatus.UNKNOWN and order.status_text == NEW_WORD,
        "adds up": order.total and order.lines and order.lines[0].gross and not flawed,
        "contradicts itself": flawed,
    }
    yield from (kind for kind, holds in told.items() if holds)
