"""The lines of a CSV file, and what each of them tells."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import DEFAULT_LOCATION, CountMeaning, Sku
from entrepot.stock.nearest import nearest
from entrepot.stock.sheet import Reading, Refusal, SheetError, ToldCount, columns_of, read_keys, read_lines, repeated
from tests.store.values import NOON, minutes

READING = Reading(CountMeaning.ON_HAND, NOON, minutes(1), ZoneInfo("Europe/Berlin"))
TEA = Sku("TEA")


def read(text, reading=READING):
    first, *rest = text.splitlines(keepends=True)
    return list(read_lines(rest, columns_of(first), reading))


def told(quantity, at=NOON, line=2, sku=TEA):
    return ToldCount(line, sku, DEFAULT_LOCATION, quantity, at)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_first_line_tells_the_delimiter_and_the_order_of_the_columns(delimiter):
    text = "Quantity,title, SKU\r\n7,Assam,TEA\r\n".replace(",", delimiter)
    assert read(text) == [told(7)]
    assert columns_of(text.splitlines()[0]).left_aside == ("title",)


@pytest.mark.parametrize("first", ["sku", "sku|quantity", "quantity;title", "", "sku quantity", "s\0k\0u\0,"])
def test_a_first_line_without_the_columns_is_refused_with_what_to_write(first):
    with pytest.raises(SheetError, match=r"names no columns sku and quantity.*Next: begin with sku,quantity"):
        columns_of(first)


def test_a_column_that_comes_twice_is_refused():
    with pytest.raises(SheetError, match="names quantity twice"):
        columns_of("sku,quantity,quantity")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("TEA,-3,,", "on hand -3; a count cannot be negative"),
        ("TEA,,,", "'' is no whole number"),
        ("TEA,12.5,,", "'12.5' is no whole number"),
        ("TEA,1e3,,", "'1e3' is no whole number"),
        ("TEA,\u0664,,", "'\u0664' is no whole number"),
        ("TEA,99999999999999999999999,,", "99999999999999999999999 units; the most is 1000000000"),
        (" ,4,,", "the SKU is empty"),
        ("TEA,4", "2 columns, where the first line has 4"),
        ("TEA,4,venlo,", "unknown location venlo; known: main"),
        ("TEA,4,,yesterday", "'yesterday' is no instant; write it as 2026-11-24T06:00"),
        ("TEA,4,,2026-11-25T06:00", "counted at 2026-11-25T06:00, which lies ahead"),
    ],
)
def test_a_line_that_cannot_be_taken_is_refused_by_its_number_and_the_next_one_is_read(cells, reason):
    text = f"sku,quantity,location,counted_at\n{cells}\n\nCUP,1,main,\n"
    refused, after = read(text)
    assert (refused.line, refused.reason) == (2, reason)
    assert after == told(1, line=4, sku=Sku("CUP"))


def test_an_instant_without_an_offset_is_the_operators_wall_clock():
    text = "sku,quantity,counted_at\nTEA,4,2026-11-24T06:00\nTEA,4,2026-11-24T06:00Z\n"
    berlin, greenwich = read(text)
    assert greenwich.counted_at - berlin.counted_at == timedelta(hours=1)
    assert berlin.counted_at.tzinfo is UTC


def test_a_stray_quote_tells_which_lines_were_lost():
    text = 'sku,quantity\nTEA,1\n"CUP,2\nMUG,3\nPOT,4\n'
    first, lost = read(text)
    assert first == told(1)
    assert isinstance(lost, Refusal)
    assert (lost.line, "lines 3 to 5 were not read" in lost.reason) == (3, True)


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.just(DEFAULT_LOCATION)), max_size=12))
def test_repeated_keys_are_those_that_come_more_than_once(keys):
    assert repeated(lambda: iter(keys)) == {key for key in keys if keys.count(key) > 1}


def test_keys_are_read_past_a_line_that_is_no_csv():
    columns = columns_of("sku,quantity")
    keys = read_keys(["A,1\n", '"B" x,1\n', "C\n", "D,1\n"], columns, DEFAULT_LOCATION)
    assert [sku for sku, _ in keys] == ["A", "D"]


@pytest.mark.parametrize("typed", ["TEA-ASAM-250", "TEA-ASSSAM-250", "TEA-ASSAM-205", "tea-assam-250", "TEA-ASSAN-250"])
def test_the_nearest_sku_is_one_slip_away(typed):
    assert nearest(typed, {"TEA-ASSAM-250", "MUG-BLUE"}) == "TEA-ASSAM-250"


def test_what_is_not_near_is_not_suggested():
    assert nearest("TEA", {"TEA-ASSAM-250", "MUG"}) is None
