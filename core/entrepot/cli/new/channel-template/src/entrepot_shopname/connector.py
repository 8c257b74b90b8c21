"""Where the shop keeps things. One request for each operation; the loop around them is Entrepot's."""

from attrs import frozen

from entrepot import channel
from entrepot_shopname import wire
from entrepot_shopname.mapping import MARKETPLACE

NEEDED = frozenset(
    {
        "orders",  # if orders
        "stock",  # if stock
    }
)

STATES = {"waiting": channel.BulkState.RUNNING, "done": channel.BulkState.DONE}  # if bulk_stock


@frozen
class ShopnameSettings:
    """An account's `settings` table in plugins.toml."""

    url: str
    token: channel.Secret


@frozen
class ShopnameConnector:
    """One account. Public methods are operations; a helper begins with an underscore."""

    http: channel.Http

    async def check(self, request: channel.Check) -> channel.CheckReport:
        account = await self.http.get("/v1/account", into=wire.Account)
        return channel.CheckReport(missing=NEEDED - account.permissions)

    async def describe_account(self, request: channel.DescribeAccount) -> channel.AccountDescription:
        """Where it sells. Without a request, as long as the shop has one marketplace for everybody."""
        return channel.AccountDescription((MARKETPLACE,))

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:  # if orders
        """The cursor is the shop's own: a place in the list. A page number would skip orders after a change."""
        window = request.window
        params = {"from": window.start, "to": window.end, "after": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/orders", params=params, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders, next_cursor=page.next)

    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:  # if stock
        page = await self.http.get("/v1/stock", params={"sku": request.offers}, into=wire.StockPage)
        return channel.RecordPage("stock", page.stock)

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:  # if stock
        """Accepted is not yet effective: Entrepot reads each quantity back with `fetch_stock`."""
        answer = await self.http.put("/v1/stock", json=_quantities(request.items), into=wire.Refused)
        return channel.PushReport.of(request, rejected=answer.refused)

    async def submit_bulk(self, request: channel.SubmitBulk) -> channel.BulkTicket:  # if bulk_stock
        body = {"attempt": request.attempt, "quantities": _quantities(request.items)}
        job = await self.http.post("/v1/bulk", json=body, into=wire.Job)
        return channel.BulkTicket(job.id)

    async def poll_bulk(self, request: channel.PollBulk) -> channel.BulkStatus:  # if bulk_stock
        job = await self.http.get(f"/v1/bulk/{request.id}", into=wire.Job)
        return channel.BulkStatus(STATES[job.state], channel.PushReport(job.results))

    async def find_bulk(self, request: channel.FindBulk) -> channel.FoundBulk:  # if bulk_stock
        params = {"since": request.since, "attempt": request.attempt}
        found = await self.http.get("/v1/bulk", params=params, into=wire.Jobs)
        return channel.FoundBulk(channel.BulkTicket(found.jobs[0].id) if found.jobs else None)


def connect(settings: ShopnameSettings, ports: channel.Ports) -> ShopnameConnector:
    return ShopnameConnector(ports.http(settings.url, bearer=settings.token))


def _quantities(items: tuple[channel.StockItem, ...]) -> dict[str, int]:  # if stock
    return {item.offer: item.quantity for item in items}
