"""One account in virtual time: a connector, the shop that it talks to, and the network between them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from entrepot import channel
from entrepot.channel import Ports, RecordPage
from entrepot.http import AccountHttp, grant
from entrepot.model import AccountId, Marketplace, Order, Window
from entrepot.quota import BucketKey, MemoryQuota
from entrepot.secrets import Redactor
from entrepot.simulation.faults import NetworkFault, ScriptedFaults
from entrepot.simulation.loop import VirtualLoop
from entrepot.simulation.seeds import VirtualClock, stream
from entrepot.simulation.shop import ShopDouble
from entrepot.simulation.transport import Server, SimTransport

ACCOUNT = AccountId("trial")

QUANTITIES: Mapping[str, int] = {"TEA-250": 100_000, "MUG-BLUE": 100_000, "LAST-ONE": 1, "SOLD-OUT": 0}
"""What the shop shows at first."""

UNKNOWN_OFFER = "NEVER-LISTED"

Between = Callable[[int], Awaitable[None]]
"""Called with the number of pages so far, between two pages."""


class PagesRepeat(Exception):  # noqa: N818 - an event, not a mistake
    """A cursor came again, or a page with the same records."""


class _AnyHost(Mapping[str, Server]):
    """Every host of this world is the shop."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getitem__(self, _host: str) -> Server:
        return self._server

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Trial:
    """`faults` befall the network's requests in turn."""

    def __init__(
        self,
        kind: channel.ChannelType,
        shop: type[ShopDouble],
        settings: Any,
        loop: VirtualLoop,
        seed: int,
        faults: Iterable[NetworkFault | None] = (),
    ) -> None:
        self.kind = kind
        self.clock = VirtualClock(loop)
        config = channel.SimulatorConfig(ACCOUNT, (), settings, QUANTITIES)
        self.shop = shop(kind, config, self.clock, stream(seed, "shop"))
        servers = _AnyHost(Server(self.shop, self.clock))
        self.network = SimTransport(servers, stream(seed, "network"), faults=ScriptedFaults(faults))
        self._settings = settings
        self._quota = MemoryQuota(kind.limits)
        self.http = AccountHttp(
            kind, self.network, self.clock, ACCOUNT, user_agent="entrepot-contract", redactor=Redactor()
        )
        self.connector: Any = None
        self.reconnect()

    def reconnect(self) -> None:
        """A new connector object, as after a restart."""
        ports = Ports(ACCOUNT, channel.Environment.SIMULATOR, (), self.clock, self.http)
        self.connector = self.kind.connect(self._settings, ports)

    async def call(self, operation: str, request: Any) -> Any:
        """Make one operation as the core does: reserve what it spends, and let it make no other request."""
        facts = self.kind.operations.get(operation)
        keys = {BucketKey(ACCOUNT, limit): units for limit, units in facts.spends.items()} if facts else {}
        for key, units in keys.items():
            await self._quota.acquire(key, units)
        try:
            with grant(operation, facts):
                return await getattr(self.connector, operation)(request)
        finally:
            for key in keys:
                self._quota.answered(key)

    def map(self, page: RecordPage) -> list[Any]:
        return [self.kind.maps[page.kind](record) for record in page.records]

    # Orders

    async def marketplace(self) -> Marketplace:
        described = await self.call("describe_account", channel.DescribeAccount())
        first: Marketplace = described.marketplaces[0]
        return first

    async def place(self, count: int) -> list[Order]:
        """So many new orders, a second apart."""
        marketplace = await self.marketplace()
        placed = []
        for number in range(count):
            await asyncio.sleep(1)
            placed.append(self.shop.place({"TEA-250": 1 + number % 3, "MUG-BLUE": 1}, marketplace))
        return placed

    async def settled(self, start: datetime) -> Window:
        """Let every change until now come into the lists; the window that holds the changes since `start`."""
        await asyncio.sleep(1)
        end = self.clock.now()
        await asyncio.sleep(self.lists.settle_lag.total_seconds())
        return Window(start, end)

    @property
    def lists(self) -> channel.Reads:
        facts = self.kind.operations["fetch_orders"]
        assert isinstance(facts, channel.Reads)
        return facts

    async def page(self, window: Window, cursor: str | None = None) -> RecordPage:
        request = channel.FetchOrders(window, self.lists.page_size, cursor)
        page: RecordPage = await self.call("fetch_orders", request)
        return page

    async def pull(self, window: Window, between: Between | None = None, cursor: str | None = None) -> list[Order]:
        """Every page of a window, mapped. Raises PagesRepeat."""
        told: list[Order] = []
        seen: set[str] = set()
        pages = 0
        while True:
            page = await self.page(window, cursor)
            told += self.map(page)
            pages += 1
            cursor = page.next_cursor
            if cursor is None:
                return told
            marks = {f"cursor {cursor}", *([f"records {page.records!r}"] if page.records else [])}
            if marks & seen:
                raise PagesRepeat(f"page {pages} after {window.start} is not new")
            seen |= marks
            if between is not None:
                await between(pages)

    def latest(self, told: Iterable[Order]) -> dict[str, Order]:
        """The newest version of each order, whatever sequence they came in."""
        revision = self.kind.revision["order"]
        return {order.external_id: order for order in sorted(told, key=lambda order: getattr(order, revision))}
