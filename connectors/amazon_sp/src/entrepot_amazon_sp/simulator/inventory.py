"""The listings of one seller: looked up, searched, and patched with effect a little later."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.listings import (
    AMAZONS_OWN,
    ITEM_GROUPS,
    MERCHANT,
    Listing,
    View,
    word_identifiers,
    word_item,
)
from entrepot_amazon_sp.simulator.patches import Availability, find_issues, issue, patched, read_patches
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, bad_listings_request, denied

ITEMS = "/listings/2021-08-01/items/{sellerId}"
ITEM = ITEMS + "/{sku:path}"

EFFECT_SECONDS = (2.0, 60.0)
"""From ACCEPTED until the quantity is on show."""

MOST_IDENTIFIERS = 20
LARGEST_PAGE, USUAL_PAGE = 20, 10
MOST_PAGED = 1000
"""Items that one search leads to, however many it finds."""

IDENTIFIER_TYPES: dict[str, Callable[[Listing], str]] = {
    "SKU": lambda listing: listing.sku,
    "ASIN": lambda listing: listing.asin,
}
"""Amazon knows more; an invented catalog has no others."""


class Inventory:
    """What `market` shows is each listing's quantity. `converted` are the SKUs whose offers Amazon sends no more."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._market = account.market
        self._places = account.places
        self._region = account.region
        self._rng = account.rng
        self._scale = account.time_scale
        self._opened_at = account.market.now()
        self._listings: dict[str, Listing] = {}
        self._busy_until: dict[str, datetime] = {}
        self.converted: list[str] = []

    def listing(self, sku: str) -> Listing | None:
        """None unless the market has the offer."""
        if sku not in self._market.stock:
            return None
        if sku not in self._listings:
            self._listings[sku] = Listing(sku, self._opened_at, self._opened_at)
        return self._listings[sku]

    def send_by_amazon(self, sku: str) -> None:
        """From now on Amazon sends this offer and counts its units."""
        listing = self.listing(sku)
        if listing is None:
            raise KeyError(sku)
        listing.availability = {AMAZONS_OWN[self._region]: {}}

    # Operations

    @route(f"GET {ITEM}", spends="getListingsItem")
    def get(self, call: Call) -> Json:
        places = self._stores(call)
        included = self._included(call)
        listing = self.listing(call.path["sku"])
        if listing is None or not places:
            message = f"SKU '{call.path['sku']}' not found in marketplace {call.text('marketplaceIds')}"
            raise AmazonRefusal(404, message, code="NOT_FOUND")
        return self._word(listing, places, included)

    @route(f"GET {ITEMS}", spends="searchListingsItems")
    def search(self, call: Call) -> Json:
        places, included = self._stores(call), self._included(call)
        size = parameters.number(call, "pageSize", USUAL_PAGE, LARGEST_PAGE, bad_listings_request)
        start = self._start(call)
        found = self._found(call) if places else []
        page = found[start : start + size][: max(0, MOST_PAGED - start)]
        tokens = {"previousToken": start - size, "nextToken": start + size}
        within = {name: _token(at) for name, at in tokens.items() if 0 <= at < min(len(found), MOST_PAGED)}
        items = [self._word(listing, places, included) for listing in page]
        return {"numberOfResults": len(found)} | ({"pagination": within} if within else {}) | {"items": items}

    @route(f"PATCH {ITEM}", spends="patchListingsItem")
    def patch(self, call: Call) -> Json:
        """ACCEPTED is not applied: that comes later, and patches of one SKU in the sequence of their coming."""
        places = self._stores(call)
        preview = parameters.single(call, "mode", bad_listings_request)
        included = parameters.array(
            call, "includedData", allowed={"issues", "identifiers"}, refuse=bad_listings_request
        ) or ("issues",)
        if preview not in {None, "VALIDATION_PREVIEW"} or ("identifiers" in included and not preview):
            raise bad_listings_request("mode is VALIDATION_PREVIEW or absent; identifiers come with a preview only.")
        sku, listing = call.path["sku"], self.listing(call.path["sku"])
        if listing is None or not places:  # what Amazon says of it is a guess: its model has no 404 here
            return self._submitted(sku, "INVALID", [issue("8541", f"SKU {sku} does not exist.", "sku")])
        patches = read_patches(call.body, listing.product_type)
        issues = find_issues(patches, AMAZONS_OWN[self._region])
        if not issues and not preview:
            self._submit(listing, patched(listing, patches))
        status = "INVALID" if issues else "VALID" if preview else "ACCEPTED"
        answer = self._submitted(sku, status, issues)
        return answer | ({"identifiers": word_identifiers(listing, places)} if "identifiers" in included else {})

    # Steps

    def _word(self, listing: Listing, places: Sequence[Place], included: Sequence[str]) -> Json:
        return word_item(View(listing, self._market.stock[listing.sku], places), included)

    def _stores(self, call: Call) -> list[Place]:
        """The seller's among those named. Raises Refusal."""
        if call.path["sellerId"] != self._account.seller:
            raise denied("The seller is not the one who authorized the application.")
        ids = parameters.array(call, "marketplaceIds", refuse=bad_listings_request)
        if not ids:
            raise bad_listings_request("marketplaceIds is missing.")
        return self._account.stores(ids, bad_listings_request)

    def _included(self, call: Call) -> tuple[str, ...]:
        groups = parameters.array(call, "includedData", allowed=ITEM_GROUPS, refuse=bad_listings_request)
        return groups or ("summaries",)

    def _found(self, call: Call) -> list[Listing]:
        identifiers = parameters.array(call, "identifiers", most=MOST_IDENTIFIERS, refuse=bad_listings_request)
        kind = parameters.single(call, "identifiersType", bad_listings_request)
        if bool(identifiers) != (kind is not None) or (kind is not None and kind not in IDENTIFIER_TYPES):
            raise bad_listings_request(f"identifiers and identifiersType ({', '.join(IDENTIFIER_TYPES)}) go together.")
        listings = [listing for sku in self._market.stock if (listing := self.listing(sku)) is not None]
        if kind is None:
            return listings
        return [listing for listing in listings if IDENTIFIER_TYPES[kind](listing) in identifiers]

    def _start(self, call: Call) -> int:
        text = parameters.single(call, "pageToken", bad_listings_request)
        try:
            return 0 if text is None else int(base64.b64decode(text, validate=True).removeprefix(b"item "))
        except ValueError:
            raise bad_listings_request("pageToken was never given.") from None

    def _submit(self, listing: Listing, change: Availability) -> None:
        now = self._market.now()
        at = now + timedelta(seconds=self._rng.uniform(*EFFECT_SECONDS)) / self._scale
        at = max(at, self._busy_until.get(listing.sku, at))
        self._busy_until[listing.sku] = at
        self._market.later((at - now) * self._scale, lambda: self._apply(listing, change))

    def _apply(self, listing: Listing, change: Availability) -> None:
        if MERCHANT in change.entries and MERCHANT not in listing.availability:
            self.converted.append(listing.sku)
        listing.availability, listing.changed_at = change.entries, self._market.now()
        if change.quantity is not None and listing.sku in self._market.stock:
            self._market.stock[listing.sku] = change.quantity

    def _submitted(self, sku: str, status: str, issues: list[Json]) -> Json:
        number = f"{self._rng.randint(0, 2**128 - 1):032x}"
        return {"sku": sku, "status": status, "submissionId": number, "issues": issues}


def _token(start: int) -> str:
    return base64.b64encode(b"item %d" % start).decode()
