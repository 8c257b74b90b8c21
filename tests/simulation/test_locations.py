"""A hostile day of a merchant with two warehouses."""

import pytest
from attrs import evolve

from entrepot.config import Locations
from entrepot.model import LocationId
from entrepot.simulation.worlds.hostile import live_through
from entrepot.stock import demand
from entrepot.store.sqlite.orders import SqliteOrders
from tests.simulation.hostile_day import hostile_day

TWO = Locations((LocationId("hamburg"), LocationId("venlo")))


def two_warehouses(folder, seed):
    day = hostile_day(folder, seed)
    return evolve(day, config=evolve(day.config, locations=TWO))


@pytest.mark.simulation
@pytest.mark.parametrize("seed", [3, 4])
def test_the_promises_hold_over_two_locations(tmp_path, seed, monkeypatch):
    """Covers P1, P2, P4, P10: orders leave both, counts replace one each, and daemons die in between."""
    chosen, right = set(), demand.Shelves.place_for

    def place_for(shelves, sku, units):
        chosen.add(right(shelves, sku, units))
        return right(shelves, sku, units)

    monkeypatch.setattr(demand.Shelves, "place_for", place_for)
    assert live_through(two_warehouses(tmp_path, seed), seed).broken == ()
    assert chosen == set(TWO.own)


def moved(shelf, account, order_id, line_id, right=SqliteOrders.targets):
    """The other location is read than was written."""
    return tuple(evolve(target, location=TWO.own[0]) for target in right(shelf, account, order_id, line_id))


@pytest.mark.simulation
def test_an_order_that_moves_from_one_location_to_another_is_found_out(tmp_path, monkeypatch):
    """Its units would be reserved at one and released at the other."""
    seed = 3
    monkeypatch.setattr(SqliteOrders, "targets", moved)
    assert any(line.startswith("P2 ") for line in live_through(two_warehouses(tmp_path, seed), seed).broken)
