"""Door 2: what a connector can do. One connector object serves one account.

Every public method of a connector is an operation: `async def operation(self, request) -> result`. Operations come in
capabilities; a connector implements a capability whole (but for its optional operations) or not at all. `aclose` is
the one public method that is no operation.
"""

from typing import Protocol

from attrs import frozen

from entrepot.channel.hooks import hookspec
from entrepot.channel.operations import (
    AccountDescription,
    BulkStatus,
    BulkTicket,
    Check,
    CheckReport,
    DescribeAccount,
    FetchOrder,
    FetchOrders,
    FetchStock,
    FindBulk,
    FoundBulk,
    PollBulk,
    PushReport,
    PushStock,
    RecordPage,
    SubmitBulk,
)


class Required(Protocol):
    """Every connector."""

    @hookspec
    async def check(self, request: Check) -> CheckReport:
        """Prove the credentials and name missing permissions, changing nothing."""
        ...

    @hookspec
    async def describe_account(self, request: DescribeAccount) -> AccountDescription:
        """Name the marketplaces, with currency, time zone and stock pool."""
        ...


class Orders(Protocol):
    """Orders in. Map: `order`."""

    @hookspec
    async def fetch_orders(self, request: FetchOrders) -> RecordPage:
        """One page of the orders that changed in a window, however they changed."""
        ...

    @hookspec
    async def fetch_order(self, request: FetchOrder) -> RecordPage:
        """Optional. The orders with these ids."""
        ...


class Stock(Protocol):
    """Quantities out, and read back. Map: `stock`."""

    @hookspec
    async def fetch_stock(self, request: FetchStock) -> RecordPage:
        """What the channel shows now."""
        ...

    @hookspec
    async def push_stock(self, request: PushStock) -> PushReport:
        """Send absolute quantities; say per offer what became of it."""
        ...


class BulkStock(Protocol):
    """Many quantities in one job that the channel works off."""

    @hookspec
    async def submit_bulk(self, request: SubmitBulk) -> BulkTicket:
        """Start a job."""
        ...

    @hookspec
    async def poll_bulk(self, request: PollBulk) -> BulkStatus:
        """How far a job is."""
        ...

    @hookspec
    async def find_bulk(self, request: FindBulk) -> FoundBulk:
        """Find a job by the attempt that started it, after a crash between sending and noting its id."""
        ...


@frozen
class Capability:
    """A group of operations, the API version that added it, and the maps it needs."""

    name: str
    spec: type
    operations: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    maps: tuple[str, ...] = ()
    since: str = "1.0"


CAPABILITIES = (
    Capability("required", Required, ("check", "describe_account")),
    Capability("orders", Orders, ("fetch_orders", "fetch_order"), optional=frozenset({"fetch_order"}), maps=("order",)),
    Capability("stock", Stock, ("fetch_stock", "push_stock"), maps=("stock",)),
    Capability("bulk_stock", BulkStock, ("submit_bulk", "poll_bulk", "find_bulk")),
)
