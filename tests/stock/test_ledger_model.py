import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import Count, Movement, MovementKind, Sku
from entrepot.stock.ledger import last_count, on_hand, shipment_time_uncertain, takes_effect
from tests.store.values import minutes

MUG = Sku("MUG")
instants = st.integers(0, 8).map(minutes)
movements = st.lists(
    st.builds(lambda units, at: Movement(MUG, units, MovementKind.ADJUSTMENT, at, "r"), st.integers(-5, 5), instants),
    max_size=6,
)
counts = st.lists(
    st.builds(lambda units, at: (Count(MUG, units, at, "c"), units), st.integers(0, 9), instants), max_size=4
)


@given(counts, movements)
def test_on_hand_is_the_last_count_and_what_took_effect_after_it(counts, movements):
    """Covers P2."""
    if not counts:
        assert on_hand(counts, movements) == sum(move.quantity for move in movements)
        return
    latest = max(count.effective_at for count, _ in counts)
    (start,) = [units for count, units in counts if count.effective_at == latest][-1:]
    later = [move.quantity for move in movements if move.effective_at > latest]
    assert on_hand(counts, movements) == start + sum(later)


@given(counts, movements, st.randoms())
def test_the_order_of_movements_does_not_matter(counts, movements, chance):
    """Covers P2: late history."""
    shuffled = list(movements)
    chance.shuffle(shuffled)
    assert on_hand(counts, shuffled) == on_hand(counts, movements)


def test_a_correction_of_a_count_counts():
    wrong, right = (Count(MUG, 5, minutes(0), "c1"), 5), (Count(MUG, 4, minutes(0), "c2"), 4)
    assert last_count([wrong, right]) == right
    assert last_count([]) is None


@given(instants, instants, instants, st.booleans())
def test_a_shipment_is_uncertain_where_the_count_lies_between_the_sights(left, seen, counted_at, told):
    """Covers P2, P8."""
    move = Movement(MUG, -1, MovementKind.SHIPMENT, left, "s", not_before=None if told else seen)
    uncertain = shipment_time_uncertain(move, counted_at)
    assert uncertain is (not told and seen < counted_at < left)
    assert not (uncertain and not takes_effect(left, counted_at)), "only what is subtracted is in doubt"
    assert not shipment_time_uncertain(move, None)


@pytest.mark.parametrize(("at", "effective"), [(0, False), (1, False), (2, True)])
def test_at_the_same_instant_the_count_has_seen_it(at, effective):
    """Covers P2."""
    assert takes_effect(minutes(at), minutes(1)) is effective
    assert takes_effect(minutes(at), None)
