"""`orders_fields.toml` says all about Amazon's order, and nothing but the truth: see its model, and the mapping."""

from collections import Counter

import pytest

from connectors.amazon_sp.tests.orders.dispositions import (
    COMPUTED,
    FIELDS,
    PERSONAL,
    RAW,
    SAME,
    cut,
    lost,
    lost_personal,
)
from connectors.amazon_sp.tests.orders.leaves import changed, found
from connectors.amazon_sp.tests.orders.orders_model import drawn, leaves, needs_model, orders
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.mapping.orders import map_order

pytestmark = needs_model

PATHS = SAME | COMPUTED | {leaf: path for leaf, path in PERSONAL.items() if path}


@pytest.fixture(scope="module")
def mapped():
    """Orders of Amazon's, with nothing left out and with much left out, each with ours."""
    documents = drawn(orders(dense=True), 60) + drawn(orders(), 60)
    return [(document, map_order(document)) for document in documents]


def test_every_leaf_of_amazons_order_has_one_disposition():
    listed = Counter(leaf for table in FIELDS.values() for leaf in table)
    assert listed == Counter(leaves()) == Counter(AMAZON.documented["order"])
    assert all(reason for reason in RAW.values())


@pytest.mark.parametrize("leaf", PATHS)
def test_the_path_carries_the_leaf(leaf, mapped):
    path = PATHS[leaf]
    assert any(found(map_order(changed(document, leaf)), path) != found(order, path) for document, order in mapped)


@pytest.mark.parametrize("leaf", RAW)
def test_what_is_raw_only_moves_nothing(leaf, mapped):
    holding = [(document, order) for document, order in mapped if any(found(document, leaf))]
    assert holding
    assert all(map_order(changed(document, leaf)) == order for document, order in holding)


def test_what_arrives_as_it_is_arrives(mapped):
    assert [wrong for document, order in mapped for wrong in lost(document, order)] == []


def test_buyer_and_recipient_are_mapped_and_not_shown(mapped):
    assert [wrong for document, order in mapped for wrong in lost_personal(document, order)] == []
    assert {repr((order.buyer, order.recipient)) for _, order in mapped} == {
        "(Buyer(), Recipient(address=Address()))",
        "(Buyer(), None)",
        "(None, Recipient(address=Address()))",
        "(None, None)",
    }


def test_exactly_the_personal_leaves_are_cut(mapped):
    for document, _ in mapped:
        rest = cut(document)
        for leaf in [leaf for table in FIELDS.values() for leaf in table]:
            left = [value for value in found(rest, leaf) if value is not None]
            assert left == [] if leaf in PERSONAL else found(rest, leaf) == found(document, leaf)
    assert {leaf for leaf in PERSONAL if any(found(document, leaf) for document, _ in mapped)} == PERSONAL.keys()
