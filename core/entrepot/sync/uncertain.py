"""Shipments whose time nobody told, and a count that may have missed their units already."""

from datetime import datetime

from entrepot.model import DEFAULT_LOCATION, LocationId, ProblemKind, Severity, Sku
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem


def tell_uncertain(tx: Tx, sku: Sku, location: LocationId, now: datetime) -> None:
    """Open the problem where the last count lies in such a doubt, close it where no doubt is left."""
    subject = f"sku/{sku}" if location == DEFAULT_LOCATION else f"location/{location}/{sku}"
    doubtful = tx.ledger.around_count(sku, location)
    if not doubtful:
        close_problem(tx, ProblemKind.SHIPMENT_TIME_UNCERTAIN, None, subject, now)
        return
    units = -sum(movement.quantity for movement in doubtful)
    open_problem(
        tx,
        ProblemKind.SHIPMENT_TIME_UNCERTAIN,
        None,
        subject,
        f"{units} units of {sku} left before or after the last count, the channel did not say when: the count may have "
        f"missed them already, and they are subtracted ({', '.join(movement.reference for movement in doubtful)})",
        f"count {sku} again: entrepot stock count {sku} UNITS",
        now,
        Severity.WARNING,
    )
