"""Orders as hypothesis imagines them: everything that the model lets anybody build."""

from datetime import UTC
from decimal import Decimal

from hypothesis import strategies as st

from entrepot.model import (
    Address,
    Alias,
    Buyer,
    Cancellation,
    DataSet,
    DataSetState,
    Fulfillment,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    Package,
    PackageStatus,
    Payment,
    Recipient,
    RelatedOrder,
    TaxCollection,
    TimeRange,
)

texts = st.text(max_size=12)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
units = st.integers(0, 10**9)
amounts = st.integers(0, 8).flatmap(lambda places: st.decimals(-(10**15), 10**15, places=places)) | st.just(
    Decimal("1E+2")
)
money = st.builds(Money, amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
perhaps_money = st.none() | money


def some(*values):
    """Empty, or with one of them."""
    return st.sampled_from([(), *((value,) for value in values)])


ranges = st.none() | st.builds(TimeRange, st.none() | instants, st.none() | instants)
cancellations = st.sampled_from([None, Cancellation("BUYER"), Cancellation("us", "lost")])
related = some(RelatedOrder("A0", "replaces"), RelatedOrder("A0", "belongs to", "7"))

lines = st.builds(
    OrderLine,
    external_id=texts,
    offer=texts,
    ordered=units,
    shipped=units,
    cancelled=units,
    gross=perhaps_money,
    tax=perhaps_money,
    discount=perhaps_money,
    title=texts,
    product_id=texts,
    programs=some("subscription"),
    related=related,
    promotions=some("summer"),
    points_cost=perhaps_money,
    cancel_request=cancellations,
    cancellation=cancellations,
    gift_wrap=texts,
    deliver_by=ranges,
    tax_schemes=some("IOSS"),
    tax_collections=some(TaxCollection("facilitator", "the channel")),
)
packages = st.builds(
    Package,
    external_id=texts,
    carrier=texts,
    tracking_number=texts,
    shipped_at=st.none() | instants,
    lines=st.dictionaries(texts, units, max_size=2),
    service=texts,
    status=st.sampled_from(PackageStatus),
    status_text=texts,
    status_detail=texts,
)
orders = st.builds(
    Order,
    external_id=texts,
    marketplace=texts,
    status=st.sampled_from(OrderStatus),
    placed_at=instants,
    changed_at=instants,
    lines=st.lists(lines, max_size=3).map(tuple),
    status_text=texts,
    fulfillment=st.sampled_from(Fulfillment),
    shipping=perhaps_money,
    other=perhaps_money,
    discount=perhaps_money,
    tax=perhaps_money,
    total=perhaps_money,
    packages=st.lists(packages, max_size=2).map(tuple),
    data_sets=st.dictionaries(st.sampled_from(DataSet), st.sampled_from(DataSetState)),
    aliases=some(Alias("4711", "merchant")),
    programs=some("express"),
    related=related,
    service_level=texts,
    ship_by=ranges,
    deliver_by=ranges,
    payments=some(Payment("card")) | st.tuples(st.builds(Payment, texts, perhaps_money)),
    buyer=st.sampled_from([None, Buyer(), Buyer("Ada", email="a@example.org")]),
    recipient=st.sampled_from([None, Recipient(), Recipient(Address("Ada", lines=("1", "2")), "porch")]),
)
