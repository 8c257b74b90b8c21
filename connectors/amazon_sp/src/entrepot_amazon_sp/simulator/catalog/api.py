"""Catalog Items API 2022-04-01: the items of the offers, found by identifiers or by words."""

import base64
from collections import Counter
from collections.abc import Sequence

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.catalog.facts import Catalog
from entrepot_amazon_sp.simulator.catalog.words import GROUPS, Item, classification, word_item
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, bad_catalog_request, denied

ITEMS = "/catalog/2022-04-01/items"

USUAL_PAGE, LARGEST_PAGE = 10, 20
MOST_WORDS = 20
"""Identifiers, or keywords."""

IDENTIFIER_TYPES = frozenset({"ASIN", "EAN", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC"})
OF_KEYWORDS = ("brandNames", "classificationIds", "keywordsLocale")
"""Parameters that go with a search by words only."""


class CatalogItems:
    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._account = account
        self._inventory = inventory
        self._catalog = Catalog(account.market.stock)

    @route(f"GET {ITEMS}", spends="searchCatalogItems")
    def search(self, call: Call) -> Json:
        places, included = self._stores(call, most=1), _included(call)
        size = parameters.number(call, "pageSize", USUAL_PAGE, LARGEST_PAGE, bad_catalog_request)
        start, found = _start(call), self._found(call, places[0])
        tokens = {"previousToken": start - size, "nextToken": start + size}
        within = {name: _token(at) for name, at in tokens.items() if 0 <= at < len(found)}
        items = [word_item(item, places, included) for item in found[start : start + size]]
        refined = {"refinements": _refinements(found, places[0])} if "keywords" in call.query else {}
        pagination = {"pagination": within} if within else {}
        return {"numberOfResults": len(found)} | pagination | refined | {"items": items}

    @route(f"GET {ITEMS}/{{asin:path}}", spends="getCatalogItem")
    def get(self, call: Call) -> Json:
        asin, places, included = call.path["asin"], self._stores(call), _included(call)
        if not asin:
            raise bad_catalog_request("The ASIN is missing.")
        sku = self._catalog.sku(asin)
        if sku is None:
            stores = ",".join(place.id for place in places)
            raise AmazonRefusal(404, f"Item {asin} is not in the catalog of {stores}.", code="NOT_FOUND")
        return word_item(self._item(sku), places, included)

    def _item(self, sku: str) -> Item:
        return Item(sku, self._inventory.names.get(sku, ""), self._inventory.listing(sku))

    def _stores(self, call: Call, most: int | None = None) -> list[Place]:
        ids = parameters.array(call, "marketplaceIds", most=most, refuse=bad_catalog_request)
        places = self._account.stores(ids, bad_catalog_request)
        if not places:
            raise bad_catalog_request("marketplaceIds is missing, or names no store of the seller's.")
        return places

    def _found(self, call: Call, place: Place) -> list[Item]:
        identifiers = parameters.array(call, "identifiers", most=MOST_WORDS, refuse=bad_catalog_request)
        keywords = parameters.array(call, "keywords", most=MOST_WORDS, refuse=bad_catalog_request)
        if bool(identifiers) == bool(keywords):
            raise bad_catalog_request("Either identifiers or keywords are given.")
        if keywords:
            return self._said(call, keywords, place)
        if any(name in call.query for name in OF_KEYWORDS):
            raise bad_catalog_request(f"{', '.join(OF_KEYWORDS)} go with keywords.")
        return self._identified(call, dict.fromkeys(identifiers))

    def _said(self, call: Call, keywords: Sequence[str], place: Place) -> list[Item]:
        """Items in whose title, brand or product type every word is found. Amazon's search is wiser."""
        wanted = [word.lower() for word in keywords]
        brands = parameters.array(call, "brandNames", refuse=bad_catalog_request)
        branches = parameters.array(call, "classificationIds", refuse=bad_catalog_request)
        return [
            item
            for item in map(self._item, self._catalog.skus())
            if all(word in f"{item.title} {item.brand} {item.product_type}".lower() for word in wanted)
            and (not brands or item.brand in brands)
            and (not branches or classification(item.product_type, place)["classificationId"] in branches)
        ]

    def _identified(self, call: Call, wanted: dict[str, None]) -> list[Item]:
        kind = parameters.single(call, "identifiersType", bad_catalog_request)
        seller = parameters.single(call, "sellerId", bad_catalog_request)
        if kind not in IDENTIFIER_TYPES or (kind == "SKU" and seller is None):
            raise bad_catalog_request("identifiersType is missing or unknown, or sellerId is missing beside SKU.")
        if seller not in {None, self._account.seller}:
            raise denied("The seller is not the one who authorized the application.")
        if kind == "SKU":
            return [self._item(sku) for sku in wanted if self._inventory.listing(sku)]
        if kind == "ASIN":
            return [self._item(sku) for sku in map(self._catalog.sku, wanted) if sku is not None]
        items = map(self._item, self._catalog.skus())
        return [item for item in items if item.identifiers.get("EAN" if kind == "JAN" else kind) in wanted]


def _included(call: Call) -> tuple[str, ...]:
    groups = parameters.array(call, "includedData", allowed=GROUPS, refuse=bad_catalog_request)
    return groups or ("summaries",)


def _refinements(found: Sequence[Item], place: Place) -> Json:
    brands = Counter(item.brand for item in found)
    branches = Counter(item.product_type for item in found)
    return {
        "brands": [{"numberOfResults": count, "brandName": brand} for brand, count in brands.items()],
        "classifications": [
            {"numberOfResults": count} | classification(product_type, place) for product_type, count in branches.items()
        ],
    }


def _start(call: Call) -> int:
    text = parameters.single(call, "pageToken", bad_catalog_request)
    try:
        return 0 if text is None else int(base64.b64decode(text, validate=True).removeprefix(b"catalog "))
    except ValueError:
        raise bad_catalog_request("pageToken was never given.") from None


def _token(start: int) -> str:
    return base64.b64encode(b"catalog %d" % start).decode()
