"""What the merchant tells of the stock: receipts, adjustments, counts. Each takes effect with the wishes it changes."""

from datetime import datetime

from entrepot.model import DEFAULT_LOCATION, Count, CountMeaning, LocationId, Movement, MovementKind, Sku
from entrepot.store import Tx
from entrepot.sync.uncertain import counted_anew
from entrepot.sync.wishes import wish_again


def receive(
    tx: Tx, sku: Sku, units: int, reference: str, now: datetime, *, location: LocationId = DEFAULT_LOCATION
) -> bool:
    """Units came in. False where this reference is booked already."""
    return _book(tx, Movement(sku, units, MovementKind.RECEIPT, now, reference, location), now)


def adjust(
    tx: Tx, sku: Sku, units: int, reference: str, now: datetime, *, location: LocationId = DEFAULT_LOCATION
) -> bool:
    """Units were found (positive) or lost (negative)."""
    return _book(tx, Movement(sku, units, MovementKind.ADJUSTMENT, now, reference, location), now)


def count(
    tx: Tx,
    sku: Sku,
    units: int,
    counted_at: datetime,
    reference: str,
    now: datetime,
    *,
    meaning: CountMeaning = CountMeaning.ON_HAND,
    location: LocationId = DEFAULT_LOCATION,
) -> bool:
    """Units were counted at `counted_at`. False where this reference is recorded already."""
    recorded = tx.ledger.count(Count(sku, units, counted_at, reference, location, meaning), now)
    if recorded:
        _, from_count = tx.ledger.position(sku, location)
        if from_count == counted_at:  # not where a later count is recorded already
            counted_anew(tx, sku, location, now)
        wish_again(tx, [sku], now)
    return recorded


def _book(tx: Tx, movement: Movement, now: datetime) -> bool:
    booked = tx.ledger.book(movement, now)
    if booked:
        wish_again(tx, [movement.sku], now)
    return booked
