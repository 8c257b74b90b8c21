"""An order as Amazon's Orders API 2026-01-01 sends it, as far as it is read. Required is what its model requires.

Words of Amazon's are text, not enumerations: a new one never fails an order.
"""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from entrepot import channel


@frozen
class Money:
    amount: Decimal
    currencyCode: str


@frozen
class DateTimeRange:
    earliestDateTime: datetime | None = None
    latestDateTime: datetime | None = None


@frozen
class Alias:
    aliasId: str
    aliasType: str


@frozen
class AssociatedOrder:
    orderId: str = ""
    associationType: str = ""


@frozen
class SalesChannel:
    channelName: str
    marketplaceId: str = ""


@frozen
class Buyer:
    buyerName: str = ""
    buyerEmail: str = ""
    buyerCompanyName: str = ""
    buyerPurchaseOrderNumber: str = ""


@frozen
class AddressExtendedFields:
    """The parts of a Brazilian street address."""

    streetName: str = ""
    streetNumber: str = ""
    complement: str = ""
    neighborhood: str = ""


@frozen
class CustomerAddress:
    name: str = ""
    companyName: str = ""
    addressLine1: str = ""
    addressLine2: str = ""
    addressLine3: str = ""
    city: str = ""
    districtOrCounty: str = ""
    stateOrRegion: str = ""
    municipality: str = ""
    postalCode: str = ""
    countryCode: str = ""
    phone: str = ""
    extendedFields: AddressExtendedFields = AddressExtendedFields()
    addressType: str = ""


@frozen
class DeliveryPreference:
    dropOffLocation: str = ""
    addressInstruction: str = ""


@frozen
class Recipient:
    deliveryAddress: CustomerAddress = CustomerAddress()
    deliveryPreference: DeliveryPreference = DeliveryPreference()


@frozen
class OrderProceedsBreakdown:
    type: str
    subtotal: Money


@frozen
class OrderProceeds:
    grandTotal: Money | None = None
    breakdowns: tuple[OrderProceedsBreakdown, ...] = ()


@frozen
class PaymentExecution:
    paymentMethod: str = ""
    paymentAmount: Money | None = None


@frozen
class OrderPayment:
    paymentExecutions: tuple[PaymentExecution, ...] = ()


@frozen
class OrderFulfillment:
    fulfillmentStatus: str
    fulfilledBy: str = ""
    fulfillmentServiceLevel: str = ""
    shipByWindow: DateTimeRange | None = None
    deliverByWindow: DateTimeRange | None = None


@frozen
class AssociatedOrderItem:
    orderId: str = ""
    orderItemId: str = ""
    associationType: str = ""


@frozen
class ItemProduct:
    asin: str = ""
    title: str = ""
    sellerSku: str = ""


@frozen
class ItemProceedsDetailedBreakdown:
    subtype: str = ""
    value: Money | None = None


@frozen
class ItemProceedsBreakdown:
    type: str
    subtotal: Money
    detailedBreakdowns: tuple[ItemProceedsDetailedBreakdown, ...] = ()


@frozen
class ItemProceeds:
    proceedsTotal: Money | None = None
    breakdowns: tuple[ItemProceedsBreakdown, ...] = ()


@frozen
class PointsGranted:
    pointsMonetaryValue: Money | None = None


@frozen
class ItemPointsCost:
    pointsGranted: PointsGranted = PointsGranted()


@frozen
class ItemExpense:
    pointsCost: ItemPointsCost = ItemPointsCost()


@frozen
class ItemPromotionBreakdown:
    promotionId: str = ""


@frozen
class ItemPromotion:
    breakdowns: tuple[ItemPromotionBreakdown, ...] = ()


@frozen
class ItemCancellationRequest:
    requester: str = ""
    cancelReason: str = ""


@frozen
class ItemCancellationExecution:
    cancelledBy: str = ""
    cancelReason: str = ""


@frozen
class ItemCancellation:
    cancellationRequest: ItemCancellationRequest | None = None
    cancellationExecution: ItemCancellationExecution | None = None


@frozen
class GiftOption:
    giftWrapLevel: str = ""


@frozen
class ItemPacking:
    giftOption: GiftOption = GiftOption()


@frozen
class ItemShipping:
    scheduledDeliveryWindow: DateTimeRange | None = None


@frozen
class ItemFulfillment:
    quantityFulfilled: int | None = None
    quantityUnfulfilled: int | None = None
    packing: ItemPacking = ItemPacking()
    shipping: ItemShipping = ItemShipping()


@frozen
class ItemTaxCalculationBreakdown:
    reportingScheme: str = ""


@frozen
class ItemTaxCollection:
    model: str = ""
    responsibleParty: str = ""


@frozen
class ItemTax:
    taxCalculationBreakdowns: tuple[ItemTaxCalculationBreakdown, ...] = ()
    taxCollections: tuple[ItemTaxCollection, ...] = ()


@frozen
class OrderItem:
    orderItemId: str
    quantityOrdered: int
    product: ItemProduct
    associatedOrderItems: tuple[AssociatedOrderItem, ...] = ()
    programs: tuple[str, ...] = ()
    proceeds: ItemProceeds = ItemProceeds()
    expense: ItemExpense = ItemExpense()
    promotion: ItemPromotion = ItemPromotion()
    cancellation: ItemCancellation = ItemCancellation()
    fulfillment: ItemFulfillment = ItemFulfillment()
    tax: ItemTax = ItemTax()


@frozen
class PackageStatus:
    status: str
    detailedStatus: str = ""


@frozen
class PackageItem:
    orderItemId: str
    quantity: int


@frozen
class OrderPackage:
    packageReferenceId: str
    packageStatus: PackageStatus | None = None
    carrier: str = ""
    shipTime: datetime | None = None
    shippingService: str = ""
    trackingNumber: str = ""
    packageItems: tuple[PackageItem, ...] = ()


@frozen
class Order:
    """None is a group that the document lacks; `buyer` and `recipient` stay as they are until something is in them."""

    orderId: str
    createdTime: datetime
    lastUpdatedTime: datetime
    salesChannel: SalesChannel
    orderItems: tuple[OrderItem, ...]
    orderAliases: tuple[Alias, ...] = ()
    programs: tuple[str, ...] = ()
    associatedOrders: tuple[AssociatedOrder, ...] = ()
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: OrderProceeds | None = None
    payment: OrderPayment = OrderPayment()
    fulfillment: OrderFulfillment | None = None
    packages: tuple[OrderPackage, ...] | None = None


def read_order(record: channel.Json) -> Order:
    """Raises `RecordError`. What Amazon sends as null counts as left out."""
    try:
        return channel.structure(record, Order)
    except channel.RecordError:
        return channel.structure(_told(record), Order)


def _told(value: channel.Json) -> channel.Json:
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items() if inner is not None}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
