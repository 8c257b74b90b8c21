"""Sales in whole numbers of the smallest coin, and as Amazon writes them: what a line's proceeds must come to."""

from decimal import Decimal

from attrs import frozen
from hypothesis import strategies as st

from entrepot.model import minor_digits

KINDS = ["ITEM", "SHIPPING", "GIFT_WRAP", "COD_FEE", "OTHER", "A_FEE_OF_2027"]


def money(units, currency):
    """1234 is `12.34` EUR and `1234` JPY."""
    return {"amount": str(Decimal(units).scaleb(-minor_digits(currency))), "currencyCode": currency}


@frozen
class Sale:
    """By kind: the price, the tax of it, and what is taken off it. `tax_off` is the tax of all that is taken off."""

    prices: dict[str, int]
    tax: dict[str, int]
    off: dict[str, int]
    tax_off: int
    sign: int  # with which Amazon writes a discount

    @property
    def all_tax(self):
        return sum(self.tax.values()) - self.tax_off

    def total(self, *, on_top):
        return sum(self.prices.values()) - sum(self.off.values()) + (self.all_tax if on_top else 0)

    def document(self, currency, *, on_top):
        details = self.tax | ({"DISCOUNT": -self.tax_off} if self.tax_off else {})
        taken = {kind: self.sign * units for kind, units in self.off.items()}
        parts = [{"type": kind, "subtotal": money(units, currency)} for kind, units in self.prices.items()]
        parts += [_detailed(name, part, currency) for name, part in (("TAX", details), ("DISCOUNT", taken)) if part]
        return {"proceedsTotal": money(self.total(on_top=on_top), currency), "breakdowns": parts}


def _detailed(name, parts, currency):
    details = [{"subtype": kind, "value": money(units, currency)} for kind, units in parts.items()]
    return {"type": name, "subtotal": money(sum(parts.values()), currency), "detailedBreakdowns": details}


@st.composite
def sales(draw):
    others = draw(st.dictionaries(st.sampled_from(KINDS[1:]), st.integers(1, 2000), max_size=2))
    prices = {"ITEM": draw(st.integers(1, 10**5))} | others
    taxed = draw(st.booleans())
    tax = {kind: draw(st.integers(0, units)) for kind, units in prices.items()} if taxed else {}
    off = {kind: draw(st.integers(0, units)) for kind, units in prices.items() if draw(st.booleans())}
    tax_off = draw(st.integers(0, min(sum(off.values()), sum(tax.values()))))
    return Sale(prices, tax, off, tax_off, draw(st.sampled_from([1, -1])))
