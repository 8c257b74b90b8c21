"""The kiosk's documents, as far as they are read. Amounts are text, with a comma."""

from datetime import datetime

from attrs import frozen

from entrepot import channel


@frozen
class Me:
    rights: frozenset[str]


@frozen
class Item:
    """`price` of all units before the discount, tax included; absent until the order is paid."""

    no: str
    ean: str
    units: int
    sent: int
    void: int
    price: str | None = None
    off: str | None = None


@frozen
class Order:
    no: str
    state: str
    placed: datetime
    changed: datetime
    items: list[Item]
    off: str | None = None
    postage: str | None = None
    total: str | None = None


@frozen
class OrderPage:
    orders: list[channel.Json]
    next: str | None = None


@frozen
class Article:
    ean: str
    units: int
