"""Amazon's buckets of an application over all its sellers, beside those of each seller.

From Amazon's page "Listings Items API Rate Limits" and its sisters. They publish no burst of them: that of one second
is assumed.
"""

import re
from collections.abc import Mapping

from entrepot.channel import Json, Limit

APPLICATION, RELATIONSHIPS, PRODUCT_DATA = "application", "relationships", "product data"

RELATING = frozenset({"child_parent_sku_relationship", "package_contains_sku"})
"""Attributes of a listing that the same page names as updates of relationships."""

OF_THE_OFFER = frozenset({"fulfillment_availability", "purchasable_offer"})
"""Attributes that are no product data. The page names none of either kind but `item_name`: quantity and price are what
the faster bucket is for."""

NAMED = re.compile(rf"allowed for (?:the )?({APPLICATION}|{RELATIONSHIPS}|{PRODUCT_DATA})", re.IGNORECASE)


def of_application(rates: Mapping[str, int]) -> dict[str, Limit]:
    """Buckets by name, from their requests per second."""
    return {name: Limit(rate, rate) for name, rate in rates.items()}


def refused_bucket(body: Json) -> str:
    """Which one was empty, in Amazon's words of June 2025; "" where they name none."""
    listed = body.get("errors") if isinstance(body, dict) else None
    for error in listed if isinstance(listed, list) else ():
        message = error.get("message") if isinstance(error, dict) else None
        named = NAMED.search(message) if isinstance(message, str) else None
        if named:
            return named[1].lower()
    return ""


def touched(body: Json) -> frozenset[str]:
    """The buckets that an update of a listing spends from, by the attributes in it."""
    names = set(_attributes(body))
    found = {APPLICATION}
    if names & RELATING:
        found.add(RELATIONSHIPS)
    if names - RELATING - OF_THE_OFFER:
        found.add(PRODUCT_DATA)
    return frozenset(found)


def _attributes(body: Json) -> list[str]:
    """Of a whole listing, or of patches of one."""
    if not isinstance(body, dict):
        return []
    whole, patches = body.get("attributes"), body.get("patches")
    paths = [patch.get("path") for patch in patches if isinstance(patch, dict)] if isinstance(patches, list) else []
    named = [path.removeprefix("/attributes/").split("/")[0] for path in paths if isinstance(path, str)]
    return [*named, *whole] if isinstance(whole, dict) else named
