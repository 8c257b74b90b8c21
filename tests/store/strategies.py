"""Orders as hypothesis imagines them: everything that the model lets anybody build."""

from datetime import UTC
from decimal import Decimal

from hypothesis import strategies as st

from entrepot.model import DataSet, DataSetState, Fulfillment, Money, Order, OrderLine, OrderStatus, Package

texts = st.text(max_size=12)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
units = st.integers(0, 10**9)
amounts = st.integers(0, 8).flatmap(lambda places: st.decimals(-(10**15), 10**15, places=places)) | st.just(
    Decimal("1E+2")
)
money = st.builds(Money, amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
perhaps_money = st.none() | money

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
)
packages = st.builds(
    Package,
    external_id=texts,
    carrier=texts,
    tracking_number=texts,
    shipped_at=st.none() | instants,
    lines=st.dictionaries(texts, units, max_size=2),
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
)
