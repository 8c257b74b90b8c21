"""GET_FBA_INVENTORY_PLANNING_DATA: how old the units with Amazon are, and how long they will last.

Columns as public readers of files of 2025 and 2026 have them, with the two that newer files write in mixed case.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from entrepot.model import Fulfillment
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.fba.stock import Units
from entrepot_amazon_sp.simulator.reports.data import Data, Row

COLUMNS = (
    "snapshot-date,sku,fnsku,asin,product-name,condition,available,pending-removal-quantity,inv-age-0-to-90-days,"
    "inv-age-91-to-180-days,inv-age-181-to-270-days,inv-age-271-to-365-days,inv-age-366-to-455-days,"
    "inv-age-456-plus-days,currency,units-shipped-t7,units-shipped-t30,units-shipped-t60,units-shipped-t90,alert,"
    "your-price,sales-price,lowest-price-new-plus-shipping,lowest-price-used,recommended-action,"
    "recommended-sales-price,recommended-sale-duration-days,recommended-removal-quantity,"
    "estimated-cost-savings-of-recommended-actions,sell-through,item-volume,volume-unit-measurement,storage-type,"
    "storage-volume,marketplace,product-group,sales-rank,days-of-supply,estimated-excess-quantity,weeks-of-cover-t30,"
    "weeks-of-cover-t90,featuredoffer-price,sales-shipped-last-7-days,sales-shipped-last-30-days,"
    "sales-shipped-last-60-days,sales-shipped-last-90-days,inbound-quantity,inbound-working,inbound-shipped,"
    "inbound-received,unfulfillable-quantity,Total Reserved Quantity,Reserved Customer Order"
)

SPANS = (7, 30, 60, 90)
AGES = {90: "0-to-90", 180: "91-to-180", 270: "181-to-270", 365: "271-to-365", 455: "366-to-455"}
OLDEST = "456-plus"


def rows(data: Data) -> Iterator[Row]:
    place, now = data.places[0], data.account.market.now()
    shipped = {days: _shipped(data, now - timedelta(days=days)) for days in SPANS}
    for units in data.stock.units(data.places):
        sold = {days: found.get(units.listing.sku, 0) for days, found in shipped.items()}
        yield _stock(units, now) | _sales(units, sold, place) | _reserved(units)


def _shipped(data: Data, since: datetime) -> dict[str, int]:
    """Units by SKU that Amazon sent since then, by the last change of their orders."""
    found: dict[str, int] = {}
    for order in data.orders():
        if order.fulfillment is Fulfillment.CHANNEL and order.changed_at >= since:
            for line in order.lines:
                found[line.offer] = found.get(line.offer, 0) + line.shipped
    return found


def _stock(units: Units, now: datetime) -> Row:
    """All units are as old as the listing: the simulator has no deliveries to Amazon."""
    days = (now - units.listing.created_at).days
    ages = dict.fromkeys([*AGES.values(), OLDEST], 0)
    ages[next((age for most, age in AGES.items() if days <= most), OLDEST)] = units.fulfillable
    return {
        "snapshot-date": now.date().isoformat(),
        "sku": units.listing.sku,
        "fnsku": units.fn_sku,
        "asin": units.listing.asin,
        "product-name": units.listing.title,
        "condition": "New",
        "available": str(units.fulfillable),
        "pending-removal-quantity": "0",
        **{f"inv-age-{age}-days": str(count) for age, count in ages.items()},
    }


def _sales(units: Units, sold: dict[int, int], place: Place) -> Row:
    """Without sales of late, nobody knows how long the stock lasts: then the cell is empty, and not zero."""
    price, excess = units.listing.price(place.id), max(0, units.fulfillable - sold[90])
    lasts = {days: f"{units.fulfillable * days / sold[days] / 7:.1f}" for days in (30, 90) if sold[days]}
    return {
        "currency": place.currency,
        **{f"units-shipped-t{days}": str(count) for days, count in sold.items()},
        **{f"sales-shipped-last-{days}-days": str(count * price) for days, count in sold.items()},
        "your-price": str(price),
        "sales-price": str(price),
        "recommended-action": "Create a sale" if excess else "",
        "sell-through": f"{sold[90] / max(1, units.total):.2f}",
        "storage-type": "Standard-size",
        "marketplace": place.country,
        "days-of-supply": str(units.fulfillable * 30 // sold[30]) if sold[30] else "",
        "estimated-excess-quantity": str(excess),
        **{f"weeks-of-cover-t{days}": text for days, text in lasts.items()},
    }


def _reserved(units: Units) -> Row:
    return {
        **{f"inbound-{state}": "0" for state in ("quantity", "working", "shipped", "received")},
        "unfulfillable-quantity": str(units.total - units.fulfillable - units.reserved),
        "Total Reserved Quantity": str(units.reserved),
        "Reserved Customer Order": str(units.reserved),
    }
