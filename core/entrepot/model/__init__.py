"""The vocabulary of the house: frozen values that import nothing else of ours."""

from entrepot.model.account import Marketplace, Publish
from entrepot.model.buyer import Address, Buyer, Recipient
from entrepot.model.event import Event, EventName
from entrepot.model.ids import DEFAULT_LOCATION, AccountId, LocationId, Sku, held_by
from entrepot.model.merge import keep_withheld
from entrepot.model.money import Money, minor_digits, total
from entrepot.model.offer import Bundle, Offer, Target
from entrepot.model.order import (
    UNTOLD,
    Alias,
    Cancellation,
    DataSet,
    DataSetState,
    Fulfillment,
    Order,
    OrderLine,
    OrderStatus,
    Package,
    PackageStatus,
    Payment,
    RelatedOrder,
    TaxCollection,
    TimeRange,
    order_flaws,
)
from entrepot.model.problem import Problem, ProblemKind, Severity
from entrepot.model.settlement import Settlement, SettlementLine
from entrepot.model.stock import Count, CountMeaning, Movement, MovementKind, Position, StockLevel
from entrepot.model.time import Window, business_date, utc

__all__ = [
    "DEFAULT_LOCATION",
    "UNTOLD",
    "AccountId",
    "Address",
    "Alias",
    "Bundle",
    "Buyer",
    "Cancellation",
    "Count",
    "CountMeaning",
    "DataSet",
    "DataSetState",
    "Event",
    "EventName",
    "Fulfillment",
    "LocationId",
    "Marketplace",
    "Money",
    "Movement",
    "MovementKind",
    "Offer",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Package",
    "PackageStatus",
    "Payment",
    "Position",
    "Problem",
    "ProblemKind",
    "Publish",
    "Recipient",
    "RelatedOrder",
    "Settlement",
    "SettlementLine",
    "Severity",
    "Sku",
    "StockLevel",
    "Target",
    "TaxCollection",
    "TimeRange",
    "Window",
    "business_date",
    "held_by",
    "keep_withheld",
    "minor_digits",
    "order_flaws",
    "total",
    "utc",
]
