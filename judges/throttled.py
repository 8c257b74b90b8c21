"""Two lists of Amazon's on a port, with its published token buckets, where time runs faster."""

import json
from collections import Counter
from urllib.parse import parse_qs

from attrs import Factory, define, field
from starlette.types import Receive, Scope, Send

from entrepot.quota import scaled
from entrepot.runtime import SystemClock
from entrepot.simulation.doubles.throttle import Bucket
from entrepot_amazon_sp.catalog import find
from judges.sandbox import TOKENS

TIME_SCALE = 200
ORDERS, PAGE = 4_000, 100
"""Orders of the list, and those that a page holds."""

SEARCH, ITEMS = "orders_2026-01-01.searchOrders", "ordersV0.getOrderItems"
SEARCHED = "/orders/2026-01-01/orders"

QUOTA_EXCEEDED = {"errors": [{"code": "QuotaExceeded", "message": "You exceeded your quota.", "details": ""}]}


def _bucket(operation: str) -> Bucket:
    return Bucket(scaled(find(operation).limit, TIME_SCALE), SystemClock().now())


@define
class Throttled:
    """An ASGI application. `calls` and `refused` count requests by operation, the refused ones in both."""

    buckets: dict[str, Bucket] = field(factory=lambda: {name: _bucket(name) for name in (SEARCH, ITEMS)})
    calls: Counter[str] = Factory(Counter)
    refused: Counter[str] = Factory(Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[str, str] = {}
        if scope["path"] == TOKENS:
            status, told = 200, {"access_token": "Atza|judge", "token_type": "bearer", "expires_in": 3600}
        else:
            operation = SEARCH if scope["path"] == SEARCHED else ITEMS
            status, told = self._answer(operation, scope["query_string"].decode())
            if status == 200:  # as Amazon does: the rate is told with what succeeds
                headers["x-amzn-RateLimit-Limit"] = str(find(operation).limit.per_second * TIME_SCALE)
        await _send(send, status, headers, json.dumps(told).encode())

    def _answer(self, operation: str, query: str) -> tuple[int, dict]:
        self.calls[operation] += 1
        if self.buckets[operation].take(SystemClock().now()) is not None:
            self.refused[operation] += 1
            return 429, QUOTA_EXCEEDED
        if operation == ITEMS:
            return 200, {"payload": {"AmazonOrderId": "1", "OrderItems": []}}
        first = int(parse_qs(query).get("paginationToken", ["0"])[0])
        orders = [{"orderId": str(number)} for number in range(first, first + PAGE)]
        following = {"nextToken": str(first + PAGE)} if first + PAGE < ORDERS else {}
        return 200, {"orders": orders, "pagination": following}


async def _send(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    told = {"content-type": "application/json", "content-length": str(len(body))} | headers
    raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
