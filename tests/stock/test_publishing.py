from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from entrepot.model import Bundle, Publish, Sku
from entrepot.stock.mass_change import Share
from entrepot.stock.publishing import Verdict, desired_quantity, judge
from entrepot.stock.rules import Terms
from tests.store.values import minutes

small = st.integers(0, 12)
skus = st.sampled_from([Sku(name) for name in "ABC"])
parts = st.dictionaries(skus, st.integers(1, 4), min_size=1)
stock = st.fixed_dictionaries({Sku(name): st.integers(-9, 40) for name in "ABC"})
instants = st.integers(-5, 5).map(minutes)


keys = {
    "buffer": small,
    "share": st.sampled_from([Share(Decimal(percent)) for percent in ("0", "12.5", "50", "100")]),
    "cap": small,
    "stop_below": small,
    "publish": st.sampled_from(Publish),
}
terms = st.fixed_dictionaries({Sku(name): st.builds(Terms, **keys) for name in "ABC"})


def buffers(units):
    return {Sku(name): Terms(buffer=units) for name in "ABC"}


@given(stock, parts, small)
def test_what_is_shown_can_be_sent_and_leaves_the_buffer(available, parts, buffer):
    """Covers P4: and one bundle more could not."""
    shown = desired_quantity(available, Bundle(1, parts), buffers(buffer))
    assert shown >= 0
    if shown:
        assert all(available[sku] - shown * units >= buffer for sku, units in parts.items())
    assert any(available[sku] - (shown + 1) * units < buffer for sku, units in parts.items())


@given(stock, parts, terms)
def test_no_rule_shows_more_than_it_says(available, parts, terms):
    """Covers P4: of each article under its own terms."""
    shown = desired_quantity(available, Bundle(1, parts), terms)
    assert shown >= 0
    for sku, units in parts.items():
        left, says = max(0, available[sku] - terms[sku].buffer), terms[sku]
        assert shown * units <= left * says.share.percent / 100
        assert shown <= says.cap
        assert shown == 0 or available[sku] >= says.stop_below


@given(stock, parts, terms, skus, small)
def test_more_stock_never_shows_less(available, parts, terms, sku, more):
    fuller = available | {sku: available[sku] + more}
    bundle = Bundle(1, parts)
    assert desired_quantity(fuller, bundle, terms) >= desired_quantity(available, bundle, terms)


@given(stock, parts)
def test_without_a_rule_all_is_shown(available, parts):
    whole = min(max(0, available[sku]) // units for sku, units in parts.items())
    assert desired_quantity(available, Bundle(1, parts), {}) == whole


def test_the_share_is_of_what_the_buffer_leaves_and_rounded_down():
    half = {Sku("A"): Terms(buffer=1, share=Share(Decimal(50)), stop_below=3)}
    shown = [desired_quantity({Sku("A"): units}, Bundle(1, {Sku("A"): 1}), half) for units in (2, 3, 4, 8)]
    assert shown == [0, 1, 1, 3]


@given(stock, parts, small, skus)
def test_an_article_that_nobody_counted_makes_the_quantity_unknown(available, parts, buffer, unknown):
    """Covers P4: unknown is neither empty nor full."""
    assume(unknown in parts)
    assert desired_quantity(available | {unknown: None}, Bundle(1, parts), buffers(buffer)) is None
    absent = {sku: units for sku, units in available.items() if sku != unknown}
    assert desired_quantity(absent, Bundle(1, parts), buffers(buffer)) is None


@given(small, st.none() | small, small, small, st.booleans())
def test_verdicts(observed, desired, shown, sold, complete):
    """Covers P5: above desired goes down, what sales explain is effective, a mismatch alone proves nothing."""
    verdict = judge(observed, desired, shown, sold, orders_complete=complete)
    if desired is not None and observed > desired:
        assert verdict is Verdict.TOO_HIGH
    elif observed >= shown - sold:
        assert verdict is Verdict.EFFECTIVE
    else:
        assert verdict is (Verdict.DRIFTED if complete else Verdict.WAIT)


@given(small, st.none() | small, small, small)
def test_before_the_orders_are_known_no_observation_makes_a_wish(observed, desired, shown, sold):
    """Covers P4: it may be a sale that is not listed yet."""
    assert judge(observed, desired, shown, sold, orders_complete=False) is not Verdict.DRIFTED
