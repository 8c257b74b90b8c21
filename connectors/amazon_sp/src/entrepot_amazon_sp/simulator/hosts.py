"""Which host a request went to, and which stores it may name there."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from entrepot.simulation import Call
from entrepot_amazon_sp.places import BY_ID, PLACES, REGIONS
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, denied

LWA = "api.amazon.com"

TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - where one is asked for

STORAGE = {name: f"documents-{name.lower()}.s3.amazonaws.com" for name in REGIONS}
"""Invented hosts, by region, of the documents of feeds and reports."""

SELLER_CENTRALS = frozenset(str(urlsplit(place.seller_central).hostname) for place in PLACES.values())

REGION_BY_HOST = {
    str(urlsplit(url).hostname): region.name for region in REGIONS.values() for url in (region.endpoint, region.sandbox)
}


HOMES = REGION_BY_HOST | {host: region for region, host in STORAGE.items()}
HOMES |= {str(urlsplit(place.seller_central).hostname): place.region for place in PLACES.values()}
"""The region of every host that belongs to one."""


def is_own(host: str) -> bool:
    """None of Amazon's: the simulator's own address, whatever that is called where the client runs.

    A client that is told it asks for tokens, APIs and documents there alike.
    """
    return host not in HOMES and not host.endswith((".amazon.com", ".amazonaws.com"))


def host_of(call: Call) -> str:
    return call.headers.get("host", "").partition(":")[0].lower()


def base_of(call: Call, host: str) -> str:
    """Where the same client reaches another host of Amazon's."""
    own = call.headers.get("host", "")
    return f"http://{own}" if is_own(host_of(call)) else f"https://{host}"


def is_lwa(call: Call) -> bool:
    host = host_of(call)
    return host == LWA or is_own(host)


def is_sandbox(call: Call) -> bool:
    return host_of(call).startswith("sandbox.")


def region_of(host: str) -> str | None:
    """The name of the region whose endpoint, for production or sandbox, the host is."""
    return REGION_BY_HOST.get(host)


def check_stores(ids: Sequence[str], region: str, unknown: AmazonRefusal) -> None:
    """Raises `unknown` for an id that no store has, and a refusal for a store of another region."""
    if any(id_ not in BY_ID for id_ in ids):
        raise unknown
    elsewhere = [id_ for id_ in ids if BY_ID[id_].region != region]
    if elsewhere:
        raise denied(f"The marketplaces you provided are not valid for region {region}: {','.join(elsewhere)}")
