from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction

import pytest
from attrs import frozen

from entrepot.channel import RecordError, Secret, structure


class Color(StrEnum):
    RED = "red"


class OldColor(str, Enum):  # noqa: UP042 - plugins are written like this, too
    RED = "red"


class Size(IntEnum):
    ONE = 1


class Shape(Enum):
    ROUND = "round"


@frozen
class Item:
    color: Color
    quantity: int = 0


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        ("red", Color, Color.RED),
        ("red", OldColor, OldColor.RED),
        (1, Size, Size.ONE),
        ("round", Shape, Shape.ROUND),
        (1, float, 1.0),
        (Decimal("1.5"), float, 1.5),
        ("1.10", Decimal, Decimal("1.10")),
        (3, Decimal, Decimal(3)),
        ("2026-11-24T13:00:00+01:00", datetime, datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (None, int | None, None),
        ("x", Secret, Secret("x")),
    ],
)
def test_what_fits_becomes_what_is_asked_for(value, kind, result):
    built = structure(value, kind)
    assert built == result
    assert type(built) is type(result)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("blue", Color),
        ("blue", OldColor),
        ("RED", Color),
        (1, Color),
        (None, Color),
        (2, Size),
        (True, Size),
        (1.0, Size),
        ("1", Size),
        ("square", Shape),
        (1.9, int),
        (True, int),
        ("1", int),
        (Decimal(1), int),
        (1, bool),
        (1, str),
        (None, str),
        ("1.5", float),
        (True, float),
        (1.1, Decimal),
        (True, Decimal),
        ("NaN", Decimal),
        ("one", Decimal),
        ("2026-11-24T12:00:00", datetime),
        ("yesterday", datetime),
        (1764000000, datetime),
        (1, Secret),
    ],
)
def test_nothing_is_coerced(value, kind):
    """Covers P7, R89: not a float to money, not a naive instant, not any text to an enumeration."""
    with pytest.raises(RecordError):
        structure(value, kind)


def test_a_value_that_an_enumeration_lacks_is_named_with_its_path_and_the_choices():
    """Covers P8."""
    with pytest.raises(RecordError) as caught:
        structure([{"color": "blue", "quantity": "3"}], list[Item])
    assert caught.value.reasons == [
        "'blue' is not a choice, which are \"red\" @ $[0].color",
        "expected int, found str '3' @ $[0].quantity",
    ]


def test_unknown_fields_are_ignored_and_missing_ones_named():
    """Covers P1: a channel adds fields without asking."""
    assert structure({"color": "red", "new": 1}, Item) == Item(Color.RED)
    with pytest.raises(RecordError, match="required field 'color' is missing"):
        structure({}, Item)


def test_what_may_be_absent_is_looked_up_when_it_is_there():
    """A class may hold itself, and a type that nobody can read as long as nobody sends it."""
    assert structure({"under": {"under": None}}, Branch) == Branch(Branch())
    with pytest.raises(RecordError, match=r"Unsupported type: .*Fraction.* @ \$\.under\.share"):
        structure({"under": {"share": "1/2"}}, Branch)


def test_a_secret_that_does_not_fit_is_not_printed():
    """Covers P9."""
    with pytest.raises(RecordError) as caught:
        structure({"token": ["hunter2"]}, Login)
    assert "token" in str(caught.value)


@frozen
class Branch:
    under: "Branch | None" = None
    share: Fraction | None = None


@frozen
class Login:
    token: Secret
