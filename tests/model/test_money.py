from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.model import Money, minor_digits, total
from tests.store.strategies import amounts

euros = st.builds(Money, amounts, st.just("EUR"))
EURO = Money(Decimal("1.50"), "EUR")


@pytest.mark.parametrize("amount", [1.5, 1, True, "1.50", None, Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_is_an_exact_finite_decimal(amount):
    """Covers P7: no float, and no whole number whose unit nobody knows."""
    with pytest.raises((TypeError, ValueError), match="an amount of money is a"):
        Money(amount, "EUR")


@pytest.mark.parametrize("amount", ["1E+30", "123456789012345678901", "0.000000001", "12345678901234567890.123456789"])
def test_an_amount_of_more_digits_than_arithmetic_keeps_is_refused(amount):
    """Covers P7: it would be rounded silently."""
    with pytest.raises(ValueError, match="up to 20 digits and 8 decimals"):
        Money(Decimal(amount), "EUR")


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R"])
def test_a_currency_is_three_capitals(currency):
    with pytest.raises(ValueError, match="three capitals"):
        Money(Decimal(1), currency)


def test_currencies_do_not_mix():
    """Covers P7."""
    yen = Money(Decimal(100), "JPY")
    for mix in (lambda: EURO + yen, lambda: EURO - yen, lambda: total([EURO, yen], "EUR")):
        with pytest.raises(ValueError, match="of two currencies"):
            mix()
    assert Money(Decimal("1.50"), "USD") != EURO


@pytest.mark.parametrize("factor", [1.5, True, Decimal(2), "2"])
def test_money_is_multiplied_by_whole_units_only(factor):
    """Covers P7, R43."""
    with pytest.raises(TypeError, match="whole quantity"):
        EURO * factor


def test_amounts_of_money_have_no_order():
    """Two currencies have none, so no two amounts do."""
    with pytest.raises(TypeError):
        sorted([EURO, EURO])


@given(st.lists(st.none() | st.integers(-(10**9), 10**9).map(lambda cents: Money(Decimal(cents) / 100, "EUR"))))
def test_a_total_is_exact_and_absent_amounts_are_nothing(parts):
    """Covers P7."""
    cents = sum(int(part.amount * 100) for part in parts if part is not None)
    assert total(parts, "EUR").amount * 100 == cents
    assert total(reversed(parts), "EUR") == total(parts, "EUR")


@given(euros)
def test_an_amount_taken_off_itself_is_nothing(amount):
    assert (amount + -amount).amount == 0
    assert (amount - amount).amount == 0
    assert amount * 3 == amount + amount + amount


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_digits_come_from_the_standard(currency, digits):
    assert minor_digits(currency) == digits
    with pytest.raises(ValueError, match="XXY"):
        minor_digits("XXY")


def test_it_is_shown_as_it_was_given():
    assert str(EURO) == "1.50 EUR"
