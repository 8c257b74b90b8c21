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
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, invented_title
from entrepot_amazon_sp.simulator.listings.attributes import SUPPRESSING, Entries, entry_of, price_in
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
    """`stores` are the ids of those that have it. `name` is its title as long as `attributes` have none, or nothing.

    One `is_invented` that was there at the start, until the seller sends it as a whole: what it shows it also says.
    `availability` is the attribute, by channel code, but for the quantity: that is what the market shows.
    """

    sku: str
    name: str
    created_at: datetime
    changed_at: datetime
    stores: frozenset[str]
    product_type: str
    attributes: dict[str, Entries] = field(factory=dict)
    availability: dict[str, dict[str, Any]] = field(factory=lambda: {MERCHANT: {}})
    issues: list[Json] = field(factory=list)
    is_invented: bool = False

    @property
    def asin(self) -> str:
        return asin_of(self.sku)

    @property
    def title(self) -> str:
        return self.known_title or invented_title(self.sku)

    @property
    def known_title(self) -> str:
        """Nothing where it would have to be invented."""
        given = self.attributes.get("item_name")
        return str(given[0].get("value", "")) if given else self.name

    def condition(self, store: str) -> str:
        return str(entry_of(self.attributes.get("condition_type", ()), store).get("value", "new_new"))

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
    return [_summary(view, place) for place in view.places]


def _summary(view: View, place: Place) -> Json:
    return {
        "marketplaceId": place.id,
        "status": statuses(view, place),
        "asin": view.listing.asin,
        "productType": view.listing.product_type,
        "conditionType": view.listing.condition(place.id),
        "itemName": view.listing.title,
        "createdDate": instant(view.listing.created_at),
        "lastUpdatedDate": instant(view.listing.changed_at),
    }


def statuses(view: View, place: Place) -> list[str]:
    return ["BUYABLE", "DISCOVERABLE"] if view.quantity > 0 and view.listing.is_offered(place.id) else ["DISCOVERABLE"]


def _attributes(view: View) -> Json:
    entries = [
        {"fulfillment_channel_code": code} | members | ({"quantity": view.quantity} if code == MERCHANT else {})
        for code, members in view.listing.availability.items()
    ]
    known = json.loads(json.dumps(attributes_of(view.listing, view.places), default=float))  # numbers came as Decimal
    return known | ({"fulfillment_availability": entries} if entries else {})


def attributes_of(listing: Listing, places: Sequence[Place]) -> dict[str, Entries]:
    """What the seller said, and beside it what an invented listing shows in stores of which he said nothing."""
    said = listing.attributes
    if not listing.is_invented:
        return said
    shown = {
        name: [word(listing, place) for place in places if not entry_of(said.get(name, ()), place.id)]
        for name, word in SHOWN.items()
    }
    return said | {name: [*said.get(name, ()), *entries] for name, entries in shown.items()}


def _item_name(listing: Listing, place: Place) -> Json:
    return {"value": listing.title, "language_tag": place.language, "marketplace_id": place.id}


def _condition_type(listing: Listing, place: Place) -> Json:
    return {"value": listing.condition(place.id), "marketplace_id": place.id}


def _purchasable_offer(listing: Listing, place: Place) -> Json:
    price = [{"schedule": [{"value_with_tax": Decimal(_amount(listing, place))}]}]
    return {"marketplace_id": place.id, "currency": place.currency, "audience": "ALL", "our_price": price}


SHOWN: Mapping[str, Callable[[Listing, Place], Json]] = {
    "item_name": _item_name,
    "condition_type": _condition_type,
    "purchasable_offer": _purchasable_offer,
}
"""Attributes that summaries and offers tell."""


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
