"""One account in virtual time: a connector, the shop that it talks to, and the network between them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from attrs import evolve

from entrepot import channel
from entrepot.channel import Ports, RecordPage
from entrepot.http import AccountHttp, grant
from entrepot.model import AccountId, Marketplace, Order, Window
from entrepot.quota import BucketKey, MemoryQuota
from entrepot.secrets import Redactor
from entrepot.simulation.doubles.keys import secrets_of
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.simulation.network.faults import NetworkFault
from entrepot.simulation.network.transport import EveryHost, Server, SimTransport
from entrepot.simulation.seeds import VirtualClock, stream
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.sync.records import revision_of
from entrepot.testing.listening import Heard, WriteFaults

ACCOUNT = AccountId("trial")

ODD_OFFER = "CUP/RED 50%25"
"""Where it is not quoted, it is another path; quoted or read twice, it is another id."""

QUANTITIES: Mapping[str, int] = {"TEA-250": 100_000, "MUG-BLUE": 100_000, "LAST-ONE": 1, "SOLD-OUT": 0, ODD_OFFER: 5}
"""What the shop shows at first."""

UNKNOWN_OFFER = "NEVER-LISTED"

LOOKS = 15
"""One a minute: many channels accept a quantity first and show it later."""

PAGES = 20
"""Beside two for each that the shop's orders fill: pages may be empty, and a list may move under its reader."""

T = TypeVar("T")

Between = Callable[[int], Awaitable[None]]
"""Called with the number of pages so far, between two pages."""


ENDS = "Next: take `next_cursor` from the end of the page; on the last page it is None"


class PagesRepeat(Exception):  # noqa: N818 - an event, not a mistake
    """A cursor came again, or a page with the same records."""


def portions(things: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """As many at once as one call takes."""
    return (tuple(things[start : start + size]) for start in range(0, len(things), size))


def _numbered(order: Order, shop: ShopDouble, marketplace: Marketplace, place: int) -> Order:
    number = shop.order_number(marketplace, place)
    lines = enumerate(order.lines, 1)
    return evolve(
        order,
        external_id=number,
        lines=tuple(evolve(line, external_id=shop.line_number(number, at)) for at, line in lines),
    )


class Trial:
    """`marketplaces` as the account's table in plugins.toml names them; none for all that it has."""

    def __init__(
        self,
        kind: channel.ChannelType,
        shop: type[ShopDouble],
        settings: Any,
        loop: VirtualLoop,
        seed: int,
        marketplaces: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.clock = VirtualClock(loop)
        config = channel.SimulatorConfig(ACCOUNT, marketplaces, settings, QUANTITIES)
        self.shop = shop(kind, config, self.clock, stream(seed, "shop"))
        redactor = Redactor()
        for secret in secrets_of(settings).values():
            redactor.remember(secret)
        self.heard = Heard(self.shop, redactor)
        servers = EveryHost(Server(self.heard, self.clock))
        self._faults = WriteFaults()
        self.network = SimTransport(servers, stream(seed, "network"), faults=self._faults)
        self._settings = settings
        self._marketplaces = marketplaces
        self._quota = MemoryQuota(kind.limits, self.clock)
        self.http = AccountHttp(
            kind, self.network, self.clock, ACCOUNT, user_agent="entrepot-contract", redactor=redactor
        )
        self.resume: str | None = None
        """What the last page of the pass before said."""
        self.connector: Any = None
        self.reconnect()

    def reconnect(self, settings: Any = None) -> None:
        """A new connector object, as after a restart; with other `settings`, as after a change of plugins.toml."""
        ports = Ports(
            ACCOUNT, channel.Environment.SIMULATOR, self._marketplaces, self.clock, self.http, self.http.vault
        )
        self.connector = self.kind.connect(settings or self._settings, ports)

    def reconnect_with_wrong_secrets(self) -> None:
        """As somebody does who pasted another account's."""
        wrong = {name: channel.Secret(f"not-{secret.reveal()}") for name, secret in secrets_of(self._settings).items()}
        assert wrong, (
            "the account's settings have no Secret. Next: make the key a `channel.Secret`; "
            "a shop that asks for none says `key_header = None` in its double"
        )
        self.reconnect(evolve(self._settings, **wrong))

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

    async def lose_write(self, fault: NetworkFault) -> None:
        """What befalls the next request that may change something, once the account has its token."""
        await self.call("check", channel.Check())
        self.heard.refused = ""
        self._faults.script = [fault]

    def map(self, page: RecordPage) -> list[Any]:
        """Raises RecordError, whatever the channel's function raised: the core takes all of it for a bad record."""
        try:
            return [self.kind.maps[page.kind](record) for record in page.records]
        except channel.RecordError:
            raise
        except Exception as error:
            raise channel.RecordError([f"{type(error).__name__}: {error}"]) from error

    def page_size(self, operation: str) -> int:
        """How many ids or offers one call takes."""
        facts = self.kind.operations[operation]
        assert isinstance(facts, channel.Reads)
        return facts.page_size

    def batch_size(self, operation: str) -> int:
        facts = self.kind.operations[operation]
        assert isinstance(facts, channel.Writes)
        return facts.batch_size

    # Stock

    async def push(self, quantities: Mapping[str, int]) -> dict[str, str | None]:
        """`push_stock`, as many offers a call as the channel takes; what became of each."""
        items = tuple(channel.StockItem(offer, quantity) for offer, quantity in quantities.items())
        results: dict[str, str | None] = {}
        for batch in portions(items, self.batch_size("push_stock")):
            report = await self.call("push_stock", channel.PushStock(batch, attempt="a1"))
            results |= report.results
        return results

    async def shown(self, *offers: str) -> dict[str, int]:
        """`fetch_stock`, page by page."""
        levels: dict[str, int] = {}
        for batch in portions(offers, self.page_size("fetch_stock")):
            cursor, pages = None, 0
            while True:
                page = await self.call("fetch_stock", channel.FetchStock(batch, cursor))
                levels |= {level.offer: level.quantity for level in self.map(page)}
                cursor, pages = page.next_cursor, pages + 1
                if cursor is None:
                    break
                assert pages < PAGES, f"fetch_stock does not end: {pages} pages for {len(batch)} offers. {ENDS}"
        return levels

    async def shown_in_time(self, expected: Mapping[str, int], *others: str) -> dict[str, int]:
        """What is shown as soon as it is `expected`, at the latest after the longest time that a write may take."""
        levels = await self.shown(*expected, *others)
        for _ in range(LOOKS):
            if levels == expected:
                break
            await asyncio.sleep(60)
            levels = await self.shown(*expected, *others)
        return levels

    # Orders

    async def named(self, *numbers: str) -> list[Order]:
        """`fetch_order`, as many ids a call as the channel takes."""
        told: list[Order] = []
        for ids in portions(numbers, self.page_size("fetch_order")):
            told += self.map(await self.call("fetch_order", channel.FetchOrder(ids)))
        return told

    async def marketplaces(self) -> tuple[Marketplace, ...]:
        described: channel.AccountDescription = await self.call("describe_account", channel.DescribeAccount())
        return described.marketplaces

    async def marketplace(self) -> Marketplace:
        return (await self.marketplaces())[0]

    async def numbered(self, *orders: Order, first: int = 1) -> list[Order]:
        """Orders with the numbers, of their lines too, that the shop gives to its `first` one and those after it."""
        places = {place.id: place for place in await self.marketplaces()}
        return [_numbered(order, self.shop, places[order.marketplace], at) for at, order in enumerate(orders, first)]

    async def place(self, count: int, *, apart: float = 1) -> list[Order]:
        """So many new orders, a second `apart`."""
        marketplace = await self.marketplace()
        placed = []
        for number in range(count):
            await asyncio.sleep(apart)
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
        """Every page of a pass, mapped; where the one before left off, or from `cursor`. Raises PagesRepeat."""
        told: list[Order] = []
        cursor = cursor or self.resume
        seen: set[str] = set()
        pages = 0
        while True:
            page = await self.page(window, cursor)
            told += self.map(page)
            pages += 1
            cursor = page.next_cursor
            if cursor is None:
                self.resume = page.resume
                return told
            marks = {f"cursor {cursor}", *([f"records {page.records!r}"] if page.records else [])}
            if marks & seen:
                raise PagesRepeat(f"page {pages} has the cursor or the records of an earlier one ({cursor}). {ENDS}")
            seen |= marks
            most = PAGES + 2 * len(self.shop.orders) // self.lists.page_size
            assert pages < most, f"the pass does not end: {pages} pages for {len(self.shop.orders)} orders. {ENDS}"
            if between is not None:
                await between(pages)

    def latest(self, told: Iterable[Order]) -> dict[str, Order]:
        """The newest version of each order, whatever sequence they came in. Raises RecordError: see `revision_of`."""
        return {order.external_id: order for order in sorted(told, key=partial(revision_of, self.kind))}


async def three_pages(trial: Trial, *, apart: float = 1) -> Window:
    """The window of so many new orders, a second `apart`."""
    start = trial.clock.now()
    await trial.place(2 * trial.lists.page_size + 1, apart=apart)
    return await trial.settled(start)
