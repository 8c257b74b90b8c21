"""What the client itself can say of a 403: Amazon has one for a missing role, a foreign seller, store or path."""

from collections.abc import Iterator

from entrepot_amazon_sp.arguments import Wanted
from entrepot_amazon_sp.catalog import Operation
from entrepot_amazon_sp.places import BY_ID, REGIONS

STORES = frozenset({"marketplaceids", "marketplaceid"})
"""How parameters with ids of stores are called, in small letters."""


def region_of(host: str) -> str:
    return next(name for name, each in REGIONS.items() if host in {each.endpoint, each.sandbox})


def differences(operation: Operation, wanted: Wanted, seller_id: str, region: str) -> Iterator[str]:
    """In what a request is of another seller or region than the client."""
    asked = dict(zip(operation.path.split("/"), wanted.path.split("/"), strict=True)).get("{sellerId}")
    asked = asked or wanted.query.get("sellerId")
    if asked is not None and asked != seller_id:
        yield f"its sellerId {asked} is not the seller_id {seller_id} of the settings"
    for place in map(BY_ID.get, _stores(wanted)):
        if place is not None and place.region != region:
            yield f"its store {place.id} ({place.code}) is of region {place.region}, this client asks {region}"


def _stores(wanted: Wanted) -> Iterator[str]:
    body = wanted.body if isinstance(wanted.body, dict) else {}
    for name, value in [*wanted.query.items(), *body.items()]:
        if name.lower() in STORES:
            listed = value if isinstance(value, list | tuple) else [value]
            yield from (id_ for text in listed for id_ in str(text).split(","))
