"""Where the kiosk keeps things."""

import json
from urllib.parse import quote

from attrs import asdict, evolve, frozen

from entrepot import channel
from entrepot_kiosk import wire
from entrepot_kiosk.mapping import MARKETPLACE

NEEDED = frozenset({"orders", "articles"})

CHANGED_MEANWHILE = 412
"""HTTP's status for an If-Match that does not match."""

NOT_THERE = 404

TRIES = 2
"""Each is a read and a write; the facts of `push_stock` count four requests."""


@frozen
class KioskSettings:
    url: str
    api_key: channel.Secret


@frozen
class Pass:
    """What a cursor holds: how far the list is read, which orders it has shown, and which the pass before has.

    `gone` once the list is read: orders that are not open any more, still to be asked for.
    """

    after: str | None = None
    shown: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: str | None) -> "Pass":
        return channel.structure(json.loads(cursor), cls) if cursor else cls()

    def text(self) -> str:
        return json.dumps(asdict(self))


@frozen
class KioskConnector:
    http: channel.Http

    async def check(self, request: channel.Check) -> channel.CheckReport:
        me = await self.http.get("/me", into=wire.Me)
        return channel.CheckReport(missing=NEEDED - me.rights)

    async def describe_account(self, request: channel.DescribeAccount) -> channel.AccountDescription:
        return channel.AccountDescription((MARKETPLACE,))

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """The open orders, page by page; then those that were open in the pass before and are not any more."""
        at = Pass.read(request.cursor)
        if at.gone:
            asked, left = at.gone[: request.page_size], at.gone[request.page_size :]
            page = await self.http.get("/orders", params={"no": asked}, into=wire.OrderPage)
            return _page(page.orders, evolve(at, gone=left), more=bool(left))
        page = await self.http.get(
            "/orders/open", params={"after": at.after, "size": request.page_size}, into=wire.OrderPage
        )
        shown = tuple(dict.fromkeys([*at.shown, *(order["no"] for order in page.orders)]))
        if page.next:
            return _page(page.orders, evolve(at, after=page.next, shown=shown), more=True)
        gone = tuple(number for number in at.before if number not in shown)
        return _page(page.orders, evolve(at, shown=shown, gone=gone), more=bool(gone))

    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        """One document for each article, so one article for each call: `page_size` is 1."""
        [ean] = request.offers
        try:
            article = await self.http.get(f"/articles/{quote(ean, safe='')}", into=dict[str, channel.Json])
        except channel.RejectedError as refused:
            if refused.status != NOT_THERE:
                raise
            return channel.RecordPage("stock", [])  # an offer that the channel does not know is absent
        return channel.RecordPage("stock", [article])

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        """Read the document with its ETag, write it back with that, and begin again where somebody came between."""
        [item] = request.items
        path = f"/articles/{quote(item.offer, safe='')}"
        for _ in range(TRIES):
            try:
                read = await self.http.request("GET", path, into=dict[str, channel.Json])
                document = read.body | {"units": item.quantity}
                await self.http.put(path, json=document, headers={"If-Match": read.headers["etag"]}, into=wire.Article)
                return channel.PushReport({item.offer: None})
            except channel.RejectedError as refused:
                if refused.status != CHANGED_MEANWHILE:
                    return channel.PushReport({item.offer: str(refused)})
        return channel.PushReport({})  # absent: read back, and sent again


def connect(settings: KioskSettings, ports: channel.Ports) -> KioskConnector:
    return KioskConnector(ports.http(settings.url, key=settings.api_key, header="X-Kiosk-Key"))


def _page(records: list[channel.Json], at: Pass, *, more: bool) -> channel.RecordPage:
    """The last page of a pass tells the next one which orders were open."""
    if more:
        return channel.RecordPage("order", records, next_cursor=at.text())
    return channel.RecordPage("order", records, resume=Pass(before=at.shown).text())
