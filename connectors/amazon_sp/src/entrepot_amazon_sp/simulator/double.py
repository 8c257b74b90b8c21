"""One seller's account at Amazon, all hosts of it: the routes, and what surrounds every answer."""

import re
from collections.abc import Mapping
from datetime import timedelta
from zlib import crc32

from attrs import evolve

from entrepot.channel import ChannelType, Json, Reads, SimulatorConfig
from entrepot.model import Marketplace, Order
from entrepot.runtime import Clock, Rng
from entrepot.simulation import UNMETERED, Call, CursorError, Refusal, ShopDouble, route
from entrepot_amazon_sp.plans import PLANS
from entrepot_amazon_sp.simulator import hosts, refusals
from entrepot_amazon_sp.simulator.inventory import Inventory
from entrepot_amazon_sp.simulator.order_words import word_order
from entrepot_amazon_sp.simulator.searches import UNSETTLED, read_included, read_search
from entrepot_amazon_sp.simulator.sellers import word_participations
from entrepot_amazon_sp.simulator.times import MILLISECOND, instant
from entrepot_amazon_sp.simulator.tokens import Tokens
from entrepot_amazon_sp.stores import Stores

TOKEN_LIFETIME = timedelta(hours=24)
"""Of pagination tokens."""

PERSONAL = frozenset({"BUYER", "RECIPIENT"})
"""Data sets that need a role."""

RATE_IS_TOLD = {200, 201, 202, 400, 404}
"""Answers that name the refill rate of their operation."""

ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")
PREFIXES: Mapping[str, str] = {"NA": "111", "EU": "302", "FE": "250"}

ITEM = "/listings/2021-08-01/items/{sellerId}/{sku:path}"


class AmazonDouble(ShopDouble):
    """`config.marketplaces` are codes of one region. `granted` are the personal data sets that the app has a role for.

    `withheld` are operations of Amazon's whose role it lacks, `worlds` the environments that it is good for: one in
    draft state only for the sandbox. `refused_data` are data sets of orders that are refused with a 400 that names
    them, or, without `names_refused_data`, with a 403 that says nothing.

    The application of `config.settings` has the consent of the seller `settings.seller_id`.
    """

    resolution = MILLISECOND

    def __init__(self, channel: ChannelType, config: SimulatorConfig, clock: Clock, rng: Rng) -> None:
        # What Amazon promises, and not what a connector says that it does.
        lists = Reads(settle_lag=UNSETTLED, cursor_lifetime=TOKEN_LIFETIME)
        super().__init__(evolve(channel, limits=PLANS, operations={"fetch_orders": lists}), config, clock, rng)
        self._rng, self._time_scale = rng, config.time_scale
        self._places = Stores.chosen(config.marketplaces).places
        self._region = self._places[0].region
        self._numbers_from = rng.randint(0, 10**7 - 1)
        self._tokens = Tokens(config.settings, rng, config.time_scale)
        self.inventory = Inventory(self, self._places, config.settings.seller_id, rng, config.time_scale)
        self.granted: frozenset[str] = frozenset()
        self.withheld: frozenset[str] = frozenset()
        self.worlds: frozenset[str] = frozenset({"production", "sandbox"})
        self.refused_data: frozenset[str] = frozenset()
        self.names_refused_data = True

    def revoke(self) -> None:
        """The seller takes the consent back: no more access tokens. Those that are out live to their end (a guess)."""
        self._tokens.revoked = True

    # Numbers

    def order_number(self, marketplace: Marketplace, place: int) -> str:
        """Three, seven and seven digits. Never the same for two orders of an account."""
        last = (self._numbers_from + place * 7_654_321) % 10**7
        return f"{PREFIXES[self._region]}-{crc32(f'{last}'.encode()) % 10**7:07d}-{last:07d}"

    def line_number(self, order: str, place: int) -> str:
        digits = order.replace("-", "")
        return f"{digits[-7:]}{digits[3:8]}{place:02d}"

    def parcel_number(self, order: str, place: int) -> str:
        return str(place)

    # Login with Amazon

    @route("POST /auth/o2/token", spends=UNMETERED, public=True)
    def grant_token(self, call: Call) -> Json:
        if hosts.host_of(call) != hosts.LWA:
            raise refusals.denied()
        return self._tokens.grant(call.body, self.now())

    # Selling Partner API

    @route("GET /", spends=UNMETERED, public=True)
    def ping(self, call: Call) -> Json:
        if hosts.region_of(hosts.host_of(call)) is None:
            raise Refusal(404)
        return {"timestamp": instant(self.now())}

    @route("GET /sellers/v1/marketplaceParticipations", spends="getMarketplaceParticipations")
    def get_marketplace_participations(self, call: Call) -> Json:
        return word_participations(self._places)

    @route("GET /orders/2026-01-01/orders", spends="searchOrders")
    def search_orders(self, call: Call) -> Json:
        search = read_search(call, self._region, self.now(), self._time_scale)
        self._check_data(search.included)
        try:
            found = self.changed_between(*search.window(), after=search.cursor, size=search.size, keep=search.keeps)
        except CursorError as outdated:
            raise refusals.invalid(f"The pagination token is not valid: {outdated}") from None
        following = {"pagination": {"nextToken": search.token(found.cursor)}} if found.more else {}
        orders = [self._word(order, search.included) for order in found.orders]
        return {"orders": orders} | following | {f"{search.by}Before": instant(search.before)}

    @route("GET /orders/2026-01-01/orders/{orderId}", spends="getOrder")
    def get_order(self, call: Call) -> Json:
        number, included = call.path["orderId"], read_included(call)
        self._check_data(included)
        if number not in self.orders:
            raise refusals.AmazonRefusal(404) if ORDER_ID.fullmatch(number) else refusals.invalid("orderId")
        return {"order": self._word(self.orders[number], included)}

    @route("GET /listings/2021-08-01/items/{sellerId}", spends="searchListingsItems")
    def search_listings_items(self, call: Call) -> Json:
        return self.inventory.search(call)

    @route(f"GET {ITEM}", spends="getListingsItem")
    def get_listings_item(self, call: Call) -> Json:
        return self.inventory.get(call)

    @route(f"PATCH {ITEM}", spends="patchListingsItem")
    def patch_listings_item(self, call: Call) -> Json:
        return self.inventory.patch(call)

    def _check_data(self, included: frozenset[str]) -> None:
        refused = sorted(included & self.refused_data)
        if refused and self.names_refused_data:
            raise refusals.invalid(f"Invalid value {refused[0]} for includedData.")
        if refused:
            raise refusals.denied()

    def _word(self, order: Order, included: frozenset[str]) -> Json:
        """Without the role, personal data sets are missing; that they are not refused is what most sellers see."""
        return word_order(order, included - PERSONAL | included & self.granted)

    # Around every answer

    def authorize(self, call: Call) -> None:
        host = hosts.host_of(call)
        if host == hosts.LWA:
            raise Refusal(404)
        region = hosts.region_of(host)
        if region is None or region.name != self._region:
            raise refusals.denied(f"The account is of region {self._region}; {host} is not (a guess).")
        self._tokens.check(call.headers.get("x-amz-access-token"), self.now())
        if call.limit in self.withheld or hosts.world_of(host) not in self.worlds:
            raise refusals.denied()

    def unknown_path(self, call: Call) -> Refusal:
        return Refusal(404) if hosts.host_of(call) == hosts.LWA else refusals.denied()

    def word_refusal(self, call: Call, refusal: Refusal) -> Json:
        if hosts.host_of(call) == hosts.LWA:
            return refusals.lwa_error(refusal, self._request_id())
        return refusals.error_list(refusal)

    def answer_headers(self, call: Call, status: int, refusal: Refusal | None) -> Mapping[str, str]:
        """Amazon tells the rate, never how much is left nor when to come again."""
        headers = {"x-amzn-RequestId": self._request_id()}
        if call.limit != UNMETERED and status in RATE_IS_TOLD:
            headers["x-amzn-RateLimit-Limit"] = str(PLANS[call.limit].per_second)
        if isinstance(refusal, refusals.LwaRefusal):
            headers["x-amzn-ErrorType"] = refusal.exception
        elif refusal is not None and status in refusals.EXCEPTIONS:
            headers["x-amzn-ErrorType"] = refusals.EXCEPTIONS[status]
        return headers

    def _request_id(self) -> str:
        digits = f"{self._rng.randint(0, 2**128 - 1):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
