"""Two shelves of real units: counts of each, and orders from each, reach the ledger in any order, late or twice."""

from collections.abc import Mapping, Sequence

import pytest
from attrs import define, frozen
from hypothesis import given, note, settings
from hypothesis import strategies as st

from entrepot.model import Bundle, Fulfillment, LocationId, ProblemKind, Sku
from entrepot.stock.ledger import on_hand
from entrepot.sync.intake import map_offer, take_in
from entrepot.sync.records import Mapped
from entrepot.sync.stocktaking import count
from entrepot.sync.uncertain import subject_of
from tests.stock import test_count_property
from tests.stock.test_count_property import HORIZON, SERIES, SOURCE, Sale, sales
from tests.store.opened import done
from tests.store.values import NOON, SHOP, minutes

PLACES = LocationId("hamburg"), LocationId("venlo")
store = test_count_property.store


@frozen
class Located:
    """An order that is sent from a place."""

    place: LocationId
    sale: Sale


@define
class Warehouses:
    """Truth, place by place."""

    units: Mapping[LocationId, int]
    sales: Sequence[Located]

    def physical(self, place: LocationId, at: int) -> int:
        return self.units[place] - sum(when <= at for sale in self.at(place) for when in sale.left)

    def open(self, place: LocationId) -> int:
        return sum(sale.ordered - len(sale.left) - len(sale.cancelled) for sale in self.at(place))

    def at(self, place: LocationId) -> list[Sale]:
        return [one.sale for one in self.sales if one.place == place]


@st.composite
def histories(draw):
    """Two warehouses, and news of them: ("count", place, at) and ("order", number, at)."""
    located = st.builds(Located, st.sampled_from(PLACES), sales())
    truth = Warehouses({place: draw(st.integers(9, 12)) for place in PLACES}, draw(st.lists(located, max_size=4)))
    news = [(place, at) for place in PLACES for at in (0, *draw(st.lists(st.integers(1, HORIZON), max_size=2)))]
    for number, one in enumerate(truth.sales):
        early = draw(st.lists(st.sampled_from(one.sale.changes), max_size=2))
        news += [(number, at) for at in [*early, one.sale.changes[-1]]]
    twice = draw(st.lists(st.sampled_from(news), max_size=2))
    return truth, draw(st.permutations(news + twice))


def tell(store, truth, sku, what, at, now):
    """An order comes while the merchant takes orders from its place."""
    if what in PLACES:
        units = truth.physical(what, at)
        done(store.write(lambda tx: count(tx, sku, units, minutes(at), f"c{at}", now, location=what)))
        return
    one = truth.sales[what]
    record = Mapped(f"{sku}-{what}-{at}", b"{}", one.sale.document(f"{sku}-{what}", sku, at))

    def take(tx):
        tx.accounts.save_locations([one.place])
        take_in(tx, SOURCE, [record], now)

    done(store.write(take))


def positions(store, sku):
    return {one.location: one for one in done(store.read(lambda tx: tx.ledger.positions(sku)))}


def doubt(store, sku, place):
    def read(tx):
        subject = subject_of(sku, place)
        told = {one.subject for one in tx.problems.all() if one.kind is ProblemKind.SHIPMENT_TIME_UNCERTAIN}
        return tx.ledger.around_count(sku, place), subject in told

    return done(store.read(read))


@pytest.fixture(scope="module", autouse=True)
def as_it_was(store):
    yield
    done(store.write(lambda tx: tx.accounts.save_locations([])))


@settings(max_examples=150)
@given(histories())
def test_a_count_of_one_place_changes_no_other_and_each_has_its_truth(store, history):
    """Covers P2: no interleaving of counts of each place, orders and shipments subtracts a unit twice, or elsewhere."""
    truth, news = history
    sku = Sku(f"SKU-{next(SERIES)}")
    done(store.write(lambda tx: tx.offers.see(SHOP, sku, Fulfillment.MERCHANT, 0, NOON)))
    done(store.write(lambda tx: map_offer(tx, SHOP, sku, Bundle(0, {sku: 1}), SOURCE, NOON)))
    for step, (what, at) in enumerate(news):
        before = positions(store, sku)
        tell(store, truth, sku, what, at, minutes(HORIZON + step))
        place = what if what in PLACES else truth.sales[what].place
        others = {one: found for one, found in positions(store, sku).items() if one != place}
        assert others == {one: found for one, found in before.items() if one != place}
    counts, moves, available = done(
        store.read(lambda tx: (tx.ledger.counts(sku), tx.ledger.movements(sku), tx.ledger.available([sku])))
    )
    found = positions(store, sku)
    for place in PLACES:
        doubtful, told = doubt(store, sku, place)
        position, real = found[place], truth.physical(place, HORIZON)
        note(f"{position}, truth {real}, in doubt {doubtful}")
        mine = [pair for pair in counts if pair[0].location == place], [one for one in moves if one.location == place]
        assert position.on_hand == on_hand(*mine)
        assert position.reserved == truth.open(place)
        assert told == bool(doubtful)
        assert real + sum(movement.quantity for movement in doubtful) <= position.on_hand <= real
    assert available == {sku: sum(one.on_hand - one.reserved for one in found.values())}
