"""The mock channel in the ways of other shops: code of docs/how-to/write-a-channel.md, each with its double."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from attrs import evolve, frozen

from entrepot import channel, model
from entrepot.channel import Json
from entrepot.simulation import Call, Refusal, route
from entrepot_mock_channel import MOCK, wire
from entrepot_mock_channel.connector import MockConnector, MockSettings
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop, word_order

EVER = datetime.min.replace(tzinfo=UTC)


def variant(connector, **changes):
    """The mock channel with another connector; `changes` of the facts of `fetch_orders`."""

    def connect(settings, ports):
        return connector(ports.http(settings.url, bearer=settings.token))

    lists = evolve(MOCK.operations["fetch_orders"], **changes)
    return evolve(MOCK, connect=connect, operations={**MOCK.operations, "fetch_orders": lists})


# A list of what has changed since a token


@frozen
class ChangePage:
    orders: list[Json]
    token: str
    more: bool


@frozen
class ChangesSinceToken(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """Without a token the API begins with everything."""
        params = {"since": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/changes", params=params, into=ChangePage)
        if page.more:
            return channel.RecordPage("order", page.orders, next_cursor=page.token)
        return channel.RecordPage("order", page.orders, resume=page.token)


class ChangeLog(MockShop):
    @route("GET /v1/changes", spends="orders")
    def list_changes(self, call: Call) -> Json:
        since, size = call.text("since", default=None), call.number("size")
        found = self.changed_between(EVER, self.now(), since, size)
        return {"orders": list(map(word_order, found.orders)), "token": found.cursor, "more": found.more}


CHANGE_LOG = variant(ChangesSinceToken, windowed=False, cursor_lifetime=None, settle_lag=timedelta(0))


# A log with numbers, of a shop that tells no time of change and sends whole orders only


@frozen
class Numbered:
    """Of an order in the log: the number of its last change."""

    seq: int


@frozen
class LogPage:
    orders: list[Json]
    last: int
    more: bool


@frozen
class ReadsLog(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        params = {"after": request.cursor or "0", "size": request.page_size}
        page = await self.http.get("/v1/log", params=params, into=LogPage)
        if page.more:
            return channel.RecordPage("order", page.orders, next_cursor=str(page.last))
        return channel.RecordPage("order", page.orders, resume=str(page.last))


def map_numbered(record: Json) -> model.Order:
    numbered = channel.structure(record, Numbered)
    order = map_order({**record, "changed": record["placed"]})  # the mock channel's map wants a time
    return evolve(order, changed_at=None, revision=numbered.seq)


class NumberedLog(MockShop):
    partial: ClassVar[bool] = False

    @route("GET /v1/log", spends="orders")
    def list_log(self, call: Call) -> Json:
        found = self.logged_after(call.number("after"), call.number("size"))
        return {"orders": list(map(word_numbered, found.orders)), "last": int(found.cursor), "more": found.more}

    @route("GET /v1/orders/named", spends="orders")
    def list_named_orders(self, call: Call) -> Json:
        known = [self.orders[number] for number in call.texts("number") if number in self.orders]
        return {"orders": list(map(word_numbered, known))}


def word_numbered(order: model.Order) -> Json:
    document = {**word_order(order), "seq": order.revision}
    del document["changed"]
    return document


NUMBERED_LOG = evolve(
    variant(ReadsLog, windowed=False, cursor_lifetime=None, settle_lag=timedelta(0)),
    maps={**MOCK.maps, "order": map_numbered},
    revision={"order": "revision"},
)


# No page that says whose key it is


@frozen
class ChecksByStock(MockConnector):
    async def check(self, request: channel.Check) -> channel.CheckReport:
        await self.http.get("/v1/stock", params={"sku": "NONE"}, into=wire.StockPage)
        return channel.CheckReport()


NO_PAGE = evolve(variant(ChecksByStock), operations={**MOCK.operations, "check": channel.Reads(spends={"stock": 1})})


# Offsets


@frozen
class OffsetPage:
    orders: list[Json]


def place(request: channel.FetchOrders, first: int) -> tuple[datetime, int]:
    """The instant at which a page begins, and its place within that: an offset, or a page's number."""
    if request.cursor is None:
        return request.window.start, first
    start, _, number = request.cursor.partition("|")
    return datetime.fromisoformat(start), int(number)


@frozen
class Offsets(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """Each page begins at the instant that ended the one before: an order told twice is no harm, one skipped is.

        Only where a whole page shares one instant, an offset leads on within it.
        """
        start, offset = place(request, first=0)
        params = {"from": start, "to": request.window.end, "offset": offset, "size": request.page_size}
        page = await self.http.get("/v1/offsets", params=params, into=OffsetPage)
        if len(page.orders) < request.page_size:
            return channel.RecordPage("order", page.orders)
        times = [datetime.fromisoformat(order["changed"]) for order in page.orders]
        first, last = min(times), max(times)
        skipped = offset if last == start else 0
        following = 0 if first < last else skipped + request.page_size
        return channel.RecordPage("order", page.orders, next_cursor=f"{last.isoformat()}|{following}")


class ListWithOffsets(MockShop):
    @route("GET /v1/offsets", spends="orders")
    def list_offsets(self, call: Call) -> Json:
        start, end = call.time("from"), call.time("to")
        found = self.changed_at_offset(start, end, call.number("offset"), call.number("size"))
        return {"orders": list(map(word_order, found.orders))}


OFFSETS = variant(Offsets, cursor_lifetime=None)


# Another way to prove who asks


@frozen
class BasicAuthorization:
    """A `channel.Authorization`: HTTP Basic, with a fixed user. There is nothing to renew."""

    user: str
    password: channel.Secret

    async def headers(self) -> Mapping[str, str]:
        pair = f"{self.user}:{self.password.reveal()}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}

    async def renew(self, refused: Mapping[str, str]) -> None:
        pass


def connect_with_password(settings: MockSettings, ports: channel.Ports) -> MockConnector:
    authorization: channel.Authorization = BasicAuthorization("entrepot", settings.token)
    return MockConnector(ports.http(settings.url, authorization=authorization))


class AsksForPassword(MockShop):
    def authorize(self, call: Call) -> None:
        expected = b64encode(b"entrepot:not-a-secret").decode()
        if call.headers.get("authorization") != f"Basic {expected}":
            raise Refusal(401)


BASIC = evolve(MOCK, connect=connect_with_password)


# Headers of a request and of an answer


@frozen
class KeyedJobs(MockConnector):
    async def submit_bulk(self, request: channel.SubmitBulk) -> channel.BulkTicket:
        """Sent again with the same key, it is the same job."""
        body = {"attempt": request.attempt, "quantities": {item.offer: item.quantity for item in request.items}}
        headers = {"Idempotency-Key": request.attempt}
        job = await self.http.post("/v1/keyed", json=body, headers=headers, into=wire.Job)
        return channel.BulkTicket(job.id)

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """The body is the bare list; a header has the next page's cursor."""
        window = request.window
        params = {"from": window.start, "to": window.end, "after": request.cursor, "size": request.page_size}
        reply = await self.http.request("GET", "/v1/bare", params=params, into=list[Json])
        return channel.RecordPage("order", reply.body, next_cursor=reply.headers.get("x-next-cursor"))


class TellsByHeaders(MockShop):
    following: str | None = None

    @route("POST /v1/keyed", spends="bulk")
    def start_keyed(self, call: Call) -> Json:
        if call.headers.get("idempotency-key") != call.body["attempt"]:
            raise Refusal(400, "no key")
        return self.start_job(call)

    @route("GET /v1/bare", spends="orders")
    def list_bare(self, call: Call) -> Json:
        page = self.list_orders(call)
        self.following = page["next"]
        return page["orders"]

    def answer_headers(self, call: Call, status: int, refusal: Refusal | None) -> Mapping[str, str]:
        headers = super().answer_headers(call, status, refusal)
        following, self.following = self.following, None
        return {**headers, "X-Next-Cursor": following} if following else headers


HEADERS = variant(KeyedJobs)
