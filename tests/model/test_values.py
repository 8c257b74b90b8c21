import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Secret
from entrepot.model import DEFAULT_LOCATION, Bundle, Money, Position, Sku, StockLevel
from entrepot.model.settlement import Settlement, SettlementLine
from tests.model.test_order import euros
from tests.store.values import NOON


@given(st.lists(st.integers(-500, 500)), st.integers(-500, 500))
def test_a_settlement_says_what_has_no_reason(cents, deposit):
    """Covers P7: to the cent, and in its own currency."""
    lines = tuple(SettlementLine("fee", Money(euros(cent).amount / 100, "EUR")) for cent in cents)
    settlement = Settlement("S1", NOON, NOON, Money(euros(deposit).amount / 100, "EUR"), lines)
    assert settlement.difference.amount * 100 == sum(cents) - deposit


def test_a_settlement_in_two_currencies_does_not_add_up_silently():
    """Covers P7."""
    lines = (SettlementLine("fee", Money(euros(1).amount, "USD")),)
    with pytest.raises(ValueError, match="of two currencies"):
        _ = Settlement("S1", NOON, NOON, euros(1), lines).difference


@pytest.mark.parametrize("parts", [{}, {Sku("MUG"): 0}, {Sku("MUG"): 1, Sku("CAP"): -1}])
def test_a_bundle_takes_something_of_each_article(parts):
    """Covers P4: a part of nothing would make the quantity infinite."""
    with pytest.raises(ValueError, match="at least one unit of each"):
        Bundle(1, parts)


@pytest.mark.parametrize("quantity", [1.0, "1", None, True, 10**10])
def test_a_stock_level_is_a_whole_number(quantity):
    with pytest.raises(ValueError, match="whole number"):
        StockLevel("MUG", quantity)


@given(st.integers(-50, 50), st.integers(0, 50))
def test_what_is_promised_beyond_what_is_there_is_short(on_hand, reserved):
    """Covers R50."""
    position = Position(Sku("MUG"), DEFAULT_LOCATION, on_hand, reserved)
    assert position.available == on_hand - reserved
    assert position.shortage == max(0, reserved - on_hand)


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{:>40}".format, "{!r}".format, "{!s}".format, "%s".__mod__, "%r".__mod__, ascii]
)
def test_a_secret_does_not_show_itself(show):
    """Covers P9: however it is printed, inside whatever."""
    secret = Secret("hunter2")
    for holder in (secret, [secret], {"token": secret}):
        if show in {repr, str, ascii} or holder is secret:
            assert "hunter2" not in show(holder)
    assert "hunter2" not in f"{secret:s}{secret}"
    assert secret.reveal() == "hunter2"
