"""The shop's documents, as far as they are read. Whatever else it sends stays in the raw document."""

from datetime import datetime  # if orders
from decimal import Decimal  # if orders

from attrs import frozen

from entrepot import channel


@frozen
class Account:
    """`permissions` of the token."""

    permissions: frozenset[str]


@frozen  # if orders
class Line:
    """Amounts are of all units, tax included; null until the order is paid. `amount` is before the discount."""

    id: str
    sku: str
    quantity: int
    sent: int
    void: int
    amount: Decimal | None
    tax: Decimal | None
    discount: Decimal | None


@frozen  # if orders
class Order:
    number: str
    state: str
    placed: datetime
    changed: datetime
    currency: str
    discount: Decimal | None  # of the whole order, beside those of its lines
    shipping: Decimal | None
    total: Decimal | None
    lines: list[Line]


@frozen  # if orders
class OrderPage:
    """Records stay as they are: they are mapped, and kept, one by one."""

    orders: list[channel.Json]
    next: str | None


@frozen  # if stock
class Stock:
    sku: str
    quantity: int


@frozen  # if stock
class StockPage:
    stock: list[channel.Json]


@frozen  # if stock
class Refused:
    """SKU to reason, of the quantities that were not taken."""

    refused: dict[str, str]


@frozen  # if bulk_stock
class Job:
    """`results` once the job is done: null, or why the quantity was not taken."""

    id: str
    state: str
    results: dict[str, str | None]


@frozen  # if bulk_stock
class Jobs:
    jobs: list[Job]
