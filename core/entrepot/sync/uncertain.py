"""Units that a count may have taken off already, and that are subtracted all the same: too few is the safe side."""

from collections.abc import Iterable
from datetime import datetime

from entrepot.model import DEFAULT_LOCATION, LocationId, Order, ProblemKind, Severity, Sku
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem


def tell_uncertain(tx: Tx, sku: Sku, location: LocationId, now: datetime) -> None:
    """A shipment whose time nobody told: open the problem where it may have been before the last count, or close it."""
    subject = subject_of(sku, location)
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
        f"{units} units of {sku} left before or after the last count, nobody knows which: the count may have "
        f"missed them already, and they are subtracted ({', '.join(movement.reference for movement in doubtful)})",
        _count_again(sku, location),
        now,
        Severity.WARNING,
    )


def tell_late_orders(tx: Tx, sku: Sku, location: LocationId, orders: Iterable[Order], now: datetime) -> None:
    """Orders that take effect now: open the problem where one was placed before the last count of what is available.

    Nobody knows whether who counted knew of it. To believe so would put the unit on sale a second time.
    """
    counted_at = tx.ledger.available_counted_at(sku, location)
    late = [order.external_id for order in orders if counted_at is not None and order.placed_at <= counted_at]
    if not late:
        return
    open_problem(
        tx,
        ProblemKind.ORDER_BEFORE_COUNT,
        None,
        subject_of(sku, location),
        f"orders for {sku} that were placed before the last count of what is available came in after it "
        f"({', '.join(late)}): the count may have taken their units off already, and they are subtracted",
        _count_again(sku, location),
        now,
        Severity.WARNING,
    )


def counted_anew(tx: Tx, sku: Sku, location: LocationId, now: datetime) -> None:
    """After the count that the position starts from now: it took in every order that is known."""
    tell_uncertain(tx, sku, location, now)
    close_problem(tx, ProblemKind.ORDER_BEFORE_COUNT, None, subject_of(sku, location), now)


def _count_again(sku: Sku, location: LocationId) -> str:
    where = "" if location == DEFAULT_LOCATION else f" --location {location}"
    return f"count {sku} again: entrepot stock count {sku} UNITS{where}"


def subject_of(sku: Sku, location: LocationId) -> str:
    return f"sku/{sku}" if location == DEFAULT_LOCATION else f"location/{location}/{sku}"
