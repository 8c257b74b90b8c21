"""Amazon's proceeds as gross, tax, discount, shipping, other and total."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.orders.documents import amount, document, item, proceeds
from connectors.amazon_sp.tests.orders.proceeds import money, sales
from entrepot.model import Money, order_flaws
from entrepot_amazon_sp.mapping.orders import map_order
from entrepot_amazon_sp.places import PLACES

CURRENCIES = sorted({place.currency for place in PLACES.values()})


def mapped(*lines, total=None, parts=(), **more):
    """The order of these lines' proceeds; `parts` are the order's own breakdowns."""
    items = [item(str(number), proceeds=line) for number, line in enumerate(lines, 1)]
    own = proceeds(None, *parts) | ({} if total is None else {"grandTotal": amount(total, **more)})
    return map_order(document(*items, proceeds=own))


def told(holder, *names):
    """Amounts as text, "" for those that are not told."""
    amounts = [getattr(holder, name) for name in names]
    return [str(found.amount) if found else "" for found in amounts]


def of_order(order):
    return told(order, "shipping", "other", "discount", "tax", "total")


def of_line(order):
    return told(order.lines[0], "gross", "tax", "discount")


def test_a_european_price_holds_its_tax():
    order = mapped(
        proceeds(
            "34.70", ("ITEM", "29.80"), ("SHIPPING", "4.90"), ("TAX", "5.54", {"ITEM": "4.76", "SHIPPING": "0.78"})
        ),
        total="34.70",
    )
    assert of_line(order) == ["29.80", "4.76", ""]
    assert of_order(order) == ["4.90", "", "", "5.54", "34.70"]
    assert list(order_flaws(order)) == []


def test_an_american_tax_stands_on_top_of_what_it_is_on():
    order = mapped(
        proceeds(
            "38.10", ("ITEM", "30.00"), ("SHIPPING", "5.00"), ("TAX", "3.10", {"ITEM": "2.70", "SHIPPING": "0.40"})
        ),
        total="38.10",
    )
    assert of_line(order) == ["32.70", "2.70", ""]
    assert of_order(order) == ["5.40", "", "", "3.10", "38.10"]
    assert list(order_flaws(order)) == []


def test_a_tax_without_details_is_the_line_s():
    order = mapped(proceeds("33.00", ("ITEM", "30.00"), ("TAX", "3.00")), total="33.00")
    assert of_line(order) == ["33.00", "3.00", ""]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_discount_is_taken_off_whichever_sign_it_has(sign):
    off = ("DISCOUNT", f"{sign}5.00", {"ITEM": f"{sign}3.00", "SHIPPING": f"{sign}2.00"})
    order = mapped(proceeds("30.00", ("ITEM", "30.00"), ("SHIPPING", "5.00"), off), total="30.00")
    assert of_line(order) == ["30.00", "", "3.00"]
    assert of_order(order) == ["5.00", "", "2.00", "", "30.00"]
    assert list(order_flaws(order)) == []


def test_the_tax_of_a_discount_on_top_is_taken_off_with_it():
    tax = ("TAX", "1.80", {"ITEM": "2.00", "DISCOUNT": "-0.20"})
    order = mapped(proceeds("19.80", ("ITEM", "20.00"), tax, ("DISCOUNT", "-2.00", {"ITEM": "-2.00"})), total="19.80")
    assert of_line(order) == ["22.00", "1.80", "2.20"]
    assert of_order(order) == ["", "", "", "1.80", "19.80"]
    assert list(order_flaws(order)) == []


def test_free_shipping_is_taken_off_the_order_and_not_off_the_line():
    tax = ("TAX", "2.00", {"ITEM": "2.00", "SHIPPING": "0.50", "DISCOUNT": "-0.50"})
    off = ("DISCOUNT", "-5.00", {"SHIPPING": "-5.00"})
    order = mapped(proceeds("22.00", ("ITEM", "20.00"), ("SHIPPING", "5.00"), tax, off), total="22.00")
    assert of_line(order) == ["22.00", "2.00", "0.00"]
    assert of_order(order) == ["5.50", "", "5.50", "2.00", "22.00"]
    assert list(order_flaws(order)) == []


def test_gift_wrap_cash_on_delivery_and_unknown_fees_are_other_charges():
    parts = [("ITEM", "10.00"), ("GIFT_WRAP", "1.00"), ("COD_FEE", "2.00"), ("OTHER", "0.10"), ("PACKING_TAX", "0.25")]
    order = mapped(proceeds("13.35", *parts), total="13.35")
    assert of_order(order) == ["", "3.35", "", "", "13.35"]
    assert list(order_flaws(order)) == []


@pytest.mark.parametrize(("total", "other"), [("13.00", "3.00"), ("10.00", "")], ids=["in the total", "charged apart"])
def test_a_tip_counts_where_the_total_holds_it(total, other):
    order = mapped(proceeds("10.00", ("ITEM", "10.00")), total=total, parts=[("DELIVERY_TIP", "3.00")])
    assert of_order(order) == ["", other, "", "", total]
    assert list(order_flaws(order)) == []


def test_sums_over_the_lines_are_not_counted_twice():
    line = proceeds("12.00", ("ITEM", "10.00"), ("SHIPPING", "2.00"))
    order = mapped(line, line, total="24.00", parts=[("ITEM", "20.00"), ("SHIPPING", "4.00")])
    assert of_order(order) == ["4.00", "", "", "", "24.00"]
    assert list(order_flaws(order)) == []


def test_a_line_that_does_not_tell_is_taxed_as_the_others_or_as_the_order():
    silent = proceeds(None, ("ITEM", "10.00"), ("TAX", "1.00"))
    telling = proceeds("11.00", ("ITEM", "10.00"), ("TAX", "1.00"))
    assert told(mapped(telling, silent).lines[1], "gross") == ["11.00"]
    assert of_line(mapped(silent, total="11.00")) == ["11.00", "1.00", ""]
    assert of_line(mapped(silent, total="14.00", parts=[("DELIVERY_TIP", "3.00")])) == ["11.00", "1.00", ""]
    assert of_line(mapped(silent, total="10.00")) == ["10.00", "1.00", ""]
    assert of_line(mapped(silent)) == ["10.00", "1.00", ""]


def test_the_total_is_that_of_the_lines_where_amazon_tells_none():
    line = proceeds("10.00", ("ITEM", "10.00"))
    assert told(mapped(line, line), "total") == ["20.00"]
    assert told(mapped(line, proceeds(None, ("ITEM", "10.00"))), "total") == [""]


def test_contradictory_sums_are_kept_as_told_and_flagged():
    """Covers P7."""
    order = mapped(proceeds("99.00", ("ITEM", "10.00"), ("TAX", "1.00", {"SHIPPING": "7.00"})), total="99.00")
    assert of_line(order) == ["10.00", "1.00", ""]
    assert list(order_flaws(order)) == ["total 99.00 EUR differs from the sum of its parts 10.00 EUR"]


def test_two_currencies_are_kept_and_flagged():
    """Covers P7."""
    order = mapped(
        proceeds("12.00", ("ITEM", "10.00"), ("SHIPPING", "2.00")),
        proceeds("12.00", ("ITEM", "10.00"), ("SHIPPING", "2.00"), currency="USD"),
        total="24.00",
    )
    assert [str(line.gross) for line in order.lines] == ["10.00 EUR", "10.00 USD"]
    assert list(order_flaws(order)) == ["amounts are of two currencies or more: EUR, USD"]


def test_an_order_without_proceeds_has_no_money():
    order = map_order(document(item()))
    assert of_line(order) == ["", "", ""]
    assert of_order(order) == ["", "", "", "", ""]


def test_nothing_is_rounded():
    order = mapped(proceeds("10.123456", ("ITEM", "10.123456")), total="10.123456")
    assert order.total == order.lines[0].gross == Money(Decimal("10.123456"), "EUR")


@given(st.lists(sales(), min_size=1, max_size=3), st.sampled_from(CURRENCIES), st.booleans())
def test_what_adds_up_for_amazon_adds_up_for_us(lines, currency, on_top):
    """Covers P7: no sale is flagged, whatever is taxed, discounted and charged, in coins or without."""
    total = sum(line.total(on_top=on_top) for line in lines)
    items = [item(str(number), proceeds=line.document(currency, on_top=on_top)) for number, line in enumerate(lines)]
    order = map_order(document(*items, proceeds={"grandTotal": money(total, currency)}))
    assert list(order_flaws(order)) == []
    all_tax = [line.all_tax for line in lines if line.tax]
    assert [order.tax] == ([coins(sum(all_tax), currency)] if all_tax else [None])
    shows = on_top and any(all_tax)
    for line, sale in zip(order.lines, lines, strict=True):
        assert line.gross == coins(sale.prices["ITEM"] + (sale.tax.get("ITEM", 0) if shows else 0), currency)


def coins(units, currency):
    return Money(Decimal(money(units, currency)["amount"]), currency)
