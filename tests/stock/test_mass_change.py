"""What an import changes, and when that is too much."""

from decimal import Decimal

import pytest

from entrepot.stock.mass_change import Effect, Figures, HoldIf, Share, effect_of
from tests.store.values import minutes

HOLD_IF = HoldIf(zeroed=Share(Decimal(2)), changed=Share(Decimal(25)))


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (None, 0, Effect.NEW),
        (4, 4, Effect.UNCHANGED),
        (0, 0, Effect.UNCHANGED),
        (4, 5, Effect.RAISED),
        (-1, 0, Effect.RAISED),
        (4, 3, Effect.LOWERED),
        (4, 0, Effect.ZEROED),
        (4, -1, Effect.ZEROED),
        (0, -1, Effect.LOWERED),
    ],
)
def test_what_a_count_does_to_a_position(before, after, effect):
    assert effect_of(before, after) is effect


@pytest.mark.parametrize(
    ("figures", "held"),
    [
        (Figures(zeroed=2, known=100), False),
        (Figures(zeroed=3, known=100), True),
        (Figures(raised=10, lowered=15, known=100), False),
        (Figures(raised=10, lowered=14, zeroed=2, known=100), True),
        (Figures(new=100, known=0), False),
    ],
)
def test_more_than_the_share_of_the_known_positions_is_held(figures, held):
    assert HOLD_IF.holds(figures) is held


def test_figures_add_up():
    one, other = Figures(lines=2, raised=1, counted_from=minutes(1), counted_until=minutes(3)), Figures(lines=1)
    both = other.plus(one).plus(Figures(lines=1, counted_from=minutes(0), counted_until=minutes(0)))
    assert both == Figures(lines=4, raised=1, counted_from=minutes(0), counted_until=minutes(3))
