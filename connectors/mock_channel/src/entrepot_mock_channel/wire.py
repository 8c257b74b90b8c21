"""The documents that the shop sends, as far as they are read. Whatever else it sends stays in the raw document."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from entrepot import channel


@frozen
class AccountDocument:
    """`permissions` of the token, and the one marketplace that the shop has."""

    permissions: frozenset[str]
    currency: str
    time_zone: str


@frozen
class LineDocument:
    """Amounts are of all units, tax included; null until the order is paid."""

    id: str
    sku: str
    title: str
    quantity: int
    sent: int
    cancelled: int
    gross: Decimal | None
    tax: Decimal | None
    discount: Decimal | None


@frozen
class OrderDocument:
    number: str
    status: str
    placed: datetime
    changed: datetime
    currency: str
    discount: Decimal | None  # of the whole order, beside those of its lines
    shipping: Decimal | None
    total: Decimal | None
    lines: list[LineDocument]


@frozen
class StockDocument:
    sku: str
    quantity: int


@frozen
class OrderPage:
    """Records stay as they are: they are mapped, and kept, one by one."""

    orders: list[channel.Json]
    next: str | None = None


@frozen
class StockPage:
    stock: list[channel.Json]


@frozen
class Refused:
    """SKU to reason, of the quantities that were not taken."""

    refused: dict[str, str]


@frozen
class Job:
    id: str


@frozen
class JobProgress:
    """`results` once the job is done: null, or why the quantity was not taken."""

    state: str
    results: dict[str, str | None]


@frozen
class Jobs:
    ids: list[str]
