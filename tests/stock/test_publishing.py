from hypothesis import assume, given
from hypothesis import strategies as st

from entrepot.model import Bundle, Sku
from entrepot.stock.publishing import Verdict, desired_quantity, judge
from tests.store.values import minutes

small = st.integers(0, 12)
skus = st.sampled_from([Sku(name) for name in "ABC"])
parts = st.dictionaries(skus, st.integers(1, 4), min_size=1)
stock = st.fixed_dictionaries({Sku(name): st.integers(-9, 40) for name in "ABC"})
instants = st.integers(-5, 5).map(minutes)


@given(stock, parts, small)
def test_what_is_shown_can_be_sent_and_leaves_the_buffer(available, parts, buffer):
    """Covers P4: and one bundle more could not."""
    shown = desired_quantity(available, Bundle(1, parts), buffer)
    assert shown >= 0
    if shown:
        assert all(available[sku] - shown * units >= buffer for sku, units in parts.items())
    assert any(available[sku] - (shown + 1) * units < buffer for sku, units in parts.items())


@given(stock, parts, small, skus)
def test_an_article_that_nobody_counted_makes_the_quantity_unknown(available, parts, buffer, unknown):
    """Covers P4: unknown is neither empty nor full."""
    assume(unknown in parts)
    assert desired_quantity(available | {unknown: None}, Bundle(1, parts), buffer) is None
    absent = {sku: units for sku, units in available.items() if sku != unknown}
    assert desired_quantity(absent, Bundle(1, parts), buffer) is None


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
