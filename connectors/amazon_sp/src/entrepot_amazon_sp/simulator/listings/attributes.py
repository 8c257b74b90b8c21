"""Attributes of a listing beside its availability: how they are merged, and what they say of the price."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

SUPPRESSING = frozenset({"LISTING_SUPPRESSED", "CATALOG_ITEM_REMOVED"})
"""Enforcements after which no buyer can order."""

Entries = list[Mapping[str, Any]]


def merged(entries: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]], by: Sequence[str]) -> Entries:
    """Members that are given take the place of those of the entry with the same selectors `by`."""
    result = {_key(entry, by): dict(entry) for entry in entries}
    for value in values:
        key = _key(value, by)
        result[key] = {**result.get(key, {}), **value}
    return list(result.values())


def without(entries: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]], by: Sequence[str]) -> Entries:
    gone = {_key(value, by) for value in values}
    return [entry for entry in entries if _key(entry, by) not in gone]


def entry_of(entries: Sequence[Mapping[str, Any]], marketplace_id: str) -> Mapping[str, Any]:
    """The first that concerns that store; empty where none does."""
    return next((entry for entry in entries if entry.get("marketplace_id", marketplace_id) == marketplace_id), {})


def price_in(attributes: Mapping[str, Sequence[Mapping[str, Any]]], marketplace_id: str) -> Decimal | None:
    """What all buyers pay for one unit in that store, where the seller has set it."""
    for entry in attributes.get("purchasable_offer", ()):
        if entry.get("marketplace_id", marketplace_id) == marketplace_id and entry.get("audience", "ALL") == "ALL":
            return _price(entry)
    return None


def are_entries(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, Mapping) for value in values)


def _price(entry: Mapping[str, Any]) -> Decimal | None:
    try:
        price = entry["our_price"][0]["schedule"][0]["value_with_tax"]
    except (KeyError, IndexError, TypeError):
        return None
    return Decimal(price) if isinstance(price, int | Decimal) and price > 0 else None


def _key(entry: Mapping[str, Any], selectors: Sequence[str]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in selectors)
