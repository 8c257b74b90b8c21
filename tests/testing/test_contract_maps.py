"""Maps that lose, change or forget something fail the connector contract."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.model import Money
from entrepot.testing import route
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import contract
from tests.testing.recipes import NUMBERED_LOG, NumberedLog, map_numbered


def test_an_order_without_what_makes_it_newer_fails():
    """Covers P1: nothing would say which of two versions is the newer one."""
    timeless = evolve(MOCK, maps={**MOCK.maps, "order": lambda record: evolve(map_order(record), changed_at=None)})
    with pytest.raises(channel.RecordError, match="has no changed_at"):
        contract(timeless).test_order_is_followed_through_its_life()


def test_a_number_of_a_change_that_is_another_fails():
    case = contract(NUMBERED_LOG, NumberedLog)
    case.test_order_is_followed_through_its_life()
    wrong = {**MOCK.maps, "order": lambda record: map_numbered(record | {"seq": record["seq"] // 10_000})}
    with pytest.raises(AssertionError, match="revision"):
        contract(evolve(NUMBERED_LOG, maps=wrong), NumberedLog).test_order_is_followed_through_its_life()


class NumbersLines(MockShop):
    """An order's lines are 10, 20, 30; orders have numbers, too."""

    def order_number(self, marketplace, place):
        return str(4000 + place)

    def line_number(self, order, place):
        return str(10 * place)


def test_orders_and_lines_bear_the_shops_own_numbers():
    def strict(record):
        assert int(record["number"]) > 4000
        assert [int(line["id"]) for line in record["lines"]] == [10, 20, 30][: len(record["lines"])]
        return map_order(record)

    case = contract(evolve(MOCK, maps={**MOCK.maps, "order": strict}), NumbersLines)
    case.test_every_order_survives_wording_and_mapping()
    case.test_parts_of_a_total_add_up()
    case.test_window_has_its_start_and_nothing_behind_its_end()


BAD_MAPS = {
    "no tax where it is small": lambda order: evolve(order, lines=tuple(map(_no_small_tax, order.lines))),
    "nothing shipped": lambda order: evolve(order, lines=tuple(evolve(line, shipped=0) for line in order.lines)),
    "zero for nothing": lambda order: evolve(order, total=order.total or Money(Decimal(0), "EUR")),
    "another time": lambda order: evolve(order, changed_at=datetime(2029, 1, 1, tzinfo=UTC)),
}

LOST_PARTS = [
    lambda order: evolve(order, lines=tuple(evolve(line, discount=None) for line in order.lines)),
    lambda order: evolve(order, discount=None),
    lambda order: evolve(order, shipping=None),
]


class TellsReducedPrices(MockShop):
    @route("GET /v1/orders")
    def list_orders(self, call):
        page = MockShop.list_orders(self, call)
        for line in (line for order in page["orders"] for line in order["lines"]):
            taken = Decimal(line.pop("discount") or 0)
            line["gross"] = line["gross"] and str(Decimal(line["gross"]) - taken)
        return page


def _map_reduced(record):
    return map_order(record | {"lines": [line | {"discount": None} for line in record["lines"]]})


def test_a_map_that_loses_a_part_of_the_total_fails():
    """Covers R43: the shop tells a discount, and the order is mapped without it."""
    for spoil in LOST_PARTS:
        maps = {**MOCK.maps, "order": lambda record, spoil=spoil: spoil(map_order(record))}
        with pytest.raises(AssertionError, match="lost in mapping"):
            contract(evolve(MOCK, maps=maps)).test_parts_of_a_total_add_up()


def test_a_discount_may_be_within_the_price():
    """A shop without a word for it tells what is left to pay."""
    case = contract(evolve(MOCK, maps={**MOCK.maps, "order": _map_reduced}), TellsReducedPrices)
    case.test_parts_of_a_total_add_up()
    case.test_every_order_survives_wording_and_mapping()


@pytest.mark.parametrize("spoil", BAD_MAPS.values(), ids=BAD_MAPS.keys())
def test_wrong_mapping_fails(spoil):
    maps = {**MOCK.maps, "order": lambda record: spoil(map_order(record))}
    with pytest.raises(AssertionError, match="became"):
        contract(evolve(MOCK, maps=maps)).test_every_order_survives_wording_and_mapping()


def _no_small_tax(line):
    return evolve(line, tax=None) if line.tax is not None and line.tax.amount < 1 else line
