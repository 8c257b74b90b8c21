"""Feeds API 2021-06-30: documents up, feeds processed, processing reports down."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from entrepot.channel import Json
from entrepot.simulation import Answer, Call, FaultPoints, route
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.feeds.fulfillment_feed import process_fulfillment
from entrepot_amazon_sp.simulator.feeds.listings_feed import ListingsFeed
from entrepot_amazon_sp.simulator.jobs import Ended, Job, Jobs, Names, Outcome
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid, not_simulated
from entrepot_amazon_sp.simulator.storage import Document, Storage

FEEDS = "/feeds/2021-06-30/feeds"
DOCUMENTS = "/feeds/2021-06-30/documents"

LISTINGS, FULFILLMENT = "JSON_LISTINGS_FEED", "POST_ORDER_FULFILLMENT_DATA"

REMOVED = frozenset(
    [
        *("POST_PRODUCT_DATA", "POST_INVENTORY_AVAILABILITY_DATA", "POST_PRODUCT_OVERRIDES_DATA"),
        *("POST_PRODUCT_PRICING_DATA", "POST_PRODUCT_IMAGE_DATA", "POST_PRODUCT_RELATIONSHIP_DATA"),
        *("POST_FLAT_FILE_INVLOADER_DATA", "POST_FLAT_FILE_LISTINGS_DATA", "POST_FLAT_FILE_BOOKLOADER_DATA"),
        *("POST_FLAT_FILE_CONVERGENCE_LISTINGS_DATA", "POST_FLAT_FILE_PRICEANDQUANTITYONLY_UPDATE_DATA"),
        "POST_UIEE_BOOKLOADER_DATA",
    ]
)
"""Ended on 2025-07-31: such a feed is accepted, and ends FATAL."""

OTHERS = frozenset(
    [
        *("POST_ORDER_ACKNOWLEDGEMENT_DATA", "POST_PAYMENT_ADJUSTMENT_DATA", "POST_INVOICE_CONFIRMATION_DATA"),
        *(
            "POST_EXPECTED_SHIP_DATE_SOD",
            "POST_FLAT_FILE_FULFILLMENT_DATA",
            "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA",
        ),
        *("POST_FLAT_FILE_PAYMENT_ADJUSTMENT_DATA", "POST_EXPECTED_SHIP_DATE_SOD_FLAT_FILE", "UPLOAD_VAT_INVOICE"),
        *("POST_FULFILLMENT_ORDER_REQUEST_DATA", "POST_FULFILLMENT_ORDER_CANCELLATION_REQUEST_DATA"),
        *("POST_FBA_INBOUND_CARTON_CONTENTS", "POST_FLAT_FILE_FBA_CREATE_REMOVAL", "POST_EASYSHIP_DOCUMENTS"),
    ]
)
"""Amazon takes them, the simulator does not."""

KEPT = timedelta(days=28)
"""Feeds and their documents, by Amazon's pages; its model still says 90."""

UNUSED = timedelta(days=2)
"""How long a document waits for its feed."""

MOST_STORES = 25
MOST_LISTINGS_FEEDS, LISTINGS_SPAN = 5, timedelta(minutes=5)


class Feeds:
    """`listings` knows what feeds did, and what they only said that they did."""

    def __init__(
        self, account: Account, storage: Storage, inventory: Inventory, faults: FaultPoints, ended: Ended
    ) -> None:
        self._account = account
        self._storage = storage
        self._faults = faults
        self._jobs = Jobs(account, Names("feed", "resultFeedDocumentId"), KEPT, ended)
        self._unused: set[str] = set()
        self.listings = ListingsFeed(account, inventory, faults)

    @route(f"POST {DOCUMENTS}", spends="createFeedDocument")
    def create_feed_document(self, call: Call) -> Json:
        content_type = call.body.get("contentType") if isinstance(call.body, Mapping) else None
        if not content_type or not isinstance(content_type, str):
            raise invalid("contentType is missing.")
        document = self._storage.open(content_type)
        self._unused.add(document.id)
        return Answer(201, {"feedDocumentId": document.id, "url": self._storage.upload_link(call, document)})

    @route(f"GET {DOCUMENTS}/{{feedDocumentId}}", spends="getFeedDocument")
    def get_feed_document(self, call: Call) -> Json:
        document = self._storage.kept(call.path["feedDocumentId"], KEPT)
        return {"feedDocumentId": document.id} | self._storage.word_link(call, document)

    @route(f"POST {FEEDS}", spends="createFeed")
    def create_feed(self, call: Call) -> Json:
        kind, stores, document = self._read(call.body)
        if kind == LISTINGS and len(self._jobs.since(kind, LISTINGS_SPAN)) >= MOST_LISTINGS_FEEDS:
            raise AmazonRefusal(429)
        self._unused.discard(document.id)
        feed = self._jobs.add(kind, stores, {})
        stuck = self._faults.strikes(AmazonFault.STUCK_FEED)
        self._jobs.run(feed, lambda: self._process(feed, document), stuck=stuck)
        return Answer(202, {"feedId": feed.id})

    @route(f"GET {FEEDS}", spends="getFeeds")
    def get_feeds(self, call: Call) -> Json:
        return self._jobs.page(call)

    @route(f"GET {FEEDS}/{{feedId}}", spends="getFeed")
    def get_feed(self, call: Call) -> Json:
        return self._jobs.names.word(self._jobs.find(call.path["feedId"]))

    @route(f"DELETE {FEEDS}/{{feedId}}", spends="cancelFeed")
    def cancel_feed(self, call: Call) -> Json:
        self._jobs.cancel(self._jobs.find(call.path["feedId"]))
        return Answer(200, b"")

    def _read(self, body: Json) -> tuple[str, tuple[str, ...], Document]:
        """Kind, stores and document of a feed. Raises AmazonRefusal."""
        if not isinstance(body, Mapping):
            raise invalid("The body is missing.")
        kind, stores = str(body.get("feedType")), parameters.stores_of(body, MOST_STORES)
        if kind in OTHERS:
            raise not_simulated(f"Feed type {kind}")
        if kind not in REMOVED | {LISTINGS, FULFILLMENT}:
            raise invalid(f"feedType {kind:.60} is not valid.")
        own = self._account.own(stores)
        return kind, own, self._input(body.get("inputFeedDocumentId"))

    def _input(self, id_: Any) -> Document:
        """Used once, and within two days."""
        document = self._storage.find(id_) if isinstance(id_, str) and id_ in self._unused else None
        if document is None or self._account.market.now() - document.created_at > UNUSED:
            raise invalid("inputFeedDocumentId is not valid: it was never given, is used already, or has expired.")
        return document

    def _process(self, feed: Job, document: Document) -> Outcome:
        if feed.kind in REMOVED or document.content is None:
            return Outcome("FATAL")
        if feed.kind == FULFILLMENT:
            return self._ended(*process_fulfillment(self._account, feed, document))
        return self._ended(*self.listings.process(feed, document))

    def _ended(self, status: str, report: bytes | None, content_type: str) -> Outcome:
        return Outcome(status, None if report is None else self._storage.keep(report, content_type).id)
