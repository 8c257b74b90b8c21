from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import (
    UNTOLD,
    DataSet,
    DataSetState,
    Fulfillment,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    Package,
    TimeRange,
    keep_withheld,
    order_flaws,
)
from tests.store.strategies import orders
from tests.store.values import NOON, minutes

WITHHELD = [DataSetState.NOT_ASKED, DataSetState.ASKED, DataSetState.NOT_PERMITTED]


def euros(amount):
    return Money(Decimal(amount), "EUR")


def three_mugs(**changes):
    """Three at 10.00, tax inside: 30.00 gross, 3.00 off, 4.31 of tax in the 27.00 that remain."""
    line = OrderLine("1", "MUG", 3, gross=euros("30.00"), tax=euros("4.31"), discount=euros("3.00"))
    return Order(
        "A1",
        "MOCK",
        OrderStatus.UNSHIPPED,
        NOON,
        NOON,
        (evolve(line, **changes),),
        shipping=euros("4.90"),
        other=euros("1.00"),
        discount=euros("0.90"),
        total=euros("32.00"),
    )


def test_a_line_of_three_is_one_amount():
    """Covers R43, R44: the line's gross is of all its units and holds the tax; quantity multiplies nothing."""
    (line,) = three_mugs().lines
    assert line.net == euros("22.69")
    assert list(order_flaws(three_mugs())) == []


@pytest.mark.parametrize(
    "wrong",
    [{"gross": euros("10.00")}, {"gross": euros("90.00")}, {"discount": None}, {"gross": euros("25.69")}],
    ids=["unit price for the line", "multiplied once more", "discount left out", "tax taken off"],
)
def test_a_total_that_is_not_its_parts_is_told_and_the_order_kept(wrong):
    """Covers R43, R44, P7."""
    flaws = [flaw.partition(" of its parts")[0] for flaw in order_flaws(three_mugs(**wrong))]
    assert flaws == ["total 32.00 EUR differs from the sum"]


def test_an_order_without_prices_has_no_flaw():
    """An unpaid order has none yet."""
    assert list(order_flaws(three_mugs(gross=None, tax=None, discount=None))) == []
    assert three_mugs(gross=None).lines[0].net is None
    assert three_mugs(tax=None).lines[0].net is None
    assert list(order_flaws(evolve(three_mugs(gross=euros(1)), total=None))) == []


def test_other_flaws_are_told_one_by_one():
    """Covers P8."""
    (line,) = three_mugs().lines
    flaws = list(order_flaws(evolve(three_mugs(), lines=(line, evolve(line, shipped=2, cancelled=2)), total=None)))
    assert flaws == [
        "line 1 occurs twice",
        "line 1: 2 shipped and 2 cancelled are more than 3 ordered",
    ]
    assert "two currencies" in next(order_flaws(evolve(three_mugs(), shipping=Money(Decimal(1), "USD"))))


@given(orders)
def test_looking_for_flaws_never_fails(order):
    """Covers P1: whatever a channel sends, the order is kept."""
    assert all(isinstance(flaw, str) for flaw in order_flaws(order))


@pytest.mark.parametrize("value", [-1, 1.0, True, "1", 10**9 + 1])
@pytest.mark.parametrize("field", ["ordered", "shipped", "cancelled"])
def test_quantities_are_whole_and_possible(field, value):
    """Covers P1: 10 ** 20 units would fail the page, not the record."""
    with pytest.raises(ValueError, match=f"{field} is a whole number of units"):
        three_mugs(**{field: value})


@pytest.mark.parametrize(
    ("status", "open_units"),
    [("pending", 2), ("unshipped", 2), ("shipped", 2), ("unknown", 2), ("cancelled", 0), ("unfulfillable", 0)],
)
def test_open_demand_is_what_somebody_still_has_to_send(status, open_units):
    """Covers P4: a status that we do not know frees nothing."""
    order = evolve(three_mugs(shipped=1), status=OrderStatus(status))
    assert order.open_units(order.lines[0]) == open_units


@pytest.mark.parametrize("state", WITHHELD)
def test_a_withheld_data_set_keeps_its_stored_value_and_says_why(state):
    """Covers P1."""
    sent = evolve(three_mugs(shipped=2), packages=(Package("p1"),), status_text="part sent")
    blank = Order("A1", "MOCK", OrderStatus.UNKNOWN, NOON, minutes(5), (OrderLine("1", "MUG", 3),))
    states = {DataSet.STATUS: state, DataSet.MONEY: state, DataSet.PACKAGES: state}
    assert keep_withheld(evolve(blank, data_sets=states), sent) == evolve(sent, changed_at=minutes(5), data_sets=states)


def test_a_time_of_change_that_is_not_told_keeps_the_stored_one():
    """Covers P1: a record that is mapped once more says nothing new by it."""
    untold = evolve(three_mugs(), changed_at=None)
    assert untold.changed_at == UNTOLD
    assert keep_withheld(untold, three_mugs()) == three_mugs()


def test_who_sends_and_by_when_goes_with_the_status():
    """Covers P4: an order that the channel fulfills must not become ours because its status is withheld once."""
    week = TimeRange(NOON, minutes(7 * 24 * 60))
    stored = evolve(three_mugs(), fulfillment=Fulfillment.CHANNEL, service_level="NEXT_DAY", ship_by=week)
    assert keep_withheld(evolve(three_mugs(), data_sets={DataSet.STATUS: DataSetState.NOT_ASKED}), stored) == evolve(
        stored, data_sets={DataSet.STATUS: DataSetState.NOT_ASKED}
    )


@given(orders, orders, st.sampled_from(DataSet), st.sampled_from([DataSetState.RETURNED, DataSetState.NOT_KEPT]))
def test_what_was_returned_replaces_what_is_stored(new, stored, part, state):
    """Covers P1: also by nothing."""
    new = evolve(new, data_sets={part: state})
    assert keep_withheld(new, stored) == new


def test_only_what_is_withheld_is_kept():
    """Covers P1: and a line that is new has only its own values."""
    stored = three_mugs(shipped=1)
    new_line = OrderLine("2", "CAP", 1)
    changed = evolve(
        stored,
        lines=(evolve(stored.lines[0], shipped=2, gross=None), new_line),
        total=None,
        data_sets={DataSet.MONEY: DataSetState.NOT_PERMITTED},
    )
    kept = keep_withheld(changed, stored)
    assert kept.total == stored.total
    assert kept.lines == (evolve(stored.lines[0], shipped=2), new_line)
