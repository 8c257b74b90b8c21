"""Where lists of other shops end or go on: never, with the last of so many pages, behind a time and an id.

Code of docs/how-to/write-a-channel.md.
"""

from datetime import datetime
from math import ceil

from attrs import frozen

from entrepot import channel, model
from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_mock_channel import wire
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop, word_order
from tests.testing.recipes import OffsetPage, place, variant

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


# A list sorted by change and id, which goes on behind both


@frozen
class BehindTimeAndId(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        start, _, number = (request.cursor or f"{request.window.start.isoformat()}|").partition("|")
        params = {"from": start, "after_id": number, "to": request.window.end, "size": request.page_size}
        page = await self.http.get("/v1/behind", params=params, into=OffsetPage)
        if len(page.orders) < request.page_size:
            return channel.RecordPage("order", page.orders)
        last = page.orders[-1]
        return channel.RecordPage("order", page.orders, next_cursor=f"{last['changed']}|{last['number']}")


class ListsBehind(MockShop):
    @route("GET /v1/behind", spends="orders")
    def list_behind(self, call: Call) -> Json:
        start, end, size = call.time("from"), call.time("to"), call.number("size")
        place = (start, call.text("after_id", default=""))

        def behind(order: model.Order) -> bool:
            return (order.changed_at, order.external_id) > place

        found = self.changed_between(start, end, None, size, behind)
        while found.more and not found.orders:  # such a list has no page without orders
            found = self.changed_between(start, end, found.cursor, size, behind)
        return {"orders": list(map(word_order, found.orders))}


BEHIND = variant(BehindTimeAndId, cursor_lifetime=None)
