"""Product types: the schemas that Product Type Definitions gives out, and that listings are judged by.

Six types with eighteen attributes, of our own writing in Amazon's dialect (its page on the meta-schema); Amazon has
some thousand types, and schemas of megabytes.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from entrepot.channel import Json
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.listings.listing import AMAZONS_OWN, MERCHANT

BASE = "https://schemas.amazon.com/selling-partners/definitions/product-types"

REQUIRED: Mapping[str, Sequence[str]] = {
    "LISTING": ("condition_type", "item_name"),
    "LISTING_PRODUCT_ONLY": ("item_name",),
    "LISTING_OFFER_ONLY": ("condition_type",),
}
"""Of every product type, by the requirements of a submission. A type may want more of a product."""

LANGUAGES: Mapping[str, str] = {"NA": "en_US", "EU": "en_GB", "FE": "en_US"}
"""Which a store takes beside its own, by region: a guess."""

META_SCHEMA: Json = {
    "$schema": "https://json-schema.org/draft/2019-09/schema",
    "$id": f"{BASE}/meta-schema/v1",
    "$vocabulary": {
        **{
            f"https://json-schema.org/draft/2019-09/vocab/{name}": True for name in ("core", "applicator", "validation")
        },
        f"{BASE}/vocabulary/v1": True,
    },
    "allOf": [{"$ref": "https://json-schema.org/draft/2019-09/schema"}],
    "properties": {
        **{name: {"type": "boolean"} for name in ("editable", "hidden")},
        **{name: {"type": "array"} for name in ("enumNames", "selectors")},
        **{
            name: {"type": "integer", "minimum": 0}
            for name in ("minUniqueItems", "maxUniqueItems", "minUtf8ByteLength", "maxUtf8ByteLength")
        },
    },
}

DATA = json.loads(files("entrepot_amazon_sp").joinpath("data/product_types.json").read_text("utf-8"))
TYPES: Mapping[str, Json] = DATA["product_types"]
VERSION = base64.b64encode(hashlib.sha256(json.dumps(DATA, sort_keys=True).encode()).digest()[:8]).decode()
"""Of all product types: it changes with what they are made of."""

Schema = Mapping[str, Any]


def label(titles: Mapping[str, str], locale: str) -> str:
    """In the locale's language where the simulator speaks it, else in English."""
    return titles.get(locale.partition("_")[0], titles["en"])


@lru_cache(maxsize=1024)
def fitting(text: str) -> Sequence[str]:
    """Types for an item that is called so; the one that fits everything where none does."""
    words = {*re.findall(r"[^\W\d_]+", text.lower())}
    return [name for name, about in TYPES.items() if words & {*about["words"]}] or ["PRODUCT"]


def groups_of(product_type: str, requirements: str) -> Mapping[str, list[str]]:
    """The names of attributes, by the group that they belong to."""
    absent = TYPES[product_type]["without"]
    found = {
        group: [name for name in about["attributes"] if name not in absent and _belongs(name, group, requirements)]
        for group, about in DATA["groups"].items()
    }
    return {group: names for group, names in found.items() if names}


def _belongs(name: str, group: str, requirements: str) -> bool:
    if requirements == "LISTING_OFFER_ONLY":
        return group == "offer" or name == "merchant_suggested_asin"
    return group != "offer" or requirements == "LISTING"


def required_of(product_type: str, requirements: str) -> list[str]:
    more = [] if requirements == "LISTING_OFFER_ONLY" else TYPES[product_type]["required"]
    return [*REQUIRED[requirements], *more]


@cache
def schema_of(
    product_type: str, places: tuple[Place, ...], requirements: str, *, enforced: bool, locale: str = "en_US"
) -> Schema:
    """For stores of one region. Not to be changed: whoever asks again gets the same object."""
    names = [name for group in groups_of(product_type, requirements).values() for name in group]
    return {
        "$schema": META_SCHEMA["$id"],
        "$id": f"{BASE}/schema/v1/{product_type}",
        "$comment": f"Of a simulator, and not Amazon's: product type {product_type}.",
        "$defs": _definitions(places),
        "type": "object",
        "required": required_of(product_type, requirements) if enforced else [],
        "properties": {name: _attribute(name, locale) for name in names},
        "additionalProperties": False,
    }


def selectors_of(attribute: str) -> Sequence[str]:
    """The members that tell one entry of an attribute from another."""
    about: Schema = DATA["attributes"][attribute]
    own: Sequence[str] | None = about.get("selectors")
    return own or ["marketplace_id", *about.get("each", ())]


def _attribute(name: str, locale: str) -> Schema:
    """An array whose entries are told apart by their selectors."""
    about, title, selectors = DATA["attributes"][name], label(DATA["titles"][name], locale), selectors_of(name)
    shown = {"title": title, "editable": True, "hidden": False}
    members: dict[str, Schema] = {"value": shown | about["value"]} if "value" in about else {}
    members |= about.get("more", {})
    members |= {each: {"$ref": f"#/$defs/{each}"} for each in selectors if each not in members}
    language = [each for each in selectors if each == "language_tag"]
    required = [*language, *(each for each in members if each == "value"), *about.get("required", ())]
    return {
        "title": title,
        "type": "array",
        "minItems": 1,
        "minUniqueItems": 1,
        "maxUniqueItems": about.get("most", 1),
        "selectors": selectors,
        "items": {"type": "object", "required": required, "properties": members, "additionalProperties": False},
    }


def _definitions(places: Sequence[Place]) -> Schema:
    region = places[0].region
    channels = {MERCHANT: "Fulfilled by Merchant", AMAZONS_OWN[region]: "Fulfilled by Amazon"}
    languages = {place.language: place.language for place in places} | {LANGUAGES[region]: LANGUAGES[region]}
    return {
        "marketplace_id": _choice({place.id: place.domain.removeprefix("www.") for place in places}),
        "language_tag": _choice(languages),
        "currency": _choice({place.currency: place.currency for place in places}),
        "fulfillment_channel_code": _choice(channels) | {"editable": True, "hidden": False},
        "instant": {"type": "string", "minLength": 10},
        "prices": _prices({}),
        "prices_of_a_time": _prices({"start_at": {"$ref": "#/$defs/instant"}, "end_at": {"$ref": "#/$defs/instant"}}),
    }


def _choice(names: Mapping[str, str]) -> dict[str, Any]:
    choice = {"type": "string", "enum": [*names], "enumNames": [*names.values()]}
    return choice | {"default": next(iter(names)), "editable": False, "hidden": True}


def _prices(more: Schema) -> Schema:
    properties = {"value_with_tax": {"type": "number", "exclusiveMinimum": 0}, **more}
    step = {"type": "object", "required": ["value_with_tax"], "properties": properties, "additionalProperties": False}
    schedule = {"type": "array", "minItems": 1, "items": step}
    price = {
        "type": "object",
        "required": ["schedule"],
        "properties": {"schedule": schedule},
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 1, "items": price}
