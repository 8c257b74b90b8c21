"""Types of notifications: what Amazon offers, and of which the simulated market has the events.

From Amazon's pages "Notification Type Values" and "Set up notifications", and its schemas of notifications.
"""

from attrs import frozen

SQS, EVENT_BRIDGE = "sqs", "eventBridge"
"""Kinds of destinations, as the API names them. Each type goes to one of them only."""


@frozen
class NotificationType:
    """`version` is of the payload. Keys of a `camel` one begin with a small letter, of any other with a capital.

    `has_metadata` is False where Amazon's schema knows none. `filters` are the properties that its event filter takes.
    """

    name: str
    version: str = "1.0"
    transport: str = SQS
    camel: bool = False
    has_metadata: bool = True
    filters: frozenset[str] = frozenset()

    @property
    def envelope_version(self) -> str:
        """Of types with small letters it is the payload's, in all of Amazon's examples."""
        return self.version if self.camel else "1.0"


ACCOUNT_STATUS = NotificationType("ACCOUNT_STATUS_CHANGED")
FBA_AVAILABILITY = NotificationType("FBA_INVENTORY_AVAILABILITY_CHANGES", has_metadata=False)
FEED_FINISHED = NotificationType("FEED_PROCESSING_FINISHED", "2020-09-04", camel=True)
ISSUES_CHANGE = NotificationType("LISTINGS_ITEM_ISSUES_CHANGE", "2023-12-13", EVENT_BRIDGE)
MFN_QUANTITY_CHANGE = NotificationType("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", transport=EVENT_BRIDGE)
ORDER_CHANGE = NotificationType("ORDER_CHANGE", filters=frozenset({"marketplaceIds", "orderChangeTypes"}))
REPORT_FINISHED = NotificationType("REPORT_PROCESSING_FINISHED", "2020-09-04", camel=True)
STATUS_CHANGE = NotificationType("LISTINGS_ITEM_STATUS_CHANGE", transport=EVENT_BRIDGE)

SIMULATED = {
    each.name: each
    for each in (
        *(ACCOUNT_STATUS, FBA_AVAILABILITY, FEED_FINISHED, ISSUES_CHANGE),
        *(MFN_QUANTITY_CHANGE, ORDER_CHANGE, REPORT_FINISHED, STATUS_CHANGE),
    )
}

OTHERS = frozenset(
    [
        *("ANY_OFFER_CHANGED", "B2B_ANY_OFFER_CHANGED", "BRANDED_ITEM_CONTENT_CHANGE"),
        *("DATA_KIOSK_QUERY_PROCESSING_FINISHED", "DETAIL_PAGE_TRAFFIC_EVENT", "FBA_OUTBOUND_SHIPMENT_STATUS"),
        *("EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE", "FEE_PROMOTION", "FULFILLMENT_ORDER_STATUS"),
        *("ITEM_INVENTORY_EVENT_CHANGE", "ITEM_PRODUCT_TYPE_CHANGE", "ITEM_SALES_EVENT_CHANGE", "PRICING_HEALTH"),
        *("PRODUCT_TYPE_DEFINITIONS_CHANGE", "SHIPMENT_TRACKING_MILESTONE_CHANGED", "TRANSACTION_UPDATE"),
    ]
)
"""Amazon has them, the simulator does not. Removed ones, as ORDER_STATUS_CHANGE, are in neither list."""
