"""Where a list's next page is told, which differs from operation to operation: by data, and not by habit."""

import pytest

from connectors.amazon_sp.tests.scripted import Amazon, told
from connectors.amazon_sp.tests.test_selling_partner import collected, queries
from entrepot_amazon_sp.catalog import find

pytestmark = pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")

PLACES = {
    "orders_2026-01-01.searchOrders": ("pagination.nextToken", "paginationToken", {}),
    "getReports": ("nextToken", "nextToken", {}),
    "ordersV0.getOrders": ("payload.NextToken", "NextToken", {"MarketplaceIds": "A"}),
    "listingsItems_2021-08-01.searchListingsItems": (
        "pagination.nextToken",
        "pageToken",
        {"sellerId": "S", "marketplaceIds": "A"},
    ),
    "fbaInventory.getInventorySummaries": (
        "pagination.nextToken",
        "nextToken",
        {"granularityType": "Marketplace", "granularityId": "A", "marketplaceIds": "A"},
    ),
    "listTransactions": ("payload.nextToken", "nextToken", {"postedAfter": "2026-11-01"}),
}
"""By hand, from Amazon's reference: where an answer has the token, and where it goes."""


def at(place, token):
    for name in reversed(place.split(".")):
        token = {name: token}
    return token


def test_the_token_is_found_where_each_operation_has_it():
    """Covers R35: each list is read to its end, and no token of elsewhere is taken for one."""
    for operation, (place, parameter, arguments) in PLACES.items():
        elsewhere = {"NextToken": "wrong", "next": "wrong", "next_token": "wrong"}
        amazon = Amazon(told({**elsewhere, **at(place, "t/2")}), told(at(place, None)))
        assert len(collected(amazon, operation, **arguments)) == 2, operation
        assert queries(amazon)[1][parameter] == "t/2", operation


def test_what_the_next_page_repeats_drops_or_changes():
    """Covers R36: Amazon refuses a list whose other parameters differ, another one that has any, and a third's type."""
    repeats, drops, changes = (
        ("searchOrders", {"lastUpdatedAfter": "2026-11-01"}, {"lastUpdatedAfter": "2026-11-01"}),
        ("getReports", {"pageSize": 10}, {}),
        (
            "fulfillmentInboundV0.getShipments",
            {"QueryType": "DATE_RANGE", "MarketplaceId": "A"},
            {"QueryType": "NEXT_TOKEN", "MarketplaceId": "A"},
        ),
    )
    for operation, arguments, expected in (repeats, drops, changes):
        paging = find(operation).paging
        amazon = Amazon(told(at(".".join(paging.token), "t/2")), told({}))
        collected(amazon, operation, **arguments)
        assert queries(amazon)[1] == {**expected, paging.parameter: "t/2"}, operation
