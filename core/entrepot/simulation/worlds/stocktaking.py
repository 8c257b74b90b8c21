"""The merchant of a simulated world walks through all of his warehouses at once."""

from collections.abc import Sequence
from datetime import datetime

from entrepot.model import LocationId, Sku
from entrepot.store import Tx
from entrepot.sync.stocktaking import count


def count_everywhere(
    tx: Tx, sku: Sku, units: int, at: datetime, reference: str, *, places: Sequence[LocationId]
) -> None:
    """So many units lie in all places together; each has its part, and the first the rest."""
    part, rest = divmod(units, len(places))
    for number, place in enumerate(places):
        found = part if number else part + rest
        count(tx, sku, found, at, reference, at, location=place)
