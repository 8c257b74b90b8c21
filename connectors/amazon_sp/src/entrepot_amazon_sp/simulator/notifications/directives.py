"""How a subscription asks to be told of less: the processing directive, as far as the simulated types have one."""

from collections.abc import Collection, Mapping
from typing import Any

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.hosts import check_stores
from entrepot_amazon_sp.simulator.notifications.register import Filter
from entrepot_amazon_sp.simulator.notifications.types import NotificationType
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid, not_simulated

ORDER_CHANGES = frozenset({"BuyerRequestedChange", "DeliveryTipChange", "OrderStatusChange"})

EXPRESSION = "filterExpression"
LONGEST_EXPRESSION = 256


def read_directive(directive: Json, kind: NotificationType, region: str) -> Filter:
    """Raises AmazonRefusal."""
    if directive is None:
        return Filter()
    if not isinstance(directive, Mapping) or len(directive) > 1 or directive.keys() - {"eventFilter", EXPRESSION}:
        raise invalid("processingDirective has eventFilter or filterExpression, and not both.")
    if EXPRESSION in directive:
        raise _refuse_expression(directive[EXPRESSION])
    return _read_filter(directive["eventFilter"], kind, region) if directive else Filter()


def _refuse_expression(expression: Any) -> AmazonRefusal:
    if not isinstance(expression, str) or not 1 <= len(expression) <= LONGEST_EXPRESSION:
        return invalid(f"filterExpression has 1 to {LONGEST_EXPRESSION} characters.")
    return not_simulated("A filterExpression")


def _read_filter(given: Json, kind: NotificationType, region: str) -> Filter:
    """That a property of another type is refused is a guess."""
    if not kind.filters:
        raise invalid(f"Notification type {kind.name} does not support eventFilter.")
    if not isinstance(given, Mapping) or given.get("eventFilterType") != kind.name:
        raise invalid(f"eventFilterType is not {kind.name}.")
    others = given.keys() - kind.filters - {"eventFilterType"}
    if others:
        raise invalid(f"{kind.name} does not support the filter {min(others)}.")
    stores, changes = _texts(given, "marketplaceIds"), _texts(given, "orderChangeTypes", ORDER_CHANGES)
    check_stores(sorted(stores or ()), region, invalid("marketplaceIds has an unknown value."))
    return Filter(stores, changes, {"eventFilter": dict(given)})


def _texts(given: Mapping[str, Any], name: str, allowed: Collection[str] | None = None) -> frozenset[str] | None:
    """None where it is left out: all."""
    values = given.get(name)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise invalid(f"{name} is a list of texts.")
    unknown = [each for each in values if allowed is not None and each not in allowed]
    if unknown:
        raise invalid(f"{name} has no value {unknown[0]:.40}.")
    return frozenset(values)
