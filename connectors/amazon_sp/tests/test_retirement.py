"""What Amazon removes is told in time, and not asked for afterwards."""

import asyncio
import warnings
from datetime import UTC, date, datetime

import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from entrepot.channel import Environment
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import RetirementWarning, SellingPartner
from entrepot_amazon_sp.catalog import feed_type, find, report_type

ORDERS_END = date(2027, 3, 27)
XML = "POST_PRODUCT_DATA"


def calling(operation, day, environment=Environment.PRODUCTION, **arguments):
    """The warnings of a call on that day, and the requests that were sent."""
    amazon = Amazon(told({}))

    async def main(loop):
        clock = VirtualClock(loop, datetime.combine(day, datetime.min.time(), UTC))
        options = {"environment": environment, "transport": amazon.network, "clock": clock}
        async with SellingPartner(SETTINGS, region="EU", **options) as client:
            with warnings.catch_warnings(record=True) as shown:
                warnings.simplefilter("always")
                calls = [client.call(operation, **arguments)]
                await asyncio.gather(*calls)  # as tasks, whose stack begins in asyncio
            return shown

    return run(main, seed=1), amazon.requests


@pytest.mark.parametrize(("day", "count"), [(date(2026, 9, 27), 0), (date(2026, 9, 28), 1), (date(2027, 4, 1), 1)])
def test_an_operation_that_ends_within_180_days_is_told_and_still_called(day, count):
    """Covers R97: in words that say when, and what to use instead."""
    shown, requests = calling("ordersV0.getOrders", day, MarketplaceIds=["A1PA6795UKMFR9"])
    assert len(requests) == 1
    assert len(shown) == count
    for warning in shown:
        assert warning.category is RetirementWarning
        assert str(warning.message) == (
            "ordersV0.getOrders is removed by Amazon on 2027-03-27. "
            "Next: use searchOrders and getOrder of orders_2026-01-01"
        )
        assert warning.filename == __file__


@pytest.mark.parametrize(
    ("operation", "body", "words"),
    [
        ("createFeed", {"feedType": XML}, "removed POST_PRODUCT_DATA on 2025-07-31. Next: use JSON_LISTINGS_FEED"),
        (
            "createReport",
            {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_XML"},
            "2026-11-11. Next: use getReports for GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
        ),
        (
            "createReport",
            {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"},
            "cannot be asked for. Next: use",
        ),
        ("createReportSchedule", {"reportType": "GET_FBA_SNS_FORECAST_DATA"}, "Next: use replenishment-2022-11-07"),
    ],
)
def test_a_removed_type_is_refused_before_anything_is_sent(operation, body, words):
    """Covers R97: such a feed would be accepted, and fail hours later."""
    requests = None
    with pytest.raises(ValueError, match=words):
        _, requests = calling(operation, date(2026, 11, 29), body=body)
    assert requests is None


def test_a_type_whose_end_is_near_is_told():
    shown, requests = calling("createFeed", date(2025, 7, 30), body={"feedType": XML})
    assert [str(warning.message)[:36] for warning in shown] == ["POST_PRODUCT_DATA is removed by Amaz"]
    assert len(requests) == 1


def test_a_type_of_today_is_taken_and_so_is_one_that_the_catalog_does_not_know():
    for kind in ("JSON_LISTINGS_FEED", "POST_SOMETHING_NEW"):
        shown, requests = calling("createFeed", date(2026, 11, 29), body={"feedType": kind})
        assert (shown, len(requests)) == ([], 1)


def test_what_ended_can_still_be_listed():
    """Amazon keeps reports for 90 days."""
    _, requests = calling("getReports", date(2026, 11, 29), reportTypes=["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"])
    assert len(requests) == 1


def test_the_sandbox_takes_what_its_cases_name():
    shown, requests = calling("createFeed", date(2026, 11, 29), Environment.SANDBOX, body={"feedType": XML})
    assert (shown, len(requests)) == ([], 1)


def test_types_are_looked_up():
    assert report_type("GET_ORDER_REPORT_DATA_TAX").restricted
    assert not report_type("GET_SELLER_FEEDBACK_DATA").restricted
    assert report_type("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE").removed == date(2026, 11, 11)
    assert feed_type(XML).removed == date(2025, 7, 31)
    assert feed_type("JSON_LISTINGS_FEED").removed is None
    assert find("ordersV0.getOrders").removed == ORDERS_END
