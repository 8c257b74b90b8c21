import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from entrepot.model import (
    DEFAULT_LOCATION,
    Count,
    CountMeaning,
    LocationId,
    Movement,
    MovementKind,
    OrderLine,
    Position,
    Sku,
    Target,
    held_by,
)
from entrepot.stock.ledger import on_hand
from entrepot.store.sqlite import migrate
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, minutes, order

MUG = Sku("MUG")
HELD = held_by(SHOP)


def received(units, at=0, reference="r1", location=DEFAULT_LOCATION):
    return Movement(MUG, units, MovementKind.RECEIPT, minutes(at), reference, location)


def shipped(units, at, reference, not_before=None):
    return Movement(MUG, -units, MovementKind.SHIPMENT, minutes(at), reference, not_before=not_before)


def counted(units, at=0, reference="c1", meaning=CountMeaning.ON_HAND):
    return Count(MUG, units, minutes(at), reference, meaning=meaning)


def position(tx):
    return tx.ledger.position(MUG, DEFAULT_LOCATION)


def test_a_movement_is_booked_once(write, read):
    """Covers P2."""
    assert write(lambda tx: tx.ledger.book(received(5), NOON))
    assert not write(lambda tx: tx.ledger.book(received(7), NOON))
    assert read(position) == (Position(MUG, DEFAULT_LOCATION, 5, 0), None)
    assert read(lambda tx: tx.ledger.movements()) == [received(5)]


def test_a_count_is_recorded_once(write, read):
    """Covers P2."""
    assert write(lambda tx: tx.ledger.count(counted(5), NOON))
    assert not write(lambda tx: tx.ledger.count(counted(7, at=9), NOON))
    assert read(position) == (Position(MUG, DEFAULT_LOCATION, 5, 0), minutes(0))
    assert read(lambda tx: tx.ledger.counts(MUG)) == [(counted(5), 5)]


def test_history_that_arrives_late_changes_nothing(write, read):
    """Covers P2: the count has seen it."""
    write(lambda tx: tx.ledger.count(counted(5, at=10), minutes(10)))
    write(lambda tx: tx.ledger.book(shipped(1, 9, "before"), minutes(11)))
    write(lambda tx: tx.ledger.book(shipped(1, 10, "at the same instant"), minutes(11)))
    write(lambda tx: tx.ledger.book(shipped(1, 11, "after"), minutes(11)))
    write(lambda tx: tx.ledger.count(counted(99, at=8, reference="older"), minutes(12)))
    assert read(position) == (Position(MUG, DEFAULT_LOCATION, 4, 0), minutes(10))


def test_open_demand_may_exceed_what_is_there(write, read):
    """Covers R50: never hidden."""
    write(lambda tx: tx.ledger.count(counted(2), NOON))
    write(lambda tx: tx.ledger.reserve(MUG, DEFAULT_LOCATION, 3))
    found, _ = read(position)
    assert (found.available, found.shortage) == (-1, 1)
    assert read(lambda tx: tx.ledger.available([MUG])) == {MUG: -1}


def test_what_nobody_counted_is_unknown_not_empty(write, read):
    """Covers P4: orders and shipments say nothing of how many there are."""
    write(lambda tx: tx.ledger.reserve(MUG, DEFAULT_LOCATION, 3))
    write(lambda tx: tx.ledger.book(shipped(1, 0, "s"), NOON))
    assert read(lambda tx: tx.ledger.available([MUG, Sku("CAP")])) == {MUG: None}
    write(lambda tx: tx.ledger.book(received(9), NOON))
    assert read(lambda tx: tx.ledger.available([MUG])) == {MUG: 5}


def test_units_that_a_channel_holds_are_for_nobody_else(write, read):
    """Covers P4."""
    write(lambda tx: tx.ledger.book(received(9, location=HELD), NOON))
    write(lambda tx: tx.ledger.book(received(2, location=LocationId("annex")), NOON))
    write(lambda tx: tx.ledger.count(counted(1), NOON))
    assert read(lambda tx: tx.ledger.available([MUG])) == {MUG: 3}
    assert [found.on_hand for found in read(lambda tx: tx.ledger.positions(MUG))] == [2, 9, 1]


def test_a_count_of_what_is_available_adds_the_open_orders_to_it(write, read):
    """Covers P2: they are reserved already."""

    def take_order(tx):
        line = OrderLine("1", "MUG", ordered=3, shipped=1)
        tx.orders.save_line(SHOP, order(placed=minutes(-5)), line, open_=2, booked=1, mapped=True)
        tx.orders.save_targets(SHOP, "A1", "1", [Target(MUG, DEFAULT_LOCATION, 2, 0)])
        tx.ledger.reserve(MUG, DEFAULT_LOCATION, 4)
        tx.ledger.book(shipped(2, -1, "s"), NOON)

    write(take_order)
    write(lambda tx: tx.ledger.count(counted(10, meaning=CountMeaning.AVAILABLE), NOON))
    assert read(lambda tx: tx.ledger.available([MUG])) == {MUG: 10}
    assert read(lambda tx: tx.ledger.counts()) == [(counted(10, meaning=CountMeaning.AVAILABLE), 14)]


def test_reserved_units_that_no_line_explains_are_a_defect(write, read):
    write(lambda tx: tx.ledger.reserve(MUG, DEFAULT_LOCATION, 2))
    assert read(lambda tx: tx.ledger.wrong_positions()) == ["MUG at main: reserved 2, open lines 0"]
    write(lambda tx: tx.ledger.reserve(MUG, DEFAULT_LOCATION, -2))
    assert read(lambda tx: tx.ledger.wrong_positions()) == []


@pytest.mark.parametrize(("count_at", "doubtful"), [(1, 0), (2, 1), (5, 1), (9, 1), (10, 0)])
def test_movements_around_the_last_count_are_named(write, read, count_at, doubtful):
    """Covers P2, P8: last seen unshipped at 1, first seen shipped at 10."""
    write(lambda tx: tx.ledger.book(shipped(1, 10, "s", not_before=minutes(1)), minutes(10)))
    write(lambda tx: tx.ledger.book(shipped(1, 10, "told"), minutes(10)))
    assert read(lambda tx: tx.ledger.around_count(MUG, DEFAULT_LOCATION)) == []
    write(lambda tx: tx.ledger.count(counted(3, at=count_at), minutes(20)))
    assert len(read(lambda tx: tx.ledger.around_count(MUG, DEFAULT_LOCATION))) == doubtful
    write(lambda tx: tx.ledger.count(counted(3, at=15, reference="again"), minutes(20)))
    assert read(lambda tx: tx.ledger.around_count(MUG, DEFAULT_LOCATION)) == []


class LedgerMachine(RuleBasedStateMachine):
    """Covers P2: running numbers equal what the pure model adds up, after any sequence."""

    def __init__(self):
        super().__init__()
        self.movements, self.counts, self.reserved, self.references = [], [], 0, set()

    @initialize()
    def begin(self):
        LedgerMachine.series += 1
        self.sku = Sku(f"SKU-{LedgerMachine.series}")

    def record(self, work):
        return done(LedgerMachine.store.write(work))

    @rule(
        units=st.integers(-5, 5),
        at=st.integers(0, 6),
        reference=st.integers(0, 8).map(str),
        kind=st.sampled_from(MovementKind),
    )
    def book(self, units, at, reference, kind):
        movement = Movement(self.sku, units, kind, minutes(at), reference)
        new = reference not in self.references
        assert self.record(lambda tx: tx.ledger.book(movement, NOON)) is new
        if new:
            self.movements.append(movement)
            self.references.add(reference)

    @rule(units=st.integers(0, 9), at=st.integers(0, 6), reference=st.integers(0, 8).map(str))
    def count(self, units, at, reference):
        count = Count(self.sku, units, minutes(at), reference)
        new = all(reference != known.reference for known, _ in self.counts)
        assert self.record(lambda tx: tx.ledger.count(count, NOON)) is new
        if new:
            self.counts.append((count, units))

    @rule(units=st.integers(-5, 5))
    def reserve(self, units):
        self.reserved += units
        self.record(lambda tx: tx.ledger.reserve(self.sku, DEFAULT_LOCATION, units))

    @invariant()
    def adds_up(self):
        found, _ = self.record(lambda tx: tx.ledger.position(self.sku, DEFAULT_LOCATION))
        assert (found.on_hand, found.reserved) == (on_hand(self.counts, self.movements), self.reserved)

    @invariant()
    def is_known_by_counts_and_by_what_the_merchant_booked(self):
        told = self.counts or [move for move in self.movements if move.kind is not MovementKind.SHIPMENT]
        available = self.record(lambda tx: tx.ledger.available([self.sku])).get(self.sku)
        assert available == (on_hand(self.counts, self.movements) - self.reserved if told else None)


LedgerMachine.series = 0


def test_running_numbers_are_what_counts_and_movements_add_up_to(tmp_path):
    """Covers P2."""
    migrate(tmp_path / "ledger.db")
    LedgerMachine.store = open_inline(tmp_path / "ledger.db")
    machine = LedgerMachine.TestCase()
    machine.settings = settings(max_examples=60, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    try:
        machine.runTest()
    finally:
        LedgerMachine.store.close()
