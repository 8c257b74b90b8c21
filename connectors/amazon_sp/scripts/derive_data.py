"""Writes the data files of `entrepot_amazon_sp` from tables of Amazon's stores and rate plans.

    python connectors/amazon_sp/scripts/derive_data.py FOLDER

FOLDER holds `marketplaces.toml` (Amazon's pages "Marketplace IDs", "SP-API endpoints" and "Seller Central URLs") and
`rate_plans.toml` (the usage plans in Amazon's models).
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "src" / "entrepot_amazon_sp" / "data"

OPERATIONS = (
    ("orders_2026-01-01", "searchOrders"),
    ("orders_2026-01-01", "getOrder"),
    ("listingsItems_2021-08-01", "getListingsItem"),
    ("listingsItems_2021-08-01", "searchListingsItems"),
    ("listingsItems_2021-08-01", "patchListingsItem"),
    ("sellers", "getMarketplaceParticipations"),
    ("application_2023-11-30", "rotateApplicationClientSecret"),
)
"""What the connector and its commands call."""

EUROPE = frozenset({"BE", "DE", "ES", "FR", "IE", "IT", "NL", "PL", "SE", "UK"})
"""Stores of one European account: one quantity serves them all. Amazon's guides imply it without saying so."""

FACTS = tomllib.loads((Path(__file__).parent / "catalog_facts.toml").read_text("utf-8"))

HEAD = "# Written by scripts/derive_data.py; do not edit.\n"


def marketplaces(stores: dict[str, Any]) -> Iterator[str]:
    yield HEAD
    for name, region in stores["regions"].items():
        yield f'[regions.{name}]\nendpoint = "{region["endpoint"]}"\nsandbox  = "{region["sandbox_endpoint"]}"\n'
    for store in stores["marketplace"]:
        code = store["country_code"]
        yield "\n".join(
            [
                f"[marketplaces.{code}]",
                f'id             = "{store["id"]}"',
                f'country        = "{store["iso_country"]}"',
                f'region         = "{store["region"]}"',
                f'domain         = "{store["domain"]}"',
                f'currency       = "{store["currency"]}"',
                f'language       = "{store["default_locale"]}"',
                f'time_zone      = "{store["store_timezone"]}"',
                f'stock_pool     = "{"EUROPE" if code in EUROPE else code}"',
                f'seller_central = "{store["seller_central"]}"',
                "",
            ]
        )


def rate_plans(plans: dict[str, Any]) -> Iterator[str]:
    yield HEAD
    for api, operation in OPERATIONS:
        plan = plans["api"][api]["operations"][operation]
        yield f"[{operation}]\nper_second = {plan['rate']}\nburst      = {plan['burst']}\n" + shared(
            f"{api}.{operation}"
        )


def shared(operation: str) -> str:
    """The application's bucket. Those of relationships and product data are for what the connector does not write."""
    buckets = [row["buckets"] for row in FACTS["application"] if operation in row["operations"]]
    return "".join(f"application = {{ application = {one['application']} }}\n" for one in buckets)


def derive(folder: Path) -> dict[str, str]:
    """File name to text."""
    stores = tomllib.loads((folder / "marketplaces.toml").read_text("utf-8"))
    plans = tomllib.loads((folder / "rate_plans.toml").read_text("utf-8"))
    return {
        "marketplaces.toml": "\n".join(marketplaces(stores)),
        "rate_plans.toml": "\n".join(rate_plans(plans)),
    }


if __name__ == "__main__":
    for file, text in derive(Path(sys.argv[1])).items():
        (DATA / file).write_text(text, "utf-8")
