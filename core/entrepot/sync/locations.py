"""Locations that plugins.toml names, against those at which the ledger has units."""

from collections.abc import Collection

from entrepot.errors import Fault
from entrepot.model import LocationId
from entrepot.store import Tx


def lost_locations(tx: Tx, configured: Collection[LocationId], source: str) -> list[Fault]:
    """Own locations that are named no more and still have units, or owe some. `source` is the file's name.

    Nobody could count there again, and what lies there would be for sale for ever.
    """
    return [
        Fault(
            "E504",
            f"{source}: locations.{name}",
            f"{name} is not in [locations], and has units, open orders or a held import of {articles} "
            f"{'article' if articles == 1 else 'articles'}",
            f"write {name} = {{}} there until it is empty: entrepot stock count SKU 0 --location {name}",
        )
        for name, articles in tx.ledger.articles_elsewhere(configured).items()
    ]
