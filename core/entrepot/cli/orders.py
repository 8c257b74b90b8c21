"""`orders list|show`: what buyers ordered, in every version that was seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Refused
from entrepot.cli.show import Times, answer, as_format, counted, table
from entrepot.model import AccountId, Fulfillment, Movement, Order, OrderLine, Sku, Target
from entrepot.stock.demand import CLOCK_ERROR
from entrepot.store import Tx
from entrepot.store.records import LineRow


@frozen
class OrderEntry:
    """The present version of an order."""

    account: AccountId
    order: Order


@frozen
class Version:
    """What the channel told, and when it was stored."""

    stored_at: datetime
    order: Order


@frozen
class OrderHistory:
    """An order with its effects. `targets` are those of each line, by its id; a line without one waits for its SKU."""

    account: AccountId
    versions: Sequence[Version]
    lines: Mapping[str, LineRow]
    targets: Mapping[str, Sequence[Target]]
    shipments: Sequence[Movement]

    @property
    def order(self) -> Order:
        return self.versions[-1].order


@click.group()
def orders() -> None:
    """What buyers ordered."""


@orders.command("list")
@click.option("--account", help="Only orders of this account.")
@click.option("--sku", help="Only orders that take units of this article.")
@click.option("--open", "open_only", is_flag=True, help="Only orders with units still to send.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@as_format
@pass_home
def list_orders(home: Home, account: str | None, sku: str | None, form: str, limit: int, *, open_only: bool) -> None:
    """The newest orders."""

    def find(tx: Tx) -> list[OrderEntry]:
        wanted = home.stored_account(tx, account)
        found = tx.orders.find(account=wanted, open_only=open_only, sku=Sku(sku) if sku else None, limit=limit)
        return [OrderEntry(*pair) for pair in found]

    entries = home.read(find)
    times = Times(home.clock.now(), home.config.time_zone)
    answer(entries, form, lambda console: _render_list(console, entries, times, limit))


@orders.command()
@click.argument("id_", metavar="ID")
@click.option("--account", help="Where several accounts have an order ID.")
@as_format
@pass_home
def show(home: Home, id_: str, account: str | None, form: str) -> None:
    """One order: its versions, lines, money, stock targets and shipments."""
    history = home.read(lambda tx: order_history(tx, _account_of(tx, id_, home.stored_account(tx, account)), id_))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(history, form, lambda console: _render(console, history, times))


def order_history(tx: Tx, account: AccountId, id_: str) -> OrderHistory:
    versions = [Version(*pair) for pair in tx.orders.versions(account, id_)]
    lines = tx.orders.lines(account, id_)
    targets = {line: tx.orders.targets(account, id_, line) for line in lines}
    skus = sorted({target.sku for chosen in targets.values() for target in chosen})
    prefix = f"{account}/{id_}/"
    shipments = [move for sku in skus for move in tx.ledger.movements(sku) if move.reference.startswith(prefix)]
    return OrderHistory(account, versions, lines, targets, shipments)


def _account_of(tx: Tx, id_: str, wanted: AccountId | None) -> AccountId:
    accounts = tx.orders.accounts_with(id_)
    if wanted is not None:
        accounts = [account for account in accounts if account == wanted]
    if not accounts:
        where = f" of {wanted}" if wanted else ""
        raise Refused(f"no order {id_}{where} is stored. Next: entrepot orders list")
    if len(accounts) > 1:
        raise Refused(f"{' and '.join(accounts)} both have an order {id_}. Next: add --account {accounts[0]}")
    return accounts[0]


def _render_list(console: Console, entries: list[OrderEntry], times: Times, limit: int) -> None:
    rows = [
        (
            times.at(entry.order.placed_at),
            entry.account,
            entry.order.external_id,
            entry.order.status,
            sum(entry.order.open_units(line) for line in entry.order.lines),
            entry.order.total,
            ", ".join(f"{line.ordered} {line.offer}" for line in entry.order.lines),
        )
        for entry in entries
    ]
    if not rows:
        console.print("No such orders.")
        return
    console.print(table("placed  account  order  status  >open  >total  offers", rows, wrap={"offers"}))
    if len(rows) == limit:
        console.print(f"\nThe newest {limit}; more with --limit.")


def _render(console: Console, history: OrderHistory, times: Times) -> None:
    order = history.order
    word = f' ("{order.status_text}")' if order.status_text else ""
    by = "us" if order.fulfillment is Fulfillment.MERCHANT else "the channel"
    console.print(f"{order.external_id} on {history.account}, {order.status}{word}, sent by {by}")
    console.print(
        f"placed {times.full(order.placed_at)} on {order.marketplace}, changed {times.full(order.changed_at)}\n"
    )
    columns = "line  offer  >ordered  >shipped  >cancelled  >open  >gross  >tax  >discount  takes"
    console.print(table(columns, [_line(history, line) for line in order.lines], wrap={"takes"}))
    money = [(name, getattr(order, name)) for name in ("shipping", "other", "discount", "tax", "total")]
    told = ", ".join(f"{name} {amount}" for name, amount in money if amount is not None)
    console.print(f"\n{told}\n" if told else "\nno prices yet\n")
    _render_course(console, history, times)


def _line(history: OrderHistory, line: OrderLine) -> tuple[object, ...]:
    targets = history.targets.get(line.external_id, ())
    takes = ", ".join(f"{target.per_unit * line.ordered} {target.sku} at {target.location}" for target in targets)
    return (
        line.external_id,
        line.offer,
        line.ordered,
        line.shipped,
        line.cancelled,
        history.order.open_units(line),
        line.gross,
        line.tax,
        line.discount,
        takes or "unmapped: no article has this SKU",
    )


def _render_course(console: Console, history: OrderHistory, times: Times) -> None:
    rows = [
        (number, times.full(one.stored_at), times.full(one.order.changed_at), one.order.status, _units(one.order))
        for number, one in enumerate(history.versions, 1)
    ]
    console.print(table(">version  stored  changed  status  units", rows))
    if history.shipments:
        moves = [
            (times.full(_left_at(move)), -move.quantity, move.sku, move.location, _source(move))
            for move in history.shipments
        ]
        console.print()
        console.print(table("left  >units  sku  from  time", moves))


def _units(order: Order) -> str:
    ordered, shipped, cancelled = (
        sum(getattr(line, name) for line in order.lines) for name in ("ordered", "shipped", "cancelled")
    )
    gone = f", {cancelled} cancelled" if cancelled else ""
    return f"{shipped} of {counted(ordered, 'unit')} shipped{gone}"


def _left_at(move: Movement) -> datetime:
    """Without what is added to be on the safe side."""
    return move.effective_at if move.not_before is None else move.effective_at - CLOCK_ERROR


def _source(move: Movement) -> str:
    told = move.not_before is None or move.effective_at - move.not_before <= 2 * CLOCK_ERROR
    return "as the channel says" if told else "when it was first seen gone; the channel did not say"
