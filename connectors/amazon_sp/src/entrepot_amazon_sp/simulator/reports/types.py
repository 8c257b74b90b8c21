"""What the simulated reports say, line by line, and how Amazon treats each type.

Columns from Amazon's pages on report types; of the listings report, whose columns Amazon does not list, from public
readers of real files.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from attrs import field, frozen

from entrepot.model import Money, Order, OrderStatus
from entrepot_amazon_sp.places import PLACES, Place
from entrepot_amazon_sp.simulator.catalog.facts import asin_of, invented_title
from entrepot_amazon_sp.simulator.fba.stock import Units
from entrepot_amazon_sp.simulator.listings.listing import View, statuses
from entrepot_amazon_sp.simulator.orders import money_words
from entrepot_amazon_sp.simulator.reports import feedback_report, order_reports, planning_report, returns_report
from entrepot_amazon_sp.simulator.reports.data import Data, Row
from entrepot_amazon_sp.simulator.times import with_offset

ORDER_STATUSES: Mapping[OrderStatus, str] = {
    OrderStatus.PENDING: "Pending",
    OrderStatus.UNSHIPPED: "Unshipped",
    OrderStatus.PARTIALLY_SHIPPED: "Unshipped",
    OrderStatus.SHIPPED: "Shipped",
    OrderStatus.CANCELLED: "Cancelled",
    OrderStatus.UNFULFILLABLE: "Unfulfillable",
}
"""With two l, other than in Orders API v0. That one in part is Unshipped, and that one which waits for a release is
Pending, are guesses."""


@frozen
class ReportType:
    """Who asks again within `pause` gets CANCELLED. A window longer than `longest` ends FATAL. `charsets` by region.

    `headers` are translations of the columns, by language. A `restricted` one has personal data, which only a token
    for its document opens.
    """

    columns: tuple[str, ...]
    rows: Callable[[Data], Iterator[Row]]
    pause: timedelta | None = None
    longest: timedelta | None = None
    scheduled: bool = False
    charsets: Mapping[str, str] = field(factory=dict)
    headers: Mapping[str, tuple[str, ...]] = field(factory=dict)
    restricted: bool = False

    def write(self, data: Data) -> tuple[str, int]:
        """The text, tab by tab and without quotes, and how many rows it has beside the header."""
        rows = list(self.rows(data))
        head = self.headers.get(data.places[0].language.partition("_")[0], self.columns)
        lines = [head, *(tuple(row.get(name, "") for name in self.columns) for row in rows)]
        return "".join("\t".join(cells) + "\r\n" for cells in lines), len(rows)


def _changed(data: Data) -> Iterator[Row]:
    for order in data.orders():
        if data.covers(order.changed_at):
            yield from (_order_row(order, number) for number in range(len(order.lines)))


def _placed(data: Data) -> Iterator[Row]:
    for order in data.orders():
        if data.covers(order.placed_at):
            yield from (_order_row(order, number) for number in range(len(order.lines)))


def _order_row(order: Order, number: int) -> Row:
    """No item id: two rows of an order may have the same SKU. Prices are of all units."""
    line, place = order.lines[number], PLACES[order.marketplace]
    sent_by = {"merchant": "Merchant", "channel": "Amazon"}[order.fulfillment]
    item_status = "Cancelled" if line.cancelled == line.ordered else "Unshipped" if line.unfinished else "Shipped"
    return {
        "amazon-order-id": order.external_id,
        "merchant-order-id": order.external_id,
        "purchase-date": with_offset(order.placed_at),
        "last-updated-date": with_offset(order.changed_at),
        "order-status": ORDER_STATUSES.get(order.status, order.status_text),
        "fulfillment-channel": sent_by,
        "sales-channel": place.domain.removeprefix("www.").capitalize(),
        "ship-service-level": "Standard",
        "product-name": line.title or invented_title(line.offer),
        "sku": line.offer,
        "asin": asin_of(line.offer),
        "item-status": item_status,
        "quantity": str(line.ordered - line.cancelled),
        "currency": line.gross.currency if line.gross else "",
        "item-price": _amount(money_words.line_price(order, line)),
        "item-tax": _amount(line.tax),
        "shipping-price": _amount(order.shipping if number == 0 else None),
        "item-promotion-discount": _amount(line.discount),
        "ship-country": place.country,
        "is-business-order": "false",
    }


def _listings(data: Data) -> Iterator[Row]:
    for view in data.inventory.views(data.places):
        yield _listing_row(view)


def _listing_row(view: View) -> Row:
    listing, place = view.listing, view.places[0]
    return {
        "item-name": listing.title,
        "listing-id": f"SIM{listing.asin}",
        "seller-sku": listing.sku,
        "price": str(listing.price(place.id)),
        "quantity": "" if listing.is_sent_by_amazon else str(view.quantity),
        "open-date": listing.created_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "item-is-marketplace": "y",
        "product-id-type": "1",
        "item-condition": "11",
        "asin1": listing.asin,
        "product-id": listing.asin,
        "pending-quantity": "" if listing.is_sent_by_amazon else "0",
        "fulfillment-channel": next(iter(listing.availability), ""),
        "status": "Active" if "BUYABLE" in statuses(view, place) else "Inactive",
    }


def _fba(data: Data) -> Iterator[Row]:
    for units in data.stock.units(data.places):
        yield _fba_row(units, data.places[0])


def _fba_row(units: Units, place: Place) -> Row:
    none = ("inbound-working", "inbound-shipped", "inbound-receiving", "researching")
    return {
        "sku": units.listing.sku,
        "fnsku": units.fn_sku,
        "asin": units.listing.asin,
        "product-name": units.listing.title,
        "condition": "New",
        "your-price": str(units.listing.price(place.id)),
        "mfn-listing-exists": "No",
        "afn-listing-exists": "Yes",
        "afn-warehouse-quantity": str(units.total),
        "afn-fulfillable-quantity": str(units.fulfillable),
        "afn-unsellable-quantity": str(units.unsellable),
        "afn-reserved-quantity": str(units.reserved),
        "afn-total-quantity": str(units.total),
        "per-unit-volume": "0.00",
        **{f"afn-{name}-quantity": "0" for name in none},
        "afn-reserved-future-supply": "0",
        "afn-future-supply-buyable": "0",
    }


def _amount(money: Money | None) -> str:
    return "" if money is None else format(money.amount, "f")


ORDER_COLUMNS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel sales-channel"
    " order-channel url ship-service-level product-name sku asin item-status quantity currency item-price item-tax"
    " shipping-price shipping-tax gift-wrap-price gift-wrap-tax item-promotion-discount ship-promotion-discount"
    " ship-city ship-state ship-postal-code ship-country promotion-ids is-business-order purchase-order-number"
    " price-designation"
)
BY_DATE_COLUMNS = ORDER_COLUMNS.replace("url ", "").replace("is-business-order", "cpf is-business-order")
"""With the tax number of Brazil's buyers, which nobody has here."""
LISTING_COLUMNS = (
    "item-name item-description listing-id seller-sku price quantity open-date image-url item-is-marketplace"
    " product-id-type zshop-shipping-fee item-note item-condition zshop-category1 zshop-browse-path"
    " zshop-storefront-feature asin1 asin2 asin3 will-ship-internationally expedited-shipping zshop-boldface"
    " product-id bid-for-featured-placement add-delete pending-quantity fulfillment-channel merchant-shipping-group"
    " status"
)
FBA_COLUMNS = (
    "sku fnsku asin product-name condition your-price mfn-listing-exists mfn-fulfillable-quantity afn-listing-exists"
    " afn-warehouse-quantity afn-fulfillable-quantity afn-unsellable-quantity afn-reserved-quantity"
    " afn-total-quantity per-unit-volume afn-inbound-working-quantity afn-inbound-shipped-quantity"
    " afn-inbound-receiving-quantity afn-researching-quantity afn-reserved-future-supply afn-future-supply-buyable"
)

HALF_HOUR, FOUR_HOURS, MONTH = timedelta(minutes=30), timedelta(hours=4), timedelta(days=30)
LATIN = {"NA": "windows-1252", "EU": "windows-1252", "FE": "Shift_JIS"}
"""Seen in practice; which report has which is not documented."""

SIMULATED: Mapping[str, ReportType] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": ReportType(
        tuple(ORDER_COLUMNS.split()), _changed, longest=MONTH
    ),
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": ReportType(
        tuple(BY_DATE_COLUMNS.split()), _placed, longest=MONTH
    ),
    "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING": ReportType(
        tuple(order_reports.UNSHIPPED_COLUMNS.split()),
        order_reports.unshipped,
        longest=MONTH,
        scheduled=True,
        restricted=True,
    ),
    "GET_FLAT_FILE_PENDING_ORDERS_DATA": ReportType(
        tuple(order_reports.PENDING_COLUMNS.split()), order_reports.pending, longest=MONTH, charsets=LATIN
    ),
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": ReportType(
        tuple(returns_report.FBA_COLUMNS.split()), returns_report.to_amazon, pause=HALF_HOUR
    ),
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": ReportType(
        tuple(returns_report.MERCHANT_COLUMNS.split("|")), returns_report.to_merchant, longest=2 * MONTH, scheduled=True
    ),
    "GET_MERCHANT_LISTINGS_ALL_DATA": ReportType(
        tuple(LISTING_COLUMNS.split()), _listings, pause=HALF_HOUR, scheduled=True, charsets=LATIN
    ),
    "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": ReportType(
        tuple(FBA_COLUMNS.split()), _fba, pause=HALF_HOUR, charsets=LATIN
    ),
    "GET_FBA_INVENTORY_PLANNING_DATA": ReportType(
        tuple(planning_report.COLUMNS.split(",")), planning_report.rows, pause=FOUR_HOURS, charsets=LATIN
    ),
    "GET_SELLER_FEEDBACK_DATA": ReportType(
        feedback_report.COLUMNS, feedback_report.rows, charsets=LATIN, headers=feedback_report.HEADERS
    ),
}
