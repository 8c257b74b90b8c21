"""What Amazon's Orders API 2026-01-01 puts around its orders. Records stay as they are: they are mapped one by one."""

from attrs import frozen

from entrepot import channel


@frozen
class Pagination:
    nextToken: str | None = None


@frozen
class FoundOrders:
    """The answer of `searchOrders`."""

    orders: list[channel.Json]
    pagination: Pagination | None = None


@frozen
class OneOrder:
    """The answer of `getOrder`."""

    order: channel.Json
