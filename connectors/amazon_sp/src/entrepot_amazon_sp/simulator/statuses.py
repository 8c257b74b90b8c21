"""Amazon's words for how far an order is."""

from entrepot.model import Order, OrderStatus

STATUS_WORDS = frozenset(
    ["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"]
)


def status_word(order: Order) -> str:
    """A status that our model does not know is in the order's own text."""
    return order.status_text if order.status is OrderStatus.UNKNOWN else order.status.name
