"""A shop in the ways of many small ones: a key in the address, numbered pages, unit prices, paid orders only.

Code of docs/how-to/write-a-channel.md. What it does as the mock channel does is taken from there.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote

from attrs import evolve, frozen

from entrepot import channel, model
from entrepot.channel import Json
from entrepot.simulation import Answer, Call, Refusal, route
from entrepot_mock_channel import MOCK, wire
from entrepot_mock_channel.connector import MockSettings
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop, word_order
from tests.testing.recipes import OffsetPage, place

NOT_KNOWN = 404
PRECONDITION_REQUIRED = 428
"""HTTP's status for a write without If-Match."""

AMOUNTS = ("gross", "tax", "discount")


@frozen
class SmallConnector:
    http: channel.Http
    key: channel.Secret

    async def check(self, request: channel.Check) -> channel.CheckReport:
        await self.http.get("/v1/articles", params=self._asking(skus="NONE"), into=wire.StockPage)
        return channel.CheckReport()

    async def describe_account(self, request: channel.DescribeAccount) -> channel.AccountDescription:
        place = model.Marketplace("MOCK", "EUR", "Europe/Berlin", stock_pool="mock")
        return channel.AccountDescription((place,))

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        start, number = place(request, first=1)
        params = {"from": start, "to": request.window.end, "page": number, "size": request.page_size}
        page = await self.http.get("/v1/pages", params=self._asking(**params), into=OffsetPage)
        if len(page.orders) < request.page_size:
            return channel.RecordPage("order", page.orders)
        times = [datetime.fromisoformat(order["changed"]) for order in page.orders]
        first, last = min(times), max(times)
        read = number if last == start else 1
        following = 1 if first < last else read + 1
        return channel.RecordPage("order", page.orders, next_cursor=f"{last.isoformat()}|{following}")

    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        asked = ",".join(offer for offer in request.offers if "," not in offer)
        page = await self.http.get("/v1/articles", params=self._asking(skus=asked), into=wire.StockPage)
        return channel.RecordPage("stock", page.stock)

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        [item] = request.items
        path, body = f"/v1/articles/{quote(item.offer, safe='')}", {"quantity": item.quantity}
        headers = {"If-Match": "*"}
        try:
            await self.http.put(path, params=self._asking(), json=body, headers=headers, into=type(None))
        except channel.RejectedError as refused:
            return channel.PushReport({item.offer: str(refused)})
        return channel.PushReport({item.offer: None})

    def _asking(self, **params: object) -> dict[str, object]:
        return {**params, "key": self.key.reveal()}


def connect(settings: MockSettings, ports: channel.Ports) -> SmallConnector:
    return SmallConnector(ports.http(settings.url), settings.token)


def map_paid(record: Json) -> model.Order:
    lines = [line | {name: of_all(line[name], line["quantity"]) for name in AMOUNTS} for line in record["lines"]]
    return map_order({**record, "lines": lines})


def of_all(unit_price: str | None, units: int) -> Decimal | None:
    return None if unit_price is None else Decimal(unit_price) * units


class SmallShop(MockShop):
    unpaid: ClassVar[bool] = False
    unit_prices: ClassVar[bool] = True

    def carried_key(self, call: Call) -> str | None:
        return call.text("key", default=None)

    @route("GET /v1/pages", spends="orders")
    def list_pages(self, call: Call) -> Json:
        start, end, size = call.time("from"), call.time("to"), call.number("size")
        found = self.changed_at_offset(start, end, (call.number("page") - 1) * size, size)
        return {"orders": list(map(word_paid, found.orders))}

    @route("GET /v1/articles", spends="stock")
    def list_articles(self, call: Call) -> Json:
        asked = call.text("skus").split(",")
        return {"stock": [{"sku": sku, "quantity": self.stock[sku]} for sku in asked if sku in self.stock]}

    @route("PUT /v1/articles/{sku}", spends="stock")
    def set_article(self, call: Call) -> Json:
        if call.headers.get("if-match") != "*":
            raise Refusal(PRECONDITION_REQUIRED)
        if call.path["sku"] not in self.stock:
            raise Refusal(NOT_KNOWN)
        self.stock[call.path["sku"]] = call.body["quantity"]
        return Answer(204)


def word_paid(order: model.Order) -> Json:
    lines = [
        word | {name: of_one(getattr(line, name), line.ordered) for name in AMOUNTS}
        for word, line in zip(word_order(order)["lines"], order.lines, strict=True)
    ]
    return {**word_order(order), "lines": lines}


def of_one(amount: model.Money | None, units: int) -> str | None:
    return None if amount is None else str(amount.amount / units)


SMALL = evolve(
    MOCK,
    connect=connect,
    maps={**MOCK.maps, "order": map_paid},
    operations={
        "check": channel.Reads(spends={"stock": 1}),
        "describe_account": channel.Reads(),
        "fetch_orders": evolve(MOCK.operations["fetch_orders"], cursor_lifetime=None, settle_lag=timedelta(minutes=2)),
        "fetch_stock": channel.Reads(spends={"stock": 1}, page_size=20),
        "push_stock": channel.Writes(spends={"stock": 1}, batch_size=1, idempotent=True),
    },
)
