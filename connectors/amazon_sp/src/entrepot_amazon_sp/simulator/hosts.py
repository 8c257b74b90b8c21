"""Which host a request went to, and which stores it may name there."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from entrepot.simulation import Call
from entrepot_amazon_sp.places import BY_ID, PLACES, REGIONS, Region
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, denied

LWA = "api.amazon.com"

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
"""A browser cannot be told to take the simulator for Seller Central: it opens the address that the simulator has."""

SELLER_CENTRALS = frozenset(str(urlsplit(place.seller_central).hostname) for place in PLACES.values())

REGION_BY_HOST = {
    str(urlsplit(url).hostname): region for region in REGIONS.values() for url in (region.endpoint, region.sandbox)
}


def host_of(call: Call) -> str:
    return call.headers.get("host", "").partition(":")[0].lower()


def world_of(host: str) -> str:
    """`sandbox` or `production`, of a region's endpoint."""
    return "sandbox" if host.startswith("sandbox.") else "production"


def region_of(host: str) -> Region | None:
    """The region whose endpoint, for production or sandbox, the host is."""
    return REGION_BY_HOST.get(host)


def check_stores(ids: Sequence[str], region: str, unknown: AmazonRefusal) -> None:
    """Raises `unknown` for an id that no store has, and a refusal for a store of another region."""
    if any(id_ not in BY_ID for id_ in ids):
        raise unknown
    elsewhere = [id_ for id_ in ids if BY_ID[id_].region != region]
    if elsewhere:
        raise denied(f"The marketplaces you provided are not valid for region {region}: {','.join(elsewhere)}")
