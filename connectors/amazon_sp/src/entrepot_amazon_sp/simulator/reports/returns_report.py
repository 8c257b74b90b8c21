"""What buyers sent back, in the words of two reports: of goods that Amazon keeps, and of the seller's own.

Columns from Amazon's pages on the attributes of FBA customer concessions and of returns reports.
"""

from collections.abc import Iterator
from zlib import crc32

from entrepot.model import Fulfillment, Order
from entrepot.simulation import CustomerReturn
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, fn_sku_of, invented_title
from entrepot_amazon_sp.simulator.reports.data import Data, Row
from entrepot_amazon_sp.simulator.times import with_offset

REASONS = {"unwanted": "UNWANTED_ITEM", "defective": "DEFECTIVE"}
"""Amazon has many more."""


def to_amazon(data: Data) -> Iterator[Row]:
    for back, order in _returned(data, Fulfillment.CHANNEL):
        yield _word_fba(back, order)


def to_merchant(data: Data) -> Iterator[Row]:
    for back, order in _returned(data, Fulfillment.MERCHANT):
        yield _word_own(back, order)


def _returned(data: Data, sent_by: Fulfillment) -> Iterator[tuple[CustomerReturn, Order]]:
    market = data.account.market
    for back in market.happened.returns:
        order = market.orders[back.order]
        told = PLACES[order.marketplace].id in data.stores and data.covers(back.at)
        if told and order.fulfillment is sent_by:
            yield back, order


def _word_fba(back: CustomerReturn, order: Order) -> Row:
    """Disposition and status of what cannot be sold again are a guess."""
    return {
        "return-date": with_offset(back.at),
        "order-id": back.order,
        "sku": back.offer,
        "asin": asin_of(back.offer),
        "fnsku": fn_sku_of(back.offer),
        "product-name": _title(back, order),
        "quantity": str(back.units),
        "fulfillment-center-id": "SIM1",
        "detailed-disposition": "SELLABLE" if back.sellable else "CUSTOMER_DAMAGED",
        "reason": REASONS.get(back.reason, back.reason),
        "status": "Unit returned to inventory",
        "license-plate-number": f"LPN{_number(back):010d}",
    }


def _title(back: CustomerReturn, order: Order) -> str:
    """What the buyer read."""
    [line] = (line for line in order.lines if line.external_id == back.line)
    return line.title or invented_title(back.offer)


def _word_own(back: CustomerReturn, order: Order) -> Row:
    """Requested, approved and back at one instant; how times are written is a guess."""
    return {
        "Order ID": back.order,
        "Order date": with_offset(order.placed_at),
        "Return request date": with_offset(back.at),
        "Return request status": "Approved",
        "Amazon RMA ID": f"D{_number(back):010d}RRMA",
        "A-to-Z Claim": "N",
        "Is prime": "N",
        "ASIN": asin_of(back.offer),
        "Merchant SKU": back.offer,
        "Item Name": _title(back, order),
        "Return quantity": str(back.units),
        "Return Reason": REASONS.get(back.reason, back.reason),
        "In policy": "Y",
        "Return delivery date": with_offset(back.at),
        "Order quantity": str(sum(line.ordered for line in order.lines)),
    }


def _number(back: CustomerReturn) -> int:
    return crc32(f"{back.order}/{back.line}/{back.at.isoformat()}".encode())


FBA_COLUMNS = (
    "return-date order-id sku asin fnsku product-name quantity fulfillment-center-id detailed-disposition reason"
    " status license-plate-number customer-comments"
)

MERCHANT_COLUMNS = (
    "Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Merchant RMA ID|Label type|Label cost"
    "|Currency code|Return carrier|Tracking ID|Label to be paid by|A-to-Z Claim|Is prime|ASIN|Merchant SKU|Item Name"
    "|Return quantity|Return Reason|In policy|Return type|Resolution|Invoice number|Return delivery date|Order Amount"
    "|Order quantity|SafeT Action reason|SafeT claim id|SafeT claim state|SafeT claim creation time"
    "|SafeT claim reimbursement amount|Refunded Amount"
)
"""With blanks in them."""
