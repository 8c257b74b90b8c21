"""Buckets of an application over all of its sellers, beside those of each pair of an application and a seller.

From Amazon's page "Listings Items API Rate Limits" and its sisters. Which attributes are product data is a guess.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from entrepot.channel import Json, Limit
from entrepot.simulation import Bucket
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal

APPLICATION, RELATIONSHIPS, PRODUCT_DATA = "application", "relationships", "product data"

SELLING = frozenset({"fulfillment_availability", "purchasable_offer"})
RELATING = frozenset({"child_parent_sku_relationship", "package_contains_sku"})

NAMED = frozenset({"putListingsItem", "patchListingsItem"})
"""Their refusals say which bucket is empty."""

EMPTY = "The frequency of requests is greater than allowed for the {}."


class SharedBuckets:
    def __init__(self, time_scale: int) -> None:
        self._time_scale = time_scale
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def spend(self, operation: str, plans: Mapping[str, Limit], body: Json, now: datetime) -> None:
        """Of `plans`, by name, those that the request needs. Raises AmazonRefusal where one is empty."""
        for name in (APPLICATION, *_touched(body)):
            if name in plans and self._bucket(operation, name, plans[name], now).take(now) is not None:
                raise throttled(operation, name)

    def _bucket(self, operation: str, name: str, plan: Limit, now: datetime) -> Bucket:
        if (operation, name) not in self._buckets:
            faster = evolve(plan, per_second=plan.per_second * self._time_scale)
            self._buckets[operation, name] = Bucket(faster, now)
        return self._buckets[operation, name]


def throttled(operation: str, bucket: str) -> AmazonRefusal:
    """A pair's own bucket is told in the words of the application's."""
    return AmazonRefusal(429, EMPTY.format(bucket) if operation in NAMED else "")


def _touched(body: Json) -> Iterator[str]:
    """By the attributes in a submission of a listing."""
    names = set(_attributes(body)) if isinstance(body, Mapping) else set()
    if names & RELATING:
        yield RELATIONSHIPS
    if names - RELATING - SELLING:
        yield PRODUCT_DATA


def _attributes(body: Mapping[str, Any]) -> Iterator[str]:
    attributes, patches = body.get("attributes"), body.get("patches")
    yield from attributes if isinstance(attributes, Mapping) else ()
    for patch in patches if isinstance(patches, list) else ():
        path = patch.get("path") if isinstance(patch, Mapping) else None
        if isinstance(path, str):
            yield path.removeprefix("/attributes/").partition("/")[0]
