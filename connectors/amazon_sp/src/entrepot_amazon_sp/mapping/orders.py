"""An order of Amazon's as an order of ours. What Amazon sends and this leaves out stays in the raw document.

From the model of the Orders API 2026-01-01.
"""

from collections import Counter
from collections.abc import Iterator

from entrepot import channel
from entrepot.model import (
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
)
from entrepot_amazon_sp.mapping.buyer import map_buyer, map_recipient
from entrepot_amazon_sp.mapping.money import LineMoney, money, order_money
from entrepot_amazon_sp.places import code_of
from entrepot_amazon_sp.wire import orders as wire

STATUSES = {
    "PENDING_AVAILABILITY": OrderStatus.PENDING,
    "PENDING": OrderStatus.PENDING,
    "UNSHIPPED": OrderStatus.UNSHIPPED,
    "PARTIALLY_SHIPPED": OrderStatus.PARTIALLY_SHIPPED,
    "SHIPPED": OrderStatus.SHIPPED,
    "CANCELLED": OrderStatus.CANCELLED,
    "UNFULFILLABLE": OrderStatus.UNFULFILLABLE,
}

PACKAGE_STATUSES = {
    "PENDING": PackageStatus.PENDING,
    "SHIPPED": PackageStatus.SHIPPED,
    "IN_TRANSIT": PackageStatus.IN_TRANSIT,
    "DELIVERED": PackageStatus.DELIVERED,
    "CANCELLED": PackageStatus.CANCELLED,
    "UNDELIVERABLE": PackageStatus.UNDELIVERABLE,
}

NOTHING = (None, wire.OrderProceeds(), wire.ItemProceeds())

BY_CHANNEL = {"AMAZON"}
"""Who else fulfills, or an unknown word, is the merchant: the units are held back from sale, which is the safe side."""


def map_order(record: channel.Json) -> Order:
    """Raises `RecordError` for a record that is no order of Amazon's."""
    document = wire.read_order(record)
    sums = order_money(document)
    fulfillment = document.fulfillment or wire.OrderFulfillment("")
    lines = zip(document.orderItems, sums.lines, strict=True)
    return Order(
        external_id=document.orderId,
        marketplace=_marketplace(document.salesChannel),
        status=STATUSES.get(fulfillment.fulfillmentStatus, OrderStatus.UNKNOWN),
        status_text=fulfillment.fulfillmentStatus,
        placed_at=document.createdTime,
        changed_at=document.lastUpdatedTime,
        lines=tuple(_line(item, amounts) for item, amounts in lines),
        fulfillment=Fulfillment.CHANNEL if fulfillment.fulfilledBy in BY_CHANNEL else Fulfillment.MERCHANT,
        shipping=sums.shipping,
        other=sums.other,
        discount=sums.discount,
        tax=sums.tax,
        total=sums.total,
        packages=tuple(_package(package) for package in document.packages or ()),
        data_sets=dict(_data_sets(document)),
        aliases=tuple(Alias(alias.aliasId, alias.aliasType) for alias in document.orderAliases),
        programs=document.programs,
        related=tuple(RelatedOrder(other.orderId, other.associationType) for other in document.associatedOrders),
        service_level=fulfillment.fulfillmentServiceLevel,
        ship_by=_range(fulfillment.shipByWindow),
        deliver_by=_range(fulfillment.deliverByWindow),
        payments=tuple(_payment(payment) for payment in document.payment.paymentExecutions),
        buyer=map_buyer(document.buyer) if document.buyer else None,
        recipient=map_recipient(document.recipient) if document.recipient else None,
    )


def _marketplace(sales_channel: wire.SalesChannel) -> str:
    """An order that Amazon only fulfills was placed elsewhere, and may have no marketplace."""
    return code_of(sales_channel.marketplaceId) or sales_channel.channelName


def _line(item: wire.OrderItem, amounts: LineMoney) -> OrderLine:
    shipped, cancelled = _progress(item)
    return OrderLine(
        external_id=item.orderItemId,
        offer=item.product.sellerSku or item.product.asin,
        ordered=item.quantityOrdered,
        shipped=shipped,
        cancelled=cancelled,
        gross=amounts.gross,
        tax=amounts.tax,
        discount=amounts.discount,
        title=item.product.title,
        product_id=item.product.asin,
        programs=item.programs,
        related=tuple(
            RelatedOrder(other.orderId, other.associationType, other.orderItemId) for other in item.associatedOrderItems
        ),
        promotions=tuple(part.promotionId for part in item.promotion.breakdowns),
        points_cost=money(item.expense.pointsCost.pointsGranted.pointsMonetaryValue),
        cancel_request=_cancel_request(item.cancellation.cancellationRequest),
        cancellation=_cancellation(item.cancellation.cancellationExecution),
        gift_wrap=item.fulfillment.packing.giftOption.giftWrapLevel,
        deliver_by=_range(item.fulfillment.shipping.scheduledDeliveryWindow),
        tax_schemes=tuple(part.reportingScheme for part in item.tax.taxCalculationBreakdowns),
        tax_collections=tuple(TaxCollection(part.model, part.responsibleParty) for part in item.tax.taxCollections),
    )


def _progress(item: wire.OrderItem) -> tuple[int, int]:
    """Units shipped and cancelled. Amazon does not count the latter: they are neither fulfilled nor unfulfilled."""
    fulfilled, unfulfilled = item.fulfillment.quantityFulfilled, item.fulfillment.quantityUnfulfilled
    if fulfilled is None or unfulfilled is None:
        return fulfilled or 0, 0
    return fulfilled, max(0, item.quantityOrdered - fulfilled - unfulfilled)


def _package(package: wire.OrderPackage) -> Package:
    status = package.packageStatus or wire.PackageStatus("")
    units = Counter[str]()
    for item in package.packageItems:
        units[item.orderItemId] += item.quantity
    return Package(
        external_id=package.packageReferenceId,
        carrier=package.carrier,
        tracking_number=package.trackingNumber,
        shipped_at=package.shipTime,
        lines=dict(units),
        service=package.shippingService,
        status=PACKAGE_STATUSES.get(status.status, PackageStatus.UNKNOWN),
        status_text=status.status,
        status_detail=status.detailedStatus,
    )


def _data_sets(document: wire.Order) -> Iterator[tuple[DataSet, DataSetState]]:
    """Every order has a status: a document without one was asked for without groups, and tells nothing by their lack.

    With one, the groups were asked for, as we do; those that hold personal data we do not. What of them was returned
    and cut leaves its empty group.
    """
    absent = DataSetState.NOT_ASKED if document.fulfillment is None else DataSetState.ASKED
    proceeds = [document.proceeds, *(item.proceeds for item in document.orderItems)]
    has_money = any(part not in NOTHING for part in proceeds)
    yield DataSet.STATUS, DataSetState.RETURNED if document.fulfillment else DataSetState.NOT_ASKED
    yield DataSet.MONEY, DataSetState.RETURNED if has_money else absent
    yield DataSet.PACKAGES, absent if document.packages is None else DataSetState.RETURNED
    yield DataSet.BUYER, _personal(document.buyer, wire.Buyer())
    yield DataSet.RECIPIENT, _personal(document.recipient, wire.Recipient())


def _personal(group: object | None, empty: object) -> DataSetState:
    if group is None:
        return DataSetState.NOT_ASKED
    return DataSetState.NOT_KEPT if group == empty else DataSetState.RETURNED


def _payment(payment: wire.PaymentExecution) -> Payment:
    return Payment(payment.paymentMethod, money(payment.paymentAmount))


def _cancel_request(request: wire.ItemCancellationRequest | None) -> Cancellation | None:
    return Cancellation(request.requester, request.cancelReason) if request else None


def _cancellation(execution: wire.ItemCancellationExecution | None) -> Cancellation | None:
    return Cancellation(execution.cancelledBy, execution.cancelReason) if execution else None


def _range(window: wire.DateTimeRange | None) -> TimeRange | None:
    return TimeRange(window.earliestDateTime, window.latestDateTime) if window else None
