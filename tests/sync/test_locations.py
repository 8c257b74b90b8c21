"""From which of several locations orders are taken."""

import pytest
from attrs import evolve

from entrepot.model import AccountId, Bundle, Fulfillment, LocationId, OrderLine, Sku, held_by
from entrepot.store.sqlite import migrate
from entrepot.sync.intake import take_in
from entrepot.sync.locations import lost_locations
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import adjust, count, receive
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes, offered, order

TEA, MUG = Sku("TEA"), Sku("MUG")
HAMBURG, VENLO = LocationId("hamburg"), LocationId("venlo")
SOURCE = Source(SHOP, MOCK, {})


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    yield lambda work: done(store.write(work))
    store.close()


@pytest.fixture
def shop(write):
    """Five in Hamburg, which comes first, and eight in Venlo; of a bundle's mugs two in Venlo only."""

    def open_shop(tx):
        tx.accounts.save(account())
        tx.accounts.save_locations([HAMBURG, VENLO])
        offered(tx, "TEA", shown=0)
        offered(tx, "SET", shown=0)
        tx.offers.map(SHOP, "SET", Bundle(1, {TEA: 2, MUG: 1}))
        for sku, place, units in ((TEA, HAMBURG, 5), (TEA, VENLO, 8), (MUG, VENLO, 2)):
            count(tx, sku, units, minutes(-60), f"{sku}-{place}", NOON, location=place)

    write(open_shop)


def orders(*ordered, offer="TEA", **more):
    told = [order(f"{offer}-{place}", offer=offer, ordered=units, **more) for place, units in enumerate(ordered)]
    return [Mapped(one.external_id, b"{}", one) for one in told]


def reserved(write, sku=TEA):
    return {one.location: one.reserved for one in write(lambda tx: tx.ledger.positions(sku)) if one.reserved}


@pytest.mark.parametrize("in_one_page", [True, False])
def test_orders_are_taken_from_the_first_location_until_it_is_exhausted(write, shop, in_one_page):
    """Covers P4: several of one page do not promise the same unit, and each line stays where it was put."""
    records = orders(2, 2, 2, 1)
    for page in [records] if in_one_page else [[one] for one in records]:
        write(lambda tx, page=page: take_in(tx, SOURCE, page, NOON))
    assert reserved(write) == {HAMBURG: 5, VENLO: 2}
    write(lambda tx: receive(tx, TEA, 50, "delivery", NOON, location=HAMBURG))
    write(lambda tx: take_in(tx, SOURCE, [evolve(one, content_hash="again") for one in records], NOON))
    assert reserved(write) == {HAMBURG: 5, VENLO: 2}
    assert write(lambda tx: tx.ledger.available([TEA])) == {TEA: 5 + 8 + 50 - 7}


def test_what_no_location_has_falls_short_at_the_first(write, shop):
    """Covers P4: the sum is right, whichever it is."""
    write(lambda tx: take_in(tx, SOURCE, orders(9), NOON))
    assert reserved(write) == {HAMBURG: 9}
    assert write(lambda tx: tx.ledger.available([TEA])) == {TEA: 4}


def test_a_bundle_is_taken_from_where_each_article_is(write, shop):
    write(lambda tx: take_in(tx, SOURCE, orders(2, offer="SET"), NOON))
    assert (reserved(write), reserved(write, MUG)) == ({HAMBURG: 4}, {VENLO: 2})


def test_a_shipment_leaves_from_where_it_was_promised(write, shop):
    """Covers P2."""
    (first,) = orders(6)
    write(lambda tx: take_in(tx, SOURCE, [first], NOON))
    line = OrderLine("1", "TEA", 6, shipped=4)
    sent = evolve(first, content_hash="sent", value=evolve(first.value, changed_at=minutes(9), lines=(line,)))
    write(lambda tx: take_in(tx, SOURCE, [sent], NOON))
    found = {one.location: (one.on_hand, one.reserved) for one in write(lambda tx: tx.ledger.positions(TEA))}
    assert found == {HAMBURG: (5, 0), VENLO: (4, 2)}


def test_what_the_channel_sends_touches_no_location_of_ours(write, shop):
    """Covers P4, R58: it is counted as the channel's, and no number of ours changes."""
    write(lambda tx: take_in(tx, SOURCE, orders(3, fulfillment=Fulfillment.CHANNEL), NOON))
    assert reserved(write) == {held_by(SHOP): 3}
    assert write(lambda tx: tx.ledger.available([TEA])) == {TEA: 13}


def test_a_location_that_left_the_file_and_has_units_is_a_fault(write, shop):
    """Covers P8: what lies there would be for sale, and nobody could count it."""
    (fault,) = write(lambda tx: lost_locations(tx, [HAMBURG], "plugins.toml"))
    assert (fault.code, fault.path) == ("E504", "plugins.toml: locations.venlo")
    assert fault.message == "venlo is not in [locations], and has units, open orders or a held import of 2 articles"
    assert fault.next_action.startswith("write venlo = {} there until it is empty: entrepot stock count SKU 0 --loc")
    write(lambda tx: [adjust(tx, sku, -left, f"{sku}", NOON, location=VENLO) for sku, left in ((TEA, 8), (MUG, 2))])
    assert write(lambda tx: lost_locations(tx, [HAMBURG], "plugins.toml")) == []


def test_what_an_account_holds_is_never_lost(write, shop):
    write(lambda tx: take_in(tx, SOURCE, orders(3, fulfillment=Fulfillment.CHANNEL), NOON))
    assert held_by(AccountId("shop")) == held_by(SHOP)
    assert write(lambda tx: lost_locations(tx, [HAMBURG, VENLO], "plugins.toml")) == []
