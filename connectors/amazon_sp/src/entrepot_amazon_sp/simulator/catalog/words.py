"""An item of the catalog in the words of Catalog Items API 2022-04-01, a data set at a time."""

import json
from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

from attrs import frozen

from entrepot.channel import Json
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, brand_of, invented_title, upc_of
from entrepot_amazon_sp.simulator.listings.definitions import DATA, TYPES, fitting, label
from entrepot_amazon_sp.simulator.listings.listing import Listing, attributes_of


@frozen
class Item:
    """`listing` is the seller's own, if there is one still: its product data are the catalog's.

    `name` is its title as long as the listing has none of its own.
    """

    sku: str
    name: str
    listing: Listing | None

    @property
    def asin(self) -> str:
        return asin_of(self.sku)

    @property
    def product_type(self) -> str:
        return self.listing.product_type if self.listing else fitting(f"{self.name} {self.sku}")[0]

    @property
    def title(self) -> str:
        return self.listing.title if self.listing else self.name or invented_title(self.sku)

    @property
    def brand(self) -> str:
        return self.said("brand") or brand_of(self.sku)

    @property
    def chance(self) -> int:
        return crc32(self.sku.encode())

    def said(self, attribute: str) -> str | None:
        """What the seller's listing has of it."""
        entries = self.listing.attributes.get(attribute) if self.listing else None
        return str(entries[0].get("value", "")) if entries else None

    @property
    def identifiers(self) -> Mapping[str, str]:
        upc = upc_of(self.sku)
        return {"EAN": f"0{upc}", "GTIN": f"00{upc}", "UPC": upc}


def word_item(item: Item, places: Sequence[Place], included: Sequence[str]) -> Json:
    said = {
        group: [{"marketplaceId": place.id} | WORDS[group](item, place) for place in places]
        for group in included
        if group in WORDS
    }
    return {"asin": item.asin} | said | ({"attributes": _attributes(item, places)} if "attributes" in included else {})


def _attributes(item: Item, places: Sequence[Place]) -> Json:
    """Facts of the product; what concerns the offer is the seller's alone."""
    facts = [name for group in ("product_identity", "product_details") for name in DATA["groups"][group]["attributes"]]
    known = attributes_of(item.listing, places) if item.listing else {}
    found = {name: known[name] for name in facts if name in known}
    return json.loads(json.dumps(found, default=float))  # numbers came as Decimal


def _summaries(item: Item, place: Place) -> Json:
    told = {
        "adultProduct": False,
        "autographed": False,
        "brand": item.brand,
        "browseClassification": classification(item.product_type, place),
        "itemClassification": "BASE_PRODUCT",
        "itemName": item.title,
        "manufacturer": item.said("manufacturer") or item.brand,
        "memorabilia": False,
        "packageQuantity": 1,
        "tradeInEligible": False,
        "websiteDisplayGroup": f"{item.product_type.lower()}_display_on_website",
        "websiteDisplayGroupName": label(TYPES[item.product_type]["titles"], place.language),
    }
    more = {name: item.said(name) for name in ("color", "size")}
    return told | {name: text for name, text in more.items() if text}


def classification(product_type: str, place: Place) -> Json:
    title = label(TYPES[product_type]["titles"], place.language)
    return {"displayName": title, "classificationId": str(crc32(product_type.encode()))}


def _classifications(item: Item, place: Place) -> Json:
    root = {"displayName": "Simulated", "classificationId": "1"}
    return {"classifications": [classification(item.product_type, place) | {"parent": root}]}


def _dimensions(item: Item, place: Place) -> Json:
    """In the units of the store's region."""
    length, weight = ("inches", "pounds") if place.region == "NA" else ("centimeters", "kilograms")
    sides = {
        name: {"unit": length, "value": 5 + item.chance // by % 30}
        for name, by in (("height", 1), ("length", 31), ("width", 961))
    }
    heavy = {"weight": {"unit": weight, "value": (1 + item.chance % 40) / 10}}
    return {"item": sides | heavy, "package": sides | heavy}


def _identifiers(item: Item, _: Place) -> Json:
    told = [{"identifierType": kind, "identifier": text} for kind, text in item.identifiers.items()]
    return {"identifiers": told}


def _images(item: Item, _: Place) -> Json:
    link = f"https://images.invalid/{item.asin}.jpg"
    return {"images": [{"variant": "MAIN", "link": link, "height": 500, "width": 500}]}


def _product_types(item: Item, _: Place) -> Json:
    return {"productType": item.product_type}


def _relationships(_: Item, __: Place) -> Json:
    return {"relationships": []}


def _sales_ranks(item: Item, place: Place) -> Json:
    branch, rank = classification(item.product_type, place), 1 + item.chance % 100_000
    title, id_ = branch["displayName"], branch["classificationId"]
    bestsellers = f"https://{place.domain}/gp/bestsellers"
    group = f"{item.product_type.lower()}_display_on_website"
    return {
        "classificationRanks": [
            {"classificationId": id_, "title": title, "link": f"{bestsellers}/{id_}", "rank": rank},
        ],
        "displayGroupRanks": [{"websiteDisplayGroup": group, "title": title, "link": bestsellers, "rank": rank * 7}],
    }


WORDS: Mapping[str, Callable[[Item, Place], Json]] = {
    "classifications": _classifications,
    "dimensions": _dimensions,
    "identifiers": _identifiers,
    "images": _images,
    "productTypes": _product_types,
    "relationships": _relationships,
    "salesRanks": _sales_ranks,
    "summaries": _summaries,
}

GROUPS = frozenset([*WORDS, "attributes", "vendorDetails"])
"""Values of `includedData`. Details for vendors are none of a seller's: they are left out."""
