"""From the kiosk's words to Entrepot's."""

from decimal import Decimal

from entrepot import channel, model
from entrepot_kiosk import wire

MARKETPLACE = model.Marketplace(id="KIOSK", currency="EUR", time_zone="Europe/Vienna", stock_pool="kiosk")

STATUSES = {
    "cart": model.OrderStatus.PENDING,
    "paid": model.OrderStatus.UNSHIPPED,
    "parts": model.OrderStatus.PARTIALLY_SHIPPED,
    "sent": model.OrderStatus.SHIPPED,
    "void": model.OrderStatus.CANCELLED,
}


def map_order(record: channel.Json) -> model.Order:
    order = channel.structure(record, wire.Order)
    return model.Order(
        external_id=order.no,
        marketplace=MARKETPLACE.id,
        status=STATUSES.get(order.state, model.OrderStatus.UNKNOWN),
        status_text=order.state,
        placed_at=order.placed,
        changed_at=order.changed,
        lines=tuple(map(_map_item, order.items)),
        discount=_map_amount(order.off),
        shipping=_map_amount(order.postage),
        total=_map_amount(order.total),
    )


def map_stock(record: channel.Json) -> model.StockLevel:
    article = channel.structure(record, wire.Article)
    return model.StockLevel(article.ean, article.units)


def _map_item(item: wire.Item) -> model.OrderLine:
    return model.OrderLine(
        external_id=item.no,
        offer=item.ean,
        ordered=item.units,
        shipped=item.sent,
        cancelled=item.void,
        gross=_map_amount(item.price),
        discount=_map_amount(item.off),
    )


def _map_amount(text: str | None) -> model.Money | None:
    """ "1.234,50" is one thousand two hundred and thirty-four and a half."""
    return None if text is None else model.Money(Decimal(text.replace(".", "").replace(",", ".")), MARKETPLACE.currency)
