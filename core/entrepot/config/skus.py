"""`[skus]`: the catalog, and what the offers are made of that take several articles."""

from collections.abc import Mapping
from pathlib import Path

from entrepot.config.catalog import read_catalog
from entrepot.config.model import Article, Bundles, Unmapped
from entrepot.config.rules import check_sku
from entrepot.config.table import Table
from entrepot.errors import Fault
from entrepot.model import Sku


def read_skus(root: Table, folder: Path) -> tuple[Mapping[Sku, Article] | None, Bundles]:
    """Articles are None where the catalog has a fault. Without [skus] there are none, which is no fault of the file."""
    table = root.table("skus")
    catalog = table.require("catalog", str) if "skus" in root.values else None
    before = len(table.faults)
    articles = read_catalog(folder / catalog, table.faults) if catalog else {}
    usable = None if len(table.faults) > before or ("skus" in root.values and not catalog) else articles
    table.read("unmapped", Unmapped, Unmapped.HOLD)
    bundles = _bundles(table.table("bundles"), usable)
    table.close()
    return usable, bundles


def _bundles(table: Table, articles: Mapping[Sku, Article] | None) -> Bundles:
    return {name: _parts(table.table(name), articles) for name in table.values}


def _parts(table: Table, articles: Mapping[Sku, Article] | None) -> Mapping[Sku, int]:
    parts = {}
    for name in table.values:
        units = table.whole(name, default=None, least=1)
        check_sku(table, name, name, articles)
        if units is not None:
            parts[Sku(name)] = units
    if not table.values:
        path = table.prefix.removesuffix(".")
        table.faults.append(Fault("E105", path, "a bundle of nothing", "name its articles: { SKU = 2, OTHER = 1 }"))
    return parts
