"""From the shop's words to Entrepot's. Pure: a record that was kept is mapped again without a network."""

from decimal import Decimal

from entrepot import channel
from entrepot.model import Money, Order, OrderLine, OrderStatus, StockLevel
from entrepot_mock_channel.wire import LineDocument, OrderDocument, StockDocument

MARKETPLACE = "MOCK"

STATUSES = {
    "new": OrderStatus.PENDING,
    "paid": OrderStatus.UNSHIPPED,
    "part_sent": OrderStatus.PARTIALLY_SHIPPED,
    "sent": OrderStatus.SHIPPED,
    "cancelled": OrderStatus.CANCELLED,
    "returned_to_sender": OrderStatus.UNFULFILLABLE,
}


def map_order(record: channel.Json) -> Order:
    document = channel.structure(record, OrderDocument)
    return Order(
        external_id=document.number,
        marketplace=MARKETPLACE,
        status=STATUSES.get(document.status, OrderStatus.UNKNOWN),
        status_text=document.status,
        placed_at=document.placed,
        changed_at=document.changed,
        lines=tuple(_map_line(line, document.currency) for line in document.lines),
        discount=_map_amount(document.discount, document.currency),
        shipping=_map_amount(document.shipping, document.currency),
        total=_map_amount(document.total, document.currency),
    )


def map_stock(record: channel.Json) -> StockLevel:
    document = channel.structure(record, StockDocument)
    return StockLevel(document.sku, document.quantity)


def _map_line(line: LineDocument, currency: str) -> OrderLine:
    return OrderLine(
        external_id=line.id,
        offer=line.sku,
        title=line.title,
        ordered=line.quantity,
        shipped=line.sent,
        cancelled=line.cancelled,
        gross=_map_amount(line.gross, currency),
        tax=_map_amount(line.tax, currency),
        discount=_map_amount(line.discount, currency),
    )


def _map_amount(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
