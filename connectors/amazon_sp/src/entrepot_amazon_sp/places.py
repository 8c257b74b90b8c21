"""Amazon's stores and regions. A store is named by its country code, as Amazon writes it: `DE`, and `UK` for Britain.

From Amazon's pages "Marketplace IDs", "SP-API endpoints" and "Seller Central URLs". Time zones are what a seller would
expect of the store; Amazon does not state them.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from attrs import frozen


@frozen
class Region:
    """A part of the world with an endpoint of its own. An authorization is good for one region."""

    name: str
    endpoint: str
    sandbox: str


@frozen
class Place:
    """`id` is Amazon's marketplace id. Places with one `stock_pool` show one quantity of an offer.

    `seller_central` is the address at which the seller of the store signs in.
    """

    code: str
    id: str
    country: str
    region: str
    domain: str
    currency: str
    language: str
    time_zone: str
    stock_pool: str
    seller_central: str


def _read() -> tuple[Mapping[str, Region], Mapping[str, Place]]:
    data = tomllib.loads(files(__package__).joinpath("data/marketplaces.toml").read_text("utf-8"))
    regions = {name: Region(name, **table) for name, table in data["regions"].items()}
    return regions, {code: Place(code, **table) for code, table in data["marketplaces"].items()}


REGIONS, PLACES = _read()
"""By name (`EU`), and by code (`DE`)."""

BY_ID: Mapping[str, Place] = {place.id: place for place in PLACES.values()}


def place_of(country: object) -> Place | None:
    """The store of a country's code, also in small letters or in the form of ISO 3166; None for anything else."""
    code = str(country).upper()
    return PLACES.get("UK" if code == "GB" else code)


def code_of(marketplace_id: str) -> str:
    """The code of a store, or the id itself of one that is not in our data (new, or no store but a sales channel)."""
    place = BY_ID.get(marketplace_id)
    return place.code if place else marketplace_id
