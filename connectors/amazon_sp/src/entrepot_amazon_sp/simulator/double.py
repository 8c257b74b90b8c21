"""One seller's account at Amazon, all hosts of it: its APIs, and what surrounds every answer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from entrepot.channel import ChannelType, Json, Limit, Reads, SimulatorConfig
from entrepot.model import Fulfillment, Marketplace, Order
from entrepot.runtime import Clock, Rng
from entrepot.simulation import MANIFOLD, UNMETERED, Call, Refusal, ShopDouble, SoldOut, limits_of, route
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator import edge, hosts, refusals
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.authorization.application import Application, ApplicationManagement
from entrepot_amazon_sp.simulator.authorization.restricted import RestrictedDataTokens
from entrepot_amazon_sp.simulator.authorization.tokens import NO_CONSENT, Tokens
from entrepot_amazon_sp.simulator.catalog.api import CatalogItems
from entrepot_amazon_sp.simulator.faults import AMAZON_FAULTS, AmazonFault
from entrepot_amazon_sp.simulator.fba.api import FbaInventory
from entrepot_amazon_sp.simulator.fba.stock import FbaStock
from entrepot_amazon_sp.simulator.feeds.api import Feeds
from entrepot_amazon_sp.simulator.listings.api import ListingsItems
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.listings.product_types import ProductTypes
from entrepot_amazon_sp.simulator.listings.troubles import Troubles
from entrepot_amazon_sp.simulator.notifications import Notifications
from entrepot_amazon_sp.simulator.notifications.destinations import Destinations
from entrepot_amazon_sp.simulator.notifications.queues import MemoryQueues, Queues
from entrepot_amazon_sp.simulator.notifications.subscriptions import Subscriptions
from entrepot_amazon_sp.simulator.orders.numbers import OrderNumbers, item_number
from entrepot_amazon_sp.simulator.orders.orders_2026 import PERSONAL, Orders
from entrepot_amazon_sp.simulator.orders.orders_v0 import OrdersV0
from entrepot_amazon_sp.simulator.orders.searches import UNSETTLED
from entrepot_amazon_sp.simulator.orders.statuses import AWAITING
from entrepot_amazon_sp.simulator.reports.api import Reports, Rights
from entrepot_amazon_sp.simulator.reports.data import Data
from entrepot_amazon_sp.simulator.reports.schedules import ReportSchedules
from entrepot_amazon_sp.simulator.sellers import Sellers
from entrepot_amazon_sp.simulator.storage import Storage
from entrepot_amazon_sp.simulator.times import MILLISECOND, instant
from entrepot_amazon_sp.simulator.unsimulated import operation_at
from entrepot_amazon_sp.simulator.usage_plans import UsagePlans
from entrepot_amazon_sp.stores import Stores

TOKEN_LIFETIME = timedelta(hours=24)
"""Of pagination tokens."""

APIS = (
    *(Sellers, Orders, OrdersV0, ListingsItems, Feeds, Reports, ReportSchedules, FbaInventory),
    *(ApplicationManagement, RestrictedDataTokens, ProductTypes, CatalogItems),
    *(Destinations, Subscriptions),
)


class AmazonDouble(ShopDouble):
    """`config.marketplaces` are codes of one region. `granted` are the personal data sets that the app has a role for.

    `withheld` are operations of Amazon's whose role it lacks, `worlds` the environments that it is good for: one in
    draft state only for the sandbox. `refused_data` are data sets of orders that are refused with a 400 that names
    them, or, without `names_refused_data`, with a 403 that says nothing.

    The application of `config.settings` has the consent of the seller `settings.seller_id` where they have a refresh
    token; else the seller gives it, to whomever opens the page in Seller Central.

    Notifications go to `queues`: to some in memory unless told otherwise.
    """

    resolution = MILLISECOND
    awaiting = AWAITING
    habits = MANIFOLD
    own_faults = AMAZON_FAULTS
    named_by_limit = True
    id_header = "x-amzn-RequestId"
    grantable = PERSONAL
    growing = frozenset({"fulfillmentStatus", "fulfilledBy", "status"})

    def __init__(
        self,
        channel: ChannelType,
        config: SimulatorConfig,
        clock: Clock,
        rng: Rng,
        tokens: Tokens | None = None,
        queues: Queues | None = None,
    ) -> None:
        # What Amazon promises, and not what a connector says that it does.
        lists = Reads(settle_lag=UNSETTLED, cursor_lifetime=TOKEN_LIFETIME)
        self._tokens = tokens or Tokens(Application(config.settings, rng, config.time_scale), rng, config.time_scale)
        self._plans = UsagePlans(limits_of(APIS), self.application.buckets, config.time_scale)
        super().__init__(
            evolve(channel, limits=self._plans.by_bucket, operations={"fetch_orders": lists}), config, clock, rng
        )
        places = Stores.chosen(config.marketplaces).places
        self._account = Account(self, places, config.settings.seller_id, rng, config.time_scale)
        first = rng.randint(0, 10**7 - 1)
        number = self._tokens.enroll(self.seller, config.settings.refresh_token)
        self._numbers = OrderNumbers(self.region, number, first)
        self.withheld: frozenset[str] = frozenset()
        self.worlds: frozenset[str] = frozenset({"production", "sandbox"})
        self.refused_data: frozenset[str] = frozenset()
        self.names_refused_data = True
        self.inventory = Inventory(self._account, self.faults, config)
        self.troubles = Troubles(self._account, self.inventory)
        self._fba_stock = FbaStock(self._account, self.inventory)
        self.queues = queues or MemoryQueues(self)
        self.notifications = self._notifications()
        self._storage = Storage(self._account, self.faults)
        self.feeds = Feeds(self._account, self._storage, self.inventory, self.faults, self.notifications.job_ended)
        self.include(*self._stateless(), *self._about_stock(), self.feeds, self._storage)
        self.include(ProductTypes(self._account, self._storage), CatalogItems(self._account, self.inventory))
        self.include(*self.notifications.apis)
        self.stock.watchers += [self._fba_stock.offer_changes, self.notifications.offer_changes]

    def _notifications(self) -> Notifications:
        register = self.application.register(self.region)
        return Notifications(self._account, register, self.queues, self.faults, self.inventory, self._fba_stock)

    def _stateless(self) -> Sequence[object]:
        return (
            Sellers(self._account, self.faults),
            Orders(self._account, lambda: self.granted, self._check_data),
            OrdersV0(self._account, self._tokens.elements),
            RestrictedDataTokens(self._tokens, self, lambda: self.granted),
            ListingsItems(self._account, self.inventory),
            ApplicationManagement(self.application, self),
        )

    def _about_stock(self) -> Sequence[object]:
        data = Data(self._account, self.inventory, self._fba_stock)
        rights = Rights(lambda: self.granted, self._tokens.opens)
        told = self.notifications.job_ended
        self.reports = Reports(self._account, self._storage, data, self.faults, told, rights)
        return self.reports, ReportSchedules(self._account, self.reports), FbaInventory(self._account, self._fba_stock)

    @property
    def seller(self) -> str:
        return self._account.seller

    @property
    def region(self) -> str:
        return self._account.region

    def keeps(self, document: str) -> bool:
        """Whether the document of a feed or a report, by its id, is this seller's."""
        return self._storage.find(document) is not None

    @property
    def application(self) -> Application:
        return self._tokens.application

    @property
    def given_out(self) -> Collection[str]:
        """Access tokens of the application, of the last hours."""
        return self._tokens.given_out

    def revoke(self) -> None:
        """The seller takes the consent back: no more access tokens. Those that are out live to their end (a guess)."""
        self._tokens.revoke(self._account.seller)

    def truths(self) -> Mapping[str, Json]:
        """What was called accepted and did nothing, and offers taken from Amazon or suppressed now.

        And what is sent to the queue that the application's developer registered, and what became of notifications.
        """
        self.catch_up()
        silent = [{"feed": each.feed, "sku": each.sku} for each in self.inventory.without_effect]
        return {
            "without_effect": silent,
            "converted": self.inventory.converted,
            "suppressed": self.inventory.suppressed(),
            "report_causes": self.reports.causes(),
            "new_secrets": self.application.new_secrets,
            "notifications": [notice.word() for notice in self.notifications.notices],
        }

    # Buyers

    def place(self, units: Mapping[str, int], marketplace: Marketplace) -> Order:
        """Raises SoldOut also for an offer that this store does not have, or that is suppressed there."""
        for sku in units:
            listing = self.inventory.listing(sku)
            if listing is None or not listing.is_offered(PLACES[marketplace.id].id):
                raise SoldOut(sku)
        return super().place(units, marketplace)

    def fulfillment_of(self, offer: str) -> Fulfillment:
        listing = self.inventory.listing(offer)
        return Fulfillment.CHANNEL if listing and listing.is_sent_by_amazon else Fulfillment.MERCHANT

    def put(self, order: Order, *, late: timedelta = timedelta()) -> Order:
        self.catch_up()
        before = self.orders.get(order.external_id)
        self.notifications.order_changes(order)
        order = super().put(order, late=late)
        self._fba_stock.order_changed(before, order)
        self.notifications.order_changed(before, order)
        return order

    def title_of(self, offer: str) -> str:
        listing = self.inventory.listing(offer)
        return listing.known_title if listing else ""

    def unit_price(self, offer: str, marketplace: str) -> Decimal:
        listing = self.inventory.listing(offer)
        return super().unit_price(offer, marketplace) if listing is None else listing.price(PLACES[marketplace].id)

    # Numbers

    def order_number(self, marketplace: Marketplace, place: int) -> str:
        return self._numbers.order(place)

    def line_number(self, order: str, place: int) -> str:
        return item_number(order, place)

    def parcel_number(self, order: str, place: int) -> str:
        return str(place)

    # Login with Amazon

    @route(f"POST {hosts.TOKEN_PATH}", spends=UNMETERED, public=True)
    def grant_token(self, call: Call) -> Json:
        if not hosts.is_lwa(call):
            raise refusals.denied()
        if self.faults.strikes(AmazonFault.REVOKED_CONSENT):
            raise refusals.LwaRefusal(400, "invalid_grant", NO_CONSENT)
        return self._tokens.grant(call.body, self.now())

    # Seller Central

    @route("GET /apps/authorize/consent", spends=UNMETERED, public=True)
    def consent(self, call: Call) -> Json:
        host = hosts.host_of(call)
        if host not in hosts.SELLER_CENTRALS and not hosts.is_own(host):
            raise refusals.denied()
        return self._tokens.consent(call, self._account.seller, self.now())

    # Selling Partner API

    @route("GET /", spends=UNMETERED, public=True)
    def ping(self, call: Call) -> Json:
        host = hosts.host_of(call)
        if not hosts.is_own(host) and hosts.region_of(host) is None:
            raise Refusal(404)
        return {"timestamp": instant(self.now())}

    # Around every answer

    def _check_store(self, call: Call) -> None:
        named = ",".join([*call.texts("marketplaceIds"), *call.texts("MarketplaceIds")])
        if self._account.places[-1].id in named.split(",") and self.faults.strikes(AmazonFault.STORE_DOWN, call=call):
            raise refusals.AmazonRefusal(500)

    def _check_data(self, included: frozenset[str]) -> None:
        refused = sorted(included & self.refused_data)
        if refused and self.names_refused_data:
            raise refusals.invalid(f"Invalid value {refused[0]} for includedData.")
        if refused:
            raise refusals.denied()

    def authorize(self, call: Call) -> None:
        host = hosts.host_of(call)
        if host == hosts.LWA:
            raise Refusal(404)
        elsewhere = not hosts.is_own(host) and hosts.region_of(host) != self.region
        if elsewhere and not hosts.is_sandbox(call):
            raise refusals.denied(f"The account is of region {self.region}; {host} is not.")
        if self.faults.strikes(AmazonFault.EXPIRED_TOKEN, call=call):
            self._tokens.expire(call, self.now())
        edge.check_request(call)
        self._tokens.check(call, self.now())
        self._check_store(call)
        world = "sandbox" if hosts.is_sandbox(call) else "production"
        if call.limit in self.withheld or world not in self.worlds:
            raise refusals.denied()

    def admit(self, call: Call) -> None:
        if call.limit == UNMETERED:
            return
        try:
            self._plans.spend_shared(call, self.now())
        except Refusal:
            self.throttled[self.bucket(call)] += 1
            raise

    def bucket(self, call: Call) -> str:
        return self._plans.bucket(call)

    def resize(self, limit: str, plan: Limit) -> None:
        """The plan of this seller for an operation, which Amazon lets grow and shrink with the business."""
        super().resize(limit, plan)
        self._plans.by_bucket[limit] = plan

    def unknown_path(self, call: Call) -> Refusal:
        if hosts.host_of(call) == hosts.LWA:
            return Refusal(404)
        operation = operation_at(call.method, call.target)
        return refusals.not_simulated(f"Operation {operation.id}") if operation else refusals.denied()

    def word_refusal(self, call: Call, refusal: Refusal) -> Json:
        return edge.word(call, refusal, self._account.uuid())

    def answer_headers(self, call: Call, status: int, refusal: Refusal | None) -> Mapping[str, str]:
        rate = {} if isinstance(refusal, edge.ImproperRequest) else self._plans.told(call, status)
        return {"x-amzn-RequestId": self._account.uuid()} | rate | edge.headers_of(refusal)
