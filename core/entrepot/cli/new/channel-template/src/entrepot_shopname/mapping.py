"""From the shop's words to Entrepot's. Pure: a record that was kept is mapped again without a network."""

from decimal import Decimal  # if orders

from entrepot import channel, model
from entrepot_shopname import wire

MARKETPLACE = model.Marketplace(  # a shop without marketplaces is one
    id="SHOPNAME",  # any name that stays: orders are stored with it
    currency="EUR",
    time_zone="Europe/Berlin",
    stock_pool="shopname",
)

STATUSES = {  # if orders
    "open": model.OrderStatus.PENDING,
    "paid": model.OrderStatus.UNSHIPPED,
    "part_sent": model.OrderStatus.PARTIALLY_SHIPPED,
    "sent": model.OrderStatus.SHIPPED,
    "void": model.OrderStatus.CANCELLED,
}


def map_order(record: channel.Json) -> model.Order:  # if orders
    """A state that is not in the table becomes UNKNOWN, with the shop's word: it is never guessed."""
    order = channel.structure(record, wire.Order)
    return model.Order(
        external_id=order.number,
        marketplace=MARKETPLACE.id,
        status=STATUSES.get(order.state, model.OrderStatus.UNKNOWN),
        status_text=order.state,
        placed_at=order.placed,
        changed_at=order.changed,
        lines=tuple(_map_line(line, order.currency) for line in order.lines),
        discount=_map_amount(order.discount, order.currency),
        shipping=_map_amount(order.shipping, order.currency),
        total=_map_amount(order.total, order.currency),
    )


def map_stock(record: channel.Json) -> model.StockLevel:  # if stock
    stock = channel.structure(record, wire.Stock)
    return model.StockLevel(stock.sku, stock.quantity)


def _map_line(line: wire.Line, currency: str) -> model.OrderLine:  # if orders
    return model.OrderLine(
        external_id=line.id,
        offer=line.sku,
        ordered=line.quantity,
        shipped=line.sent,
        cancelled=line.void,
        gross=_map_amount(line.amount, currency),
        tax=_map_amount(line.tax, currency),
        discount=_map_amount(line.discount, currency),
    )


def _map_amount(amount: Decimal | None, currency: str) -> model.Money | None:  # if orders
    """No price yet is None. Zero would be booked."""
    return None if amount is None else model.Money(amount, currency)
