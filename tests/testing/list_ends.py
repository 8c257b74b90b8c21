"""Where lists of other shops end: never, or with the last of so many pages. Code of docs/how-to/write-a-channel.md."""

from datetime import datetime
from math import ceil

from attrs import frozen

from entrepot import channel
from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_mock_channel import wire
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop, word_order
from tests.testing.recipes import place, variant

# A list with a start and no end


@frozen
class Since(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """What changed after the window is told in a later one: the list is cut off at its end."""
        params = {"modified_since": request.window.start, "after": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/since", params=params, into=wire.OrderPage)
        inside = [order for order in page.orders if datetime.fromisoformat(order["changed"]) < request.window.end]
        over = len(inside) < len(page.orders)
        return channel.RecordPage("order", inside, next_cursor=None if over else page.next)


class ListsSince(MockShop):
    @route("GET /v1/since", spends="orders")
    def list_since(self, call: Call) -> Json:
        after, size = call.text("after", default=None), call.number("size")
        found = self.changed_between(call.time("modified_since"), self.now(), after, size)
        return {"orders": list(map(word_order, found.orders)), "next": found.cursor if found.more else None}


SINCE = variant(Since)


# Page 3 of 7


@frozen
class PageOfMany:
    orders: list[Json]
    page: int
    pages: int


@frozen
class CountsPages(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        start, number = place(request, first=1)
        params = {"from": start, "to": request.window.end, "page": number, "size": request.page_size}
        page = await self.http.get("/v1/counted", params=params, into=PageOfMany)
        if page.page >= page.pages:
            return channel.RecordPage("order", page.orders)
        times = [datetime.fromisoformat(order["changed"]) for order in page.orders]
        first, last = min(times), max(times)
        read = number if last == start else 1
        following = 1 if first < last else read + 1
        return channel.RecordPage("order", page.orders, next_cursor=f"{last.isoformat()}|{following}")


class ListsPagesOfMany(MockShop):
    @route("GET /v1/counted", spends="orders")
    def list_counted(self, call: Call) -> Json:
        start, end, size, page = call.time("from"), call.time("to"), call.number("size"), call.number("page")
        found = self.changed_at_offset(start, end, (page - 1) * size, size)
        pages = ceil((found.total or 0) / size)
        return {"orders": list(map(word_order, found.orders)), "page": page, "pages": pages}


COUNTED_PAGES = variant(CountsPages, cursor_lifetime=None)
