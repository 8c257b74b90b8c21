"""What an order has wrong, as problems that end by themselves."""

from collections.abc import Iterable
from datetime import datetime

from entrepot.model import AccountId, Order, OrderLine, ProblemKind, Severity, order_flaws
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem


def flawed_among(tx: Tx, account: AccountId, orders: Iterable[Order]) -> set[str]:
    """The subjects of those whose flaws are told."""
    return {*tx.problems.open_among(ProblemKind.ORDER_FLAWED, account, {order_subject(order) for order in orders})}


def tell_flaws(tx: Tx, account: AccountId, order: Order, now: datetime, flawed: set[str]) -> None:
    """Where the order contradicts itself. It is kept as it is. `flawed`: see above, it is kept up to date."""
    subject = order_subject(order)
    flaws = list(order_flaws(order))
    if flaws:
        action = f"compare with the channel: entrepot orders show {order.external_id}"
        open_problem(tx, ProblemKind.ORDER_FLAWED, account, subject, "; ".join(flaws), action, now, Severity.WARNING)
        flawed.add(subject)
    elif subject in flawed:
        close_problem(tx, ProblemKind.ORDER_FLAWED, account, subject, now)
        flawed.remove(subject)


def tell_reversal(tx: Tx, account: AccountId, order: Order, line: OrderLine, before: int, now: datetime) -> None:
    """Fewer units are shipped than the `before` that are booked."""
    open_problem(
        tx,
        ProblemKind.SHIPMENT_REVERSED,
        account,
        _line_subject(order, line),
        f"{line.shipped} units are shipped now, {before} were before; nothing was put back into stock",
        "if the units are back on the shelf: entrepot stock receive SKU UNITS",
        now,
    )


def end_reversal(tx: Tx, account: AccountId, order: Order, line: OrderLine, now: datetime) -> None:
    close_problem(tx, ProblemKind.SHIPMENT_REVERSED, account, _line_subject(order, line), now)


def order_subject(order: Order) -> str:
    return f"order/{order.external_id}"


def _line_subject(order: Order, line: OrderLine) -> str:
    return f"{order_subject(order)}/{line.external_id}"


def tell_unmapped(tx: Tx, account: AccountId, offer: str, now: datetime) -> None:
    open_problem(
        tx,
        ProblemKind.OFFER_UNMAPPED,
        account,
        f"offer/{offer}",
        f"orders for {offer} wait: no article of the catalog has that SKU",
        f"entrepot offers map {account} {offer} SKU; or add it to the catalog file, then: entrepot problems retry",
        now,
    )


def end_unmapped(tx: Tx, account: AccountId, offer: str, now: datetime) -> None:
    close_problem(tx, ProblemKind.OFFER_UNMAPPED, account, f"offer/{offer}", now)
