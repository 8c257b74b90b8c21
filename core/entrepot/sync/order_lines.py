"""What the lines of an order hold back, release and take out of stock."""

from attrs import evolve

from entrepot.model import Fulfillment, Order, OrderLine, Target
from entrepot.stock.demand import Booked, Shelves, choose_targets, line_change, shipments
from entrepot.store.records import LineRow
from entrepot.sync.gathering import Intake
from entrepot.sync.order_problems import end_reversal, tell_reversal, tell_unmapped


def take_lines(intake: Intake, order: Order, before: Order | None) -> None:
    """`before` is the stored version; None where the order is new, and has no lines in the ledger."""
    rows = intake.tx.orders.lines(intake.account, order.external_id) if before else {}
    lines = {line.external_id: line for line in order.lines}  # a line that occurs twice is told as a flaw
    for line in lines.values():
        _take_line(intake, order, line, rows.get(line.external_id), before)
    for gone in sorted(rows.keys() - lines.keys()):
        _drop_line(intake, order, rows[gone])


def _take_line(intake: Intake, order: Order, line: OrderLine, row: LineRow | None, before: Order | None) -> None:
    account, still_open = intake.account, order.open_units(line)
    if row is None and order.fulfillment is Fulfillment.MERCHANT:
        # Our last write may lie between the order and its cancellation, so each counts at its own instant.
        intake.sales.append((line.offer, line.ordered, order.placed_at))
        _free(intake, order, line.offer, line.ordered - still_open - line.shipped)
    targets = _targets(intake, order, line, row)
    if targets is None:
        _wait_for_mapping(intake, order, line)
        return
    booked = Booked(row.open, row.booked) if row and row.mapped else Booked()
    change = line_change(order, line, booked)
    _free(intake, order, line.offer, -change.open_delta - change.shipped_delta)
    if change.reversed_by:
        tell_reversal(intake.tx, account, order, line, booked.shipped, intake.now)
    elif booked.shipped:
        end_reversal(intake.tx, account, order, line, intake.now)
    for target in targets:
        if not (row and row.mapped) and change.open_delta:
            intake.begun[target.sku, target.location].append(order)
        if change.open_delta:
            intake.reserved[target.sku, target.location] += change.open_delta * target.per_unit
        if change.shipped_delta:
            gone = shipments(account, order, line, target, before, booked, ahead=intake.source.ahead)
            intake.shipped[target.sku, target.location].extend(gone)
    after = LineRow(line.external_id, line.offer, still_open, booked.shipped + change.shipped_delta, mapped=True)
    intake.lines.append((order, line, after))


def _free(intake: Intake, order: Order, offer: str, units: int) -> None:
    """Units that were held back and will not be sent: the channel may have put them on show again."""
    if units > 0 and order.fulfillment is Fulfillment.MERCHANT:
        intake.freed.append((offer, units, order.changed_at))


def _targets(intake: Intake, order: Order, line: OrderLine, row: LineRow | None) -> tuple[Target, ...] | None:
    """Chosen at the first intake and never moved; None while the offer is unmapped."""
    if row and row.mapped:
        return intake.tx.orders.targets(intake.account, order.external_id, line.external_id)
    bundle = intake.bundles.get(line.offer)
    if bundle is None:
        return None
    units, shelves = line.ordered - line.cancelled, Shelves(intake.places, intake.free)
    targets = choose_targets(intake.account, order.fulfillment, bundle, units, shelves)
    for target in targets:
        if (target.sku, target.location) in intake.free:  # the next line of this page finds so many less
            intake.free[target.sku, target.location] -= units * target.per_unit
    intake.targets.append((order.external_id, line.external_id, targets))
    return targets


def _drop_line(intake: Intake, order: Order, row: LineRow) -> None:
    """A line that the newer document lacks holds nothing back any more; what was shipped stays shipped."""
    if row.mapped and row.open == 0:
        return
    _free(intake, order, row.offer, row.open)
    for target in intake.tx.orders.targets(intake.account, order.external_id, row.line_id):
        intake.reserved[target.sku, target.location] -= row.open * target.per_unit
    line = OrderLine(row.line_id, row.offer, ordered=row.booked)
    intake.lines.append((order, line, evolve(row, open=0)))


def _wait_for_mapping(intake: Intake, order: Order, line: OrderLine) -> None:
    """An unmapped offer never rejects an order: the line is an open item."""
    intake.lines.append((order, line, LineRow(line.external_id, line.offer, open=0, booked=0, mapped=False)))
    tell_unmapped(intake.tx, intake.account, line.offer, intake.now)
