"""Attributes of a listing beside its availability: which the simulator knows, how they are merged, what is wrong.

Amazon has them by product type, in schemas that this simulator does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from entrepot.channel import Json

KNOWN = frozenset(
    [
        *("batteries_required", "brand", "bullet_point", "color", "condition_type", "country_of_origin"),
        *("externally_assigned_product_identifier", "item_name", "item_weight", "list_price", "manufacturer"),
        *("merchant_shipping_group", "merchant_suggested_asin", "product_description", "purchasable_offer", "size"),
        "supplier_declared_dg_hz_regulation",
    ]
)
"""Any other is refused as invalid."""

SELECTORS = ("marketplace_id", "currency", "audience", "language_tag")
"""Members that tell one entry of an attribute from another."""

REQUIRED: Mapping[str, Sequence[str]] = {
    "LISTING": ("condition_type", "item_name"),
    "LISTING_PRODUCT_ONLY": ("item_name",),
    "LISTING_OFFER_ONLY": ("condition_type",),
}
"""By the requirements of a full submission. Amazon asks for more, by product type."""

SUPPRESSING = frozenset({"LISTING_SUPPRESSED", "CATALOG_ITEM_REMOVED"})
"""Enforcements after which no buyer can order."""

Entries = list[Mapping[str, Any]]


def merged(entries: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]]) -> Entries:
    """Members that are given take the place of those of the entry with the same selectors."""
    result = {_key(entry): dict(entry) for entry in entries}
    for value in values:
        result[_key(value)] = {**result.get(_key(value), {}), **value}
    return list(result.values())


def without(entries: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]]) -> Entries:
    gone = {_key(value) for value in values}
    return [entry for entry in entries if _key(entry) not in gone]


def price_in(attributes: Mapping[str, Sequence[Mapping[str, Any]]], marketplace_id: str) -> Decimal | None:
    """What all buyers pay for one unit in that store, where the seller has set it."""
    for entry in attributes.get("purchasable_offer", ()):
        if entry.get("marketplace_id", marketplace_id) == marketplace_id and entry.get("audience", "ALL") == "ALL":
            return _price(entry)
    return None


def find_issues(attribute: str, values: Any) -> Iterator[Json]:
    if attribute not in KNOWN:
        yield issue("90000900", f"The attribute {attribute} is invalid.", attribute)
    elif not are_entries(values) or not all(isinstance(each, str | None) for value in values for each in _key(value)):
        yield issue("90000900", "The attributes are invalid.", attribute)
    elif attribute == "purchasable_offer" and any(_price(value) is None for value in values):
        message = "The field 'prices' for the attribute 'purchasable_offer.our_price' does not have enough values."
        yield issue("99022", message, attribute, "MISSING_PRICE")


def find_missing(attributes: Mapping[str, Any], requirements: str) -> Iterator[Json]:
    for name in REQUIRED[requirements]:
        if name not in attributes:
            message = f"'{name}' is required but not supplied."
            yield issue("90220", message, name, "MISSING_ATTRIBUTE", action="LISTING_SUPPRESSED")


def are_entries(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, Mapping) for value in values)


def issue(
    code: str, message: str, attribute: str, category: str = "INVALID_ATTRIBUTE", *, action: str | None = None
) -> Json:
    """One of severity ERROR, as Amazon words it. `action`: what it does to the listing."""
    words: Json = {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": [attribute],
        "categories": [category],
    }
    enforced = {"actions": [{"action": action}], "exemption": {"status": "NOT_EXEMPT"}}
    return words | ({"enforcements": enforced} if action else {})


def _price(entry: Mapping[str, Any]) -> Decimal | None:
    try:
        price = entry["our_price"][0]["schedule"][0]["value_with_tax"]
    except (KeyError, IndexError, TypeError):
        return None
    return Decimal(price) if isinstance(price, int | Decimal) and price > 0 else None


def _key(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in SELECTORS)
