"""Amazon's words for how far an order is."""

from entrepot.model import Order, OrderStatus

STATUS_WORDS = frozenset(
    ["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"]
)


AWAITING = "PENDING_AVAILABILITY"
"""Of one that waits for a release. With payment it passes into PENDING."""


def status_word(order: Order) -> str:
    """A status that our model does not know, or does not tell apart, is in the order's own text."""
    told = order.status is OrderStatus.UNKNOWN or (order.status is OrderStatus.PENDING and order.status_text)
    return order.status_text if told else order.status.name
