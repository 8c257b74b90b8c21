"""Where the shop keeps things. One request for each operation; the loop around them is Entrepot's."""

from attrs import frozen

from entrepot import channel
from entrepot.model import Marketplace
from entrepot_mock_channel import wire
from entrepot_mock_channel.mapping import MARKETPLACE

NEEDED = frozenset({"orders", "stock"})

STATES = {"waiting": channel.BulkState.RUNNING, "done": channel.BulkState.DONE}


@frozen
class MockSettings:
    """An account's `settings` table in plugins.toml."""

    url: str
    token: channel.Secret


@frozen
class MockConnector:
    """One account. Public methods are operations; a helper would start with an underscore."""

    http: channel.Http

    async def check(self, request: channel.Check) -> channel.CheckReport:
        account = await self.http.get("/v1/account", into=wire.AccountDocument)
        return channel.CheckReport(missing=NEEDED - account.permissions)

    async def describe_account(self, request: channel.DescribeAccount) -> channel.AccountDescription:
        account = await self.http.get("/v1/account", into=wire.AccountDocument)
        mock = Marketplace(MARKETPLACE, account.currency, account.time_zone, stock_pool="mock")
        return channel.AccountDescription((mock,))

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """The cursor is the shop's own: a place in the list. A page number would skip orders after a change."""
        window = request.window
        params = {"from": window.start, "to": window.end, "after": request.cursor, "size": request.page_size}
        page = await self.http.get("/v1/orders", params=params, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders, next_cursor=page.next)

    async def fetch_order(self, request: channel.FetchOrder) -> channel.RecordPage:
        page = await self.http.get("/v1/orders/named", params={"number": request.ids}, into=wire.OrderPage)
        return channel.RecordPage("order", page.orders)

    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        page = await self.http.get("/v1/stock", params={"sku": request.offers}, into=wire.StockPage)
        return channel.RecordPage("stock", page.stock)

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        """Accepted is not yet effective: Entrepot reads each quantity back with `fetch_stock`."""
        answer = await self.http.put("/v1/stock", json=_quantities(request.items), into=wire.Refused)
        return channel.PushReport.of(request, rejected=answer.refused)

    async def submit_bulk(self, request: channel.SubmitBulk) -> channel.BulkTicket:
        body = {"attempt": request.attempt, "quantities": _quantities(request.items)}
        job = await self.http.post("/v1/bulk", json=body, into=wire.Job)
        return channel.BulkTicket(job.id)

    async def poll_bulk(self, request: channel.PollBulk) -> channel.BulkStatus:
        job = await self.http.get(f"/v1/bulk/{request.id}", into=wire.JobProgress)
        return channel.BulkStatus(STATES[job.state], channel.PushReport(job.results))

    async def find_bulk(self, request: channel.FindBulk) -> channel.FoundBulk:
        params = {"since": request.since, "attempt": request.attempt}
        jobs = await self.http.get("/v1/bulk", params=params, into=wire.Jobs)
        return channel.FoundBulk(channel.BulkTicket(jobs.ids[0]) if jobs.ids else None)


def connect(settings: MockSettings, ports: channel.Ports) -> MockConnector:
    return MockConnector(ports.http(settings.url, bearer=settings.token))


def _quantities(items: tuple[channel.StockItem, ...]) -> dict[str, int]:
    return {item.offer: item.quantity for item in items}
