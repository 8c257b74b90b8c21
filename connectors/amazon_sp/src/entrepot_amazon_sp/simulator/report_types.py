"""What the simulated reports say, line by line, and how Amazon treats each type.

Columns from Amazon's pages on report types; of the listings report, whose columns Amazon does not list, from public
readers of real files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from entrepot.model import Fulfillment, Money, Order, OrderStatus
from entrepot.simulation import CustomerReturn
from entrepot_amazon_sp.places import BY_ID, PLACES, Place
from entrepot_amazon_sp.simulator import money_words, returns_report
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.catalog import asin_of
from entrepot_amazon_sp.simulator.fba_stock import FbaStock, Units
from entrepot_amazon_sp.simulator.inventory import Inventory
from entrepot_amazon_sp.simulator.listings import View, statuses
from entrepot_amazon_sp.simulator.searches import END_OF_TIME, EVER
from entrepot_amazon_sp.simulator.times import with_offset

Row = Mapping[str, str]

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
class Data:
    """What a report may tell of, of some stores and a time with both its ends."""

    account: Account
    inventory: Inventory
    stock: FbaStock
    stores: Sequence[str] = ()
    start: datetime = EVER
    end: datetime = END_OF_TIME

    @property
    def places(self) -> list[Place]:
        return [BY_ID[id_] for id_ in self.stores]


@frozen
class ReportType:
    """Who asks again within `pause` gets CANCELLED. A window longer than `longest` ends FATAL. `charsets` by region."""

    columns: tuple[str, ...]
    rows: Callable[[Data], Iterator[Row]]
    pause: timedelta | None = None
    longest: timedelta | None = None
    scheduled: bool = False
    charsets: Mapping[str, str] = field(factory=dict)

    def write(self, data: Data) -> tuple[str, int]:
        """The text, tab by tab and without quotes, and how many rows it has beside the header."""
        rows = list(self.rows(data))
        lines = [self.columns, *(tuple(row.get(name, "") for name in self.columns) for row in rows)]
        return "".join("\t".join(cells) + "\r\n" for cells in lines), len(rows)


def _orders(data: Data) -> Iterator[Row]:
    for order in data.account.market.orders.values():
        if PLACES[order.marketplace].id in data.stores and data.start <= order.changed_at <= data.end:
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
        "product-name": f"Simulated {line.offer}",
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


def _returns(sent_by: Fulfillment, word: Callable[[CustomerReturn, Order], Row]) -> Callable[[Data], Iterator[Row]]:
    def rows(data: Data) -> Iterator[Row]:
        for back in data.account.market.happened.returns:
            order = data.account.market.orders[back.order]
            told = PLACES[order.marketplace].id in data.stores and data.start <= back.at <= data.end
            if told and order.fulfillment is sent_by:
                yield word(back, order)

    return rows


ORDER_COLUMNS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel sales-channel"
    " order-channel url ship-service-level product-name sku asin item-status quantity currency item-price item-tax"
    " shipping-price shipping-tax gift-wrap-price gift-wrap-tax item-promotion-discount ship-promotion-discount"
    " ship-city ship-state ship-postal-code ship-country promotion-ids is-business-order purchase-order-number"
    " price-designation"
)
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

HALF_HOUR = timedelta(minutes=30)
LATIN = {"NA": "windows-1252", "EU": "windows-1252", "FE": "Shift_JIS"}
"""Seen in practice; which report has which is not documented."""

SIMULATED: Mapping[str, ReportType] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": ReportType(
        tuple(ORDER_COLUMNS.split()), _orders, longest=timedelta(days=30)
    ),
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": ReportType(
        tuple(returns_report.FBA_COLUMNS.split()),
        _returns(Fulfillment.CHANNEL, returns_report.word_fba_return),
        pause=HALF_HOUR,
    ),
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": ReportType(
        tuple(returns_report.MERCHANT_COLUMNS.split("|")),
        _returns(Fulfillment.MERCHANT, returns_report.word_merchant_return),
        longest=timedelta(days=60),
        scheduled=True,
    ),
    "GET_MERCHANT_LISTINGS_ALL_DATA": ReportType(
        tuple(LISTING_COLUMNS.split()), _listings, pause=HALF_HOUR, scheduled=True, charsets=LATIN
    ),
    "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": ReportType(
        tuple(FBA_COLUMNS.split()), _fba, pause=HALF_HOUR, charsets=LATIN
    ),
}

REFUSED = frozenset(
    [
        *("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"),
        *("GET_V2_SETTLEMENT_REPORT_DATA_XML", "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"),
        *("GET_FBA_SNS_FORECAST_DATA", "GET_FBA_SNS_PERFORMANCE_DATA", "GET_FBA_INVENTORY_AGED_DATA"),
        "GET_FBA_FULFILLMENT_INVENTORY_HEALTH_DATA",
    ]
)
"""Removed, or made by Amazon alone: nobody can request them."""

OTHERS = frozenset(
    [
        *("FEE_DISCOUNTS_REPORT", "GET_AFN_INVENTORY_DATA", "GET_AFN_INVENTORY_DATA_BY_COUNTRY"),
        *("GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA", "GET_FBA_FULFILLMENT_CUSTOMER_TAXES_DATA"),
        *("GET_FBA_INVENTORY_PLANNING_DATA", "GET_FBA_MYI_ALL_INVENTORY_DATA", "GET_FBA_REIMBURSEMENTS_DATA"),
        *("GET_FBA_STORAGE_FEE_CHARGES_DATA", "GET_LEDGER_DETAIL_VIEW_DATA", "GET_LEDGER_SUMMARY_VIEW_DATA"),
        *("GET_RESERVED_INVENTORY_DATA", "GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT"),
        *("GET_SELLER_FEEDBACK_DATA", "GET_STRANDED_INVENTORY_UI_DATA"),
        *("GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING", "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING"),
    ]
)
"""Amazon has them, and more; the simulator does not."""
