"""A seller's listings in the words of Listings Items API 2021-08-01."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field, frozen

from entrepot.channel import Json
from entrepot.model import minor_digits
from entrepot.simulation import price
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.catalog.facts import asin_of
from entrepot_amazon_sp.simulator.listings.attributes import SUPPRESSING, Entries, price_in
from entrepot_amazon_sp.simulator.times import instant

MERCHANT = "DEFAULT"
"""The fulfillment channel code of an offer that the merchant sends."""

AMAZONS_OWN: Mapping[str, str] = {"NA": "AMAZON_NA", "EU": "AMAZON_EU", "FE": "AMAZON_JP"}
"""The code of an offer that Amazon sends, by region. Some stores have codes of their own."""


def sender_of(availability: Collection[str]) -> str | None:
    """The channel code of the one who sends, by all codes of a listing. Without any there is nothing to sell."""
    return MERCHANT if MERCHANT in availability else next(iter(availability), None)


@define
class Listing:
    """`stores` are the ids of those that have it.

    `availability` is the attribute, by channel code, but for the quantity: that is what the market shows.
    """

    sku: str
    created_at: datetime
    changed_at: datetime
    stores: frozenset[str]
    product_type: str
    attributes: dict[str, Entries] = field(factory=dict)
    availability: dict[str, dict[str, Any]] = field(factory=lambda: {MERCHANT: {}})
    issues: list[Json] = field(factory=list)

    @property
    def asin(self) -> str:
        return asin_of(self.sku)

    @property
    def title(self) -> str:
        given = self.attributes.get("item_name")
        return str(given[0].get("value", "")) if given else f"Simulated {self.sku}"

    @property
    def is_sent_by_amazon(self) -> bool:
        return sender_of(self.availability) not in {MERCHANT, None}

    def is_offered(self, store: str) -> bool:
        """Whether a buyer there may order it, if there are units."""
        return store in self.stores and bool(self.availability) and not any(map(_suppresses, issues_in(self, store)))

    def price(self, store: str) -> Decimal:
        return price_in(self.attributes, store) or price(self.sku)


def issues_in(listing: Listing, store: str) -> list[Json]:
    """One that names no stores is of all."""
    return [issue for issue in listing.issues if store in issue.get("marketplaceIds", {store})]


def _suppresses(issue: Json) -> bool:
    return any(each["action"] in SUPPRESSING for each in issue.get("enforcements", {}).get("actions", ()))


@frozen
class View:
    """A listing as those stores show it that have it."""

    listing: Listing
    quantity: int
    places: Sequence[Place]


def word_item(view: View, included: Sequence[str]) -> Json:
    return {"sku": view.listing.sku} | {group: WORDS[group](view) for group in included if group in WORDS}


def word_identifiers(listing: Listing, places: Sequence[Place]) -> Json:
    return [{"marketplaceId": place.id, "asin": listing.asin} for place in places]


def _summaries(view: View) -> Json:
    summary = {
        "asin": view.listing.asin,
        "productType": view.listing.product_type,
        "conditionType": "new_new",
        "itemName": view.listing.title,
        "createdDate": instant(view.listing.created_at),
        "lastUpdatedDate": instant(view.listing.changed_at),
    }
    return [{"marketplaceId": place.id, "status": statuses(view, place)} | summary for place in view.places]


def statuses(view: View, place: Place) -> list[str]:
    return ["BUYABLE", "DISCOVERABLE"] if view.quantity > 0 and view.listing.is_offered(place.id) else ["DISCOVERABLE"]


def _attributes(view: View) -> Json:
    entries = [
        {"fulfillment_channel_code": code} | members | ({"quantity": view.quantity} if code == MERCHANT else {})
        for code, members in view.listing.availability.items()
    ]
    as_given = json.loads(json.dumps(view.listing.attributes, default=float))  # numbers came as Decimal
    return as_given | ({"fulfillment_availability": entries} if entries else {})


def _issues(view: View) -> Json:
    ids = {place.id for place in view.places}
    return [issue for issue in view.listing.issues if ids & set(issue.get("marketplaceIds", ids))]


def _offers(view: View) -> Json:
    return [
        {
            "marketplaceId": place.id,
            "offerType": "B2C",
            "price": {"currencyCode": place.currency, "amount": _amount(view.listing, place)},
            "audience": {"value": "ALL", "displayName": "Sell on Amazon"},
        }
        for place in view.places
    ]


def _amount(listing: Listing, place: Place) -> str:
    return f"{listing.price(place.id):.{minor_digits(place.currency)}f}"


def _availability(view: View) -> Json:
    """Of an offer that Amazon sends, its own API tells the quantity; this one does not (a guess)."""
    return [
        {"fulfillmentChannelCode": code} | ({"quantity": view.quantity} if code == MERCHANT else {})
        for code in view.listing.availability
    ]


def _relationships(view: View) -> Json:
    return [{"marketplaceId": place.id, "relationships": []} for place in view.places]


def _product_types(view: View) -> Json:
    return [{"marketplaceId": place.id, "productType": view.listing.product_type} for place in view.places]


WORDS: Mapping[str, Callable[[View], Json]] = {
    "summaries": _summaries,
    "attributes": _attributes,
    "issues": _issues,
    "offers": _offers,
    "fulfillmentAvailability": _availability,
    "relationships": _relationships,
    "productTypes": _product_types,
}

ITEM_GROUPS = frozenset([*WORDS, "procurement"])
"""Values of `includedData`. Procurement concerns vendors: a seller's listing has none."""
