"""Product Type Definitions API 2020-09-01: which product types there are, and links to their schemas."""

import base64
import hashlib
import json
from collections.abc import Collection, Sequence

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.listings.definitions import (
    DATA,
    META_SCHEMA,
    REQUIRED,
    TYPES,
    VERSION,
    fitting,
    groups_of,
    label,
    schema_of,
)
from entrepot_amazon_sp.simulator.refusals import bad_listings_request, denied
from entrepot_amazon_sp.simulator.storage import Storage

PATH = "/definitions/2020-09-01/productTypes"

LOCALES = frozenset(
    [
        *("DEFAULT", "ar", "ar_AE", "de", "de_DE", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_IN", "en_SG", "en_US"),
        *("es", "es_ES", "es_MX", "es_US", "fr", "fr_CA", "fr_FR", "it", "it_IT", "ja", "ja_JP", "nl", "nl_NL"),
        *("pl", "pl_PL", "pt", "pt_BR", "pt_PT", "sv", "sv_SE", "tr", "tr_TR", "zh", "zh_CN", "zh_TW"),
    ]
)
ENFORCED = {"ENFORCED": True, "NOT_ENFORCED": False}
PARENTAGES = frozenset({"NONE", "CHILD", "PARENT"})
VERSIONS = frozenset({"LATEST", "RELEASE_CANDIDATE", VERSION})


class ProductTypes:
    def __init__(self, account: Account, storage: Storage) -> None:
        self._account = account
        self._storage = storage

    @route(f"GET {PATH}", spends="searchDefinitionsProductTypes")
    def search(self, call: Call) -> Json:
        places, locale = self._stores(call), _locale(call)
        keywords = parameters.array(call, "keywords", refuse=bad_listings_request)
        title = parameters.single(call, "itemName", bad_listings_request)
        if keywords and title is not None:
            raise bad_listings_request("keywords and itemName exclude each other.")
        names = fitting(title) if title is not None else _found(keywords) if keywords else [*TYPES]
        found = [self._word(name, places, locale) for name in names]
        return {"productTypes": found, "productTypeVersion": VERSION}

    @route(f"GET {PATH}/{{productType}}", spends="getDefinitionsProductType")
    def get(self, call: Call) -> Json:
        name, places = call.path["productType"], self._stores(call)
        self._check_seller(call)
        if name not in TYPES or len(places) != 1:
            raise bad_listings_request("There is no such product type, or marketplaceIds has several values.")
        requirements = _choice(call, "requirements", REQUIRED, "LISTING")
        enforced = _choice(call, "requirementsEnforced", ENFORCED, "ENFORCED")
        _choice(call, "parentageLevel", PARENTAGES, "NONE")  # nothing in these schemas depends on it
        _choice(call, "productTypeVersion", VERSIONS, "LATEST")
        locale = _locale(call) or places[0].language
        schema = schema_of(name, tuple(places), requirements, enforced=ENFORCED[enforced], locale=locale)
        return {
            "metaSchema": self._link(call, META_SCHEMA),
            "schema": self._link(call, schema),
            "requirements": requirements,
            "requirementsEnforced": enforced,
            "propertyGroups": _groups(name, requirements, locale),
            "locale": locale,
            "productTypeVersion": {"version": VERSION, "latest": True, "releaseCandidate": False},
        } | self._described(name, places, locale)

    def _stores(self, call: Call) -> list[Place]:
        """Those that are named: a product type is there whoever sells. Raises Refusal."""
        ids = parameters.array(call, "marketplaceIds", refuse=bad_listings_request)
        places = self._account.stores(ids, bad_listings_request)
        if not places:
            raise bad_listings_request("marketplaceIds is missing, or names no store of the seller's.")
        return places

    def _check_seller(self, call: Call) -> None:
        """The seller's own brands would stand in the schema; the simulator knows of none."""
        if parameters.single(call, "sellerId", bad_listings_request) not in {None, self._account.seller}:
            raise denied("The seller is not the one who authorized the application.")

    def _word(self, name: str, places: Sequence[Place], locale: str | None) -> Json:
        described = self._described(name, places, locale or places[0].language)
        return {"name": described.pop("productType")} | described

    def _described(self, name: str, places: Sequence[Place], locale: str) -> Json:
        titles = TYPES[name]["titles"]
        ids = [place.id for place in places]
        return {"productType": name, "displayName": label(titles, locale), "marketplaceIds": ids}

    def _link(self, call: Call, document: Json) -> Json:
        """The same content is the same document, and has the same checksum."""
        content = json.dumps(document).encode()
        checksum = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        url = self._storage.publish(call, content, "application/json")
        return {"link": {"resource": url, "verb": "GET"}, "checksum": checksum}


def _groups(name: str, requirements: str, locale: str) -> Json:
    return {
        group: {"title": label(DATA["groups"][group]["titles"], locale), "propertyNames": names}
        for group, names in groups_of(name, requirements).items()
    }


def _locale(call: Call) -> str | None:
    """None for the store's own."""
    locale = _choice(call, "locale", LOCALES, "DEFAULT")
    return None if locale == "DEFAULT" else locale


def _choice(call: Call, name: str, allowed: Collection[str], usual: str) -> str:
    value = parameters.single(call, name, bad_listings_request) or usual
    if value not in allowed:
        raise bad_listings_request(f"{name} has no value {value:.40}.")
    return value


def _found(keywords: Sequence[str]) -> list[str]:
    """Types whose name or title has one of the keywords in it."""
    wanted = [keyword.lower() for keyword in keywords]
    said = {name: " ".join([name, *about["titles"].values()]).lower() for name, about in TYPES.items()}
    return [name for name, text in said.items() if any(keyword in text for keyword in wanted)]
