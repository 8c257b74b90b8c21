"""Where Amazon keeps things: one account's operations of the Selling Partner API.

Paths and parameters are those of Amazon's models orders_2026-01-01, listingsItems_2021-08-01 and sellers.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from attrs import define, frozen

from entrepot import channel
from entrepot.model import Fulfillment, Marketplace
from entrepot.runtime import Clock
from entrepot_amazon_sp.authorization.ages import Credentials
from entrepot_amazon_sp.authorization.tokens import authorize
from entrepot_amazon_sp.mapping.stock import MERCHANT, errors_of, fulfillment_of, word_issue
from entrepot_amazon_sp.order_data import asked_for, refused_data
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.stock_search import Progress, searches
from entrepot_amazon_sp.stores import Stores, ids_of
from entrepot_amazon_sp.wire import answers, listings, sellers

ORDERS = "/orders/2026-01-01/orders"
LISTINGS = "/listings/2021-08-01/items"
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"

LISTING_DATA = "summaries,productTypes,fulfillmentAvailability"
STOCK_DATA = "fulfillmentAvailability,issues"

MOST_FOUND = 20
"""Listings on a page of the search, and SKUs that it takes."""

ANY_PRODUCT = "PRODUCT"
"""The product type with which Amazon takes changes of an offer where the listing names none."""

REMEMBERED = timedelta(days=1)
"""Where a seller sells changes seldom, and Amazon lets it be asked once a minute."""

CALLED = (
    "application_2023-11-30.rotateApplicationClientSecret",
    "listingsItems_2021-08-01.getListingsItem",
    "listingsItems_2021-08-01.patchListingsItem",
    "listingsItems_2021-08-01.searchListingsItems",
    "orders_2026-01-01.getOrder",
    "orders_2026-01-01.searchOrders",
    "sellers.getMarketplaceParticipations",
)
"""Operations of the catalog."""

BAD_REQUEST, NOT_FOUND = 400, 404


@frozen
class KnownParticipation:
    """The ids of the marketplaces in which the seller takes part, as Amazon said at `asked_at`."""

    asked_at: datetime
    marketplace_ids: frozenset[str]


@define
class AmazonConnector:
    """One account. Public methods are operations."""

    _http: channel.Http
    _seller: str
    _credentials: Credentials
    _stores: Stores
    _clock: Clock
    _participation: KnownParticipation | None = None

    async def check(self, request: channel.Check) -> channel.CheckReport:
        """Always asks: only an answer proves that the credentials are good."""
        told = await self._ask_participation()
        absent = (place for place in self._stores.places if place.id not in told.marketplace_ids)
        from entrepot_amazon_sp.retirement import retired_operations  # noqa: PLC0415 - a start goes without the catalog

        missing = frozenset(f"participation in {place.code} ({place.domain})" for place in absent)
        return channel.CheckReport(
            missing, warnings=await self._credentials.warnings(), retired=retired_operations(CALLED)
        )

    async def describe_account(self, request: channel.DescribeAccount) -> channel.AccountDescription:
        """Those of the configured stores in which the seller takes part."""
        known = self._participation
        if known is None or self._clock.now() - known.asked_at >= REMEMBERED:
            known = await self._ask_participation()
        return channel.AccountDescription(
            tuple(
                Marketplace(place.code, place.currency, place.time_zone, place.stock_pool)
                for place in self._stores.places
                if place.id in known.marketplace_ids
            )
        )

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """Everything but the token is the same on each page of a pass: Amazon refuses a token otherwise."""
        params = {
            "lastUpdatedAfter": request.window.start,
            "lastUpdatedBefore": request.window.end,
            "marketplaceIds": self._stores.ids,
            "includedData": asked_for(request.without),
            "maxResultsPerPage": request.page_size,
            "paginationToken": request.cursor,
        }
        try:
            page = await self._http.get(ORDERS, params=params, into=answers.FoundOrders)
        except (channel.ForbiddenError, channel.RejectedError) as refused:
            less = refused_data(refused, request.without)
            if less is not None:
                raise less from refused
            if request.cursor is None or refused.status != BAD_REQUEST:
                raise
            raise _expired(refused) from refused
        return channel.RecordPage("order", page.orders, page.pagination.nextToken if page.pagination else None)

    async def fetch_order(self, request: channel.FetchOrder) -> channel.RecordPage:
        [number] = request.ids  # the declared page_size is 1
        path = f"{ORDERS}/{_quoted(number)}"
        try:
            params = {"includedData": asked_for(request.without)}
            answer = await self._http.get(path, params=params, into=answers.OneOrder)
        except (channel.ForbiddenError, channel.RejectedError) as refused:
            if refused.status == NOT_FOUND:
                return channel.RecordPage("order", ())
            less = refused_data(refused, request.without)
            if less is None:
                raise
            raise less from refused
        return channel.RecordPage("order", (answer.order,))

    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        """One search; an offer's record is told when every stock pool was looked at, and travels in the cursor."""
        wanted = searches(request.offers, self._stores.pools)
        progress = Progress.parse(request.cursor) if request.cursor else Progress(0, {})
        if progress.done < len(wanted):
            skus, pool = wanted[progress.done]
            progress = progress.seeing(pool[0].code, await self._search(skus, pool))
        if progress.done < len(wanted):
            return channel.RecordPage("stock", (), progress.dump())
        return channel.RecordPage("stock", progress.records())

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        """Looks at the listing first. Accepted is not yet effective: Entrepot reads each quantity back."""
        [item] = request.items  # the declared batch_size is 1
        try:
            listing = await self._listing(item.offer)
        except channel.RejectedError as refused:
            if refused.status != NOT_FOUND:
                raise
            return channel.PushReport({item.offer: f"Amazon lists no such SKU in {self._stores.codes}"})
        obstacle = _obstacle(listing)
        if obstacle:
            return channel.PushReport({item.offer: obstacle})
        return _report(item, await self._patch(item, listing))

    async def _ask_participation(self) -> KnownParticipation:
        asked_at = self._clock.now()
        told = await self._http.get(PARTICIPATIONS, into=sellers.MarketplaceParticipations)
        ids = frozenset(each.marketplace.id for each in told.payload if each.participation.isParticipating)
        self._participation = KnownParticipation(asked_at, ids)
        return self._participation

    async def _search(self, skus: tuple[str, ...], pool: tuple[Place, ...]) -> list[dict[str, channel.Json]]:
        params = {
            "marketplaceIds": ids_of(pool),
            "identifiersType": "SKU",
            "identifiers": ",".join(skus),
            "includedData": STOCK_DATA,
            "pageSize": MOST_FOUND,
        }
        found = await self._http.get(
            f"{LISTINGS}/{_quoted(self._seller)}", params=params, into=listings.ItemSearchResults
        )
        return [item for item in found.items if item.get("sku") in skus]

    async def _listing(self, sku: str) -> listings.Item:
        """Raises TransientError for an answer about another SKU, as the sandbox gives: it says nothing of this one."""
        params = {"marketplaceIds": self._stores.ids, "includedData": LISTING_DATA}
        listing = await self._http.get(self._path(sku), params=params, into=listings.Item, spend="getListingsItem")
        if listing.sku != sku:
            raise channel.TransientError(f"Amazon was asked for SKU {sku!r} and told of {listing.sku!r}")
        return listing

    async def _patch(self, item: channel.StockItem, listing: listings.Item) -> listings.Submission:
        """By `merge`, which leaves the lead time as it is, in the stores that list the SKU."""
        types = {each.marketplaceId: each.productType for each in (*listing.summaries, *listing.productTypes)}
        stores = self._stores.among(types)
        value = {"fulfillment_channel_code": MERCHANT, "quantity": item.quantity}
        body = {
            "productType": types.get(stores.places[0].id) or ANY_PRODUCT,
            "patches": [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}],
        }
        return await self._http.patch(
            self._path(item.offer),
            params={"marketplaceIds": stores.ids},
            json=body,
            into=listings.Submission,
            spend="patchListingsItem",
        )

    def _path(self, sku: str) -> str:
        return f"{LISTINGS}/{_quoted(self._seller)}/{_quoted(sku)}"


def connect(settings: AmazonSettings, ports: channel.Ports) -> AmazonConnector:
    """Raises ValueError for marketplaces that are not stores of one region."""
    stores = Stores.chosen(ports.marketplaces)
    sandbox = ports.environment is channel.Environment.SANDBOX
    host = stores.region.sandbox if sandbox else stores.region.endpoint
    authorization = authorize(settings, ports)
    credentials = Credentials(ports.account, settings, ports.vault, ports.clock, authorization)
    http = ports.http(host, authorization=authorization)
    return AmazonConnector(http, settings.seller_id, credentials, stores, ports.clock)


def _quoted(part: str) -> str:
    """A part of a path, its slashes included."""
    return quote(part, safe="")


def _expired(refused: channel.ChannelError) -> channel.CursorExpired:
    """Amazon has no word of its own for a token that is older than a day."""
    return channel.CursorExpired(
        str(refused),
        status=refused.status,
        code=refused.code,
        request_id=refused.request_id,
        details=refused.details,
    )


def _obstacle(listing: listings.Item) -> str:
    """Why a quantity must not be sent: it would take an offer from Amazon's warehouses to ours."""
    if not listing.fulfillmentAvailability:
        return "Amazon does not say who fulfills it. Next: set its quantity once in Seller Central"
    if fulfillment_of(listing) is Fulfillment.CHANNEL:
        return "Amazon fulfills it, and a quantity of ours would change that"
    return ""


def _report(item: channel.StockItem, answer: listings.Submission) -> channel.PushReport:
    """What neither accepts nor refuses this SKU tells nothing: its outcome is unknown."""
    if answer.sku != item.offer or answer.status not in {"ACCEPTED", "INVALID"}:
        return channel.PushReport({})
    if answer.status == "ACCEPTED":
        return channel.PushReport({item.offer: None})
    reasons = errors_of(answer.issues) or [word_issue(issue) for issue in answer.issues]
    return channel.PushReport({item.offer: "; ".join(reasons) or "Amazon calls it INVALID and gives no reason"})
