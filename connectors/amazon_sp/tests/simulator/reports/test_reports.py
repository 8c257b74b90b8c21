"""Reports: asked for, scheduled, refused, and their documents (FACTS 14)."""

import asyncio
import json

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, JP, NL, US, ask, error, instant
from connectors.amazon_sp.tests.simulator.reports.asked_for import (
    DOCUMENTS,
    DONE,
    FBA,
    LISTINGS,
    ORDERS,
    PUBLISHED,
    REPORTS,
    SCHEDULES,
    download,
    look,
    make,
    request,
    schedule,
    table,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot_amazon_sp.catalog import report_types
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.reports.types import SIMULATED

MANY = {f"SKU-{number:02d}": 50 for number in range(40)}

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


# Content


def test_columns_of_orders_and_fba_stock_are_the_published_ones():
    orders = (PUBLISHED / f"{ORDERS}.md").read_text("utf-8").split("Columns in order: ")[1].split(".\n")[0]
    stock = (PUBLISHED / f"{FBA}.md").read_text("utf-8").split("Columns in order:\n")[1].split(", 22 store")[0]
    numbered = [each.split()[-1] for each in stock.split(", ")]
    assert list(SIMULATED[ORDERS].columns) == orders.split(", ")
    assert list(SIMULATED[FBA].columns) == numbered


def test_order_report_has_a_row_for_each_item_that_changed_in_the_window():
    async def report(seller):
        start = instant(seller.clock.now())
        first, second, gone = await seller.sell({"TEA": 2, "MUG": 1}, count=3)
        seller.amazon.ship(second.external_id)
        seller.amazon.cancel(gone.external_id)
        await seller.sell({"TEA": 1}, "NL")
        await asyncio.sleep(10)
        window = {"dataStartTime": start, "dataEndTime": instant(seller.clock.now())}
        _, content = await make(seller, ORDERS, [DE], **window)
        return content, first, seller.amazon.orders

    content, first, orders = ask(report)
    rows = table(content)
    assert [row["order-status"] for row in rows] == ["Unshipped"] * 2 + ["Shipped"] * 2 + ["Cancelled"] * 2
    assert {row["amazon-order-id"] for row in rows} == {
        key for key, order in orders.items() if order.marketplace == "DE"
    }
    assert rows[0]["item-price"] == str(first.lines[0].gross.amount)
    assert (rows[0]["fulfillment-channel"], rows[0]["sales-channel"]) == ("Merchant", "Amazon.de")
    assert rows[0]["last-updated-date"].endswith("+00:00")
    assert (rows[0]["quantity"], rows[4]["quantity"]) == ("2", "0")


def test_window_that_is_left_out_is_now_and_has_no_data():
    """MODEL: both ends default to now. FACTS 14: no data is CANCELLED."""

    async def report(seller):
        await seller.sell({"TEA": 1})
        return await make(seller, ORDERS)

    ended, content = ask(report)
    assert (ended["processingStatus"], content, "reportDocumentId" in ended) == ("CANCELLED", None, False)


def test_window_of_more_than_a_month_ends_fatal_with_a_document_that_explains():
    async def report(seller):
        return await make(seller, ORDERS, dataStartTime="2029-11-01T00:00:00Z")

    ended, content = ask(report)
    assert ended["processingStatus"] == "FATAL"
    assert "30 days" in json.loads(content)["errorDetails"]


def test_listings_report_tells_what_is_shown():
    async def report(seller):
        seller.amazon.inventory.send_by_amazon("MUG")
        seller.amazon.inventory.suppress("A/B C")
        return (await make(seller, LISTINGS, [DE]))[1]

    rows = {row["seller-sku"]: row for row in table(ask(report), "windows-1252")}
    assert (rows["TEA"]["quantity"], rows["TEA"]["fulfillment-channel"], rows["TEA"]["status"]) == (
        "10",
        "DEFAULT",
        "Active",
    )
    assert (rows["MUG"]["quantity"], rows["MUG"]["fulfillment-channel"]) == ("", "AMAZON_EU")
    assert rows["A/B C"]["status"] == "Inactive"


def test_fba_report_tells_what_lies_with_amazon():
    async def report(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        await seller.sell({"TEA": 3})
        return (await make(seller, FBA, [DE]))[1]

    [row] = table(ask(report), "windows-1252")
    quantities = [row[f"afn-{name}-quantity"] for name in ("fulfillable", "reserved", "warehouse", "total")]
    assert (row["sku"], quantities) == ("TEA", ["7", "3", "10", "10"])


def test_seller_without_fba_has_no_fba_report():
    assert ask(lambda seller: make(seller, FBA))[0]["processingStatus"] == "CANCELLED"


@pytest.mark.parametrize(("code", "store", "charset"), [("DE", DE, "windows-1252"), ("JP", JP, "Shift_JIS")])
def test_charset_stands_in_the_content_type(code, store, charset):
    async def report(seller):
        ended, _ = await make(seller, LISTINGS, [store])
        return (await download(seller, ended["reportDocumentId"]))[2]

    assert ask(report, codes=(code,)).headers["content-type"] == f"text/plain;charset={charset}"


def test_larger_report_is_compressed_and_its_link_is_outdated_after_five_minutes():
    async def report(seller):
        ended, content = await make(seller)
        told = (await seller.get(f"{DOCUMENTS}/{ended['reportDocumentId']}")).json()
        encoded = await download(seller, ended["reportDocumentId"], enableContentEncodingUrlHeader="true")
        await asyncio.sleep(301)
        return content, told, encoded, await seller.store("GET", told["url"])

    content, told, (inflated, _, answer), late = ask(report, skus=MANY)
    assert len(table(content, "windows-1252")) == 40
    assert told["compressionAlgorithm"] == "GZIP"
    assert (answer.headers["content-encoding"], inflated) == ("gzip", content)
    assert late.status_code == 403


# Life


def test_report_asked_for_again_within_half_an_hour_is_cancelled():
    """FACTS 5 and 14: CANCELLED can also mean "asked too soon". The order report has no such pause."""

    async def again(seller):
        states = [(await make(seller))[0]["processingStatus"] for _ in range(2)]
        other = (await make(seller, LISTINGS, [DE]))[0]["processingStatus"]
        await asyncio.sleep(1800)
        return [*states, other, (await make(seller))[0]["processingStatus"]]

    assert ask(again) == ["DONE", "CANCELLED", "DONE", "DONE"]


def test_report_is_cancelled_only_in_the_queue():
    async def cancel(seller):
        first = (await request(seller)).json()["reportId"]
        early = await seller.delete(f"{REPORTS}/{first}")
        second = (await request(seller)).json()["reportId"]
        await asyncio.sleep(DONE)
        late = await seller.delete(f"{REPORTS}/{second}")
        states = [(await look(seller, each))["processingStatus"] for each in (first, second)]
        return early.status_code, late.status_code, states

    assert ask(cancel) == (200, 400, ["CANCELLED", "DONE"])


@pytest.mark.parametrize(
    "kind",
    [
        *("GET_FLAT_FILE_OPEN_LISTINGS_DATA", "GET_MERCHANT_LISTINGS_DATA", "GET_SALES_AND_TRAFFIC_REPORT"),
        *("GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL", "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"),
    ],
)
def test_types_that_amazon_alone_has_are_told_by_name(kind):
    answer = ask(lambda seller: request(seller, kind))
    assert (answer.status_code, error(answer)["code"]) == (501, "NotSimulated")
    assert kind in error(answer)["details"]


def test_every_simulated_type_is_one_of_amazons():
    assert SIMULATED.keys() <= {each.name for each in report_types()}


@pytest.mark.parametrize(
    "kind",
    [
        *("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE", "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"),
        *("GET_FBA_SNS_FORECAST_DATA", "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"),
        *("GET_FBA_INVENTORY_AGED_DATA", "GET_NONSENSE", "get_merchant_listings_data"),
    ],
)
def test_types_that_nobody_can_request_are_refused(kind):
    """FACTS 14 and the list of deprecations."""
    answer = ask(lambda seller: request(seller, kind))
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


def test_reports_are_listed_and_gone_after_90_days():
    async def lists(seller):
        made = [(await request(seller, ORDERS)).json()["reportId"] for _ in range(3)]
        first = (await seller.get(REPORTS, reportTypes=f"{ORDERS},{LISTINGS}", pageSize=2)).json()
        second = (await seller.get(REPORTS, nextToken=first["nextToken"])).json()
        both = (await seller.get(REPORTS, reportTypes=ORDERS, nextToken=first["nextToken"])).status_code
        await asyncio.sleep(90 * 86400 + 60)
        return made, first, second, both, (await seller.get(f"{REPORTS}/{made[0]}")).status_code

    made, first, second, both, gone = ask(lists)
    assert [report["reportId"] for page in (first, second) for report in page["reports"]] == made[::-1]
    assert (both, gone) == (400, 404)


def test_refusals():
    async def collect(seller):
        schedule = {"reportType": LISTINGS, "marketplaceIds": [DE], "period": "P1D"}
        answers = [
            await seller.post(REPORTS, {}),
            await request(seller, "BAD_FEE_DISCOUNTS_REPORT"),
            await request(seller, "FEE_DISCOUNTS_REPORT"),
            await request(seller, stores=[US]),
            await request(seller, ORDERS, dataStartTime="2030-06-01T00:00:00Z"),
            await request(seller, ORDERS, dataStartTime="yesterday"),
            await seller.get(REPORTS),
            await seller.get(f"{REPORTS}/badReportId1"),
            await seller.get(f"{DOCUMENTS}/badDocumentId1"),
            await seller.get(f"{SCHEDULES}/badReportId1"),
            await seller.get(f"{SCHEDULES}/1"),
            await seller.get(SCHEDULES),
            await seller.get(SCHEDULES, reportTypes="BAD_TYPE"),
            await seller.post(SCHEDULES, schedule | {"period": "PT7M"}),
            await seller.post(SCHEDULES, schedule | {"reportType": ORDERS}),
        ]
        return [answer.status_code for answer in answers]

    assert ask(collect) == [400, 400, 501, 403, 400, 400, 400, 400, 400, 400, 404, 400, 400, 400, 400]


# Schedules


def test_schedule_makes_reports_until_it_is_cancelled():
    async def run(seller):
        first = (await seller.post(SCHEDULES, schedule(nextReportCreationTime="2030-01-01T02:00:00Z"))).json()
        await asyncio.sleep(4 * 3600 + 600)
        kept = (await seller.get(f"{SCHEDULES}/{first['reportScheduleId']}")).json()
        await seller.delete(f"{SCHEDULES}/{first['reportScheduleId']}")
        await asyncio.sleep(4 * 3600)
        return first, kept, (await seller.get(REPORTS, reportTypes=LISTINGS)).json()["reports"]

    first, kept, reports = ask(run)
    assert [report["createdTime"] for report in reversed(reports)] == [
        f"2030-01-01T0{hour}:00:00.000Z" for hour in (2, 3, 4)
    ]
    assert {report["processingStatus"] for report in reports} == {"DONE"}
    assert {report["reportScheduleId"] for report in reports} == {first["reportScheduleId"]}
    assert kept["nextReportCreationTime"] == "2030-01-01T05:00:00.000Z"


def test_new_schedule_takes_the_place_of_the_one_for_the_same_stores():
    async def replace(seller):
        ids = [
            (await seller.post(SCHEDULES, body)).json()["reportScheduleId"]
            for body in (schedule(), schedule(marketplaceIds=[NL]), schedule("P1D"))
        ]
        return ids, (await seller.get(SCHEDULES, reportTypes=LISTINGS)).json()["reportSchedules"]

    ids, kept = ask(replace)
    assert [each["reportScheduleId"] for each in kept] == ids[1:]


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "document"),
    [(AmazonFault.CANCELLED_REPORT, "CANCELLED", False), (AmazonFault.FATAL_REPORT, "FATAL", True)],
)
def test_reports_that_fail(fault, status, document):
    async def fail(seller):
        seller.amazon.faults.plan(fault)
        ended, content = await make(seller)
        return ended["processingStatus"], content is not None

    assert ask(fail) == (status, document)


def test_stuck_report_ends_after_a_day():
    async def stuck(seller):
        seller.amazon.faults.plan(AmazonFault.STUCK_REPORT)
        report = (await request(seller)).json()["reportId"]
        await asyncio.sleep(12 * 3600)
        halfway = (await look(seller, report))["processingStatus"]
        await asyncio.sleep(13 * 3600)
        return halfway, (await look(seller, report))["processingStatus"]

    assert ask(stuck) == ("IN_PROGRESS", "DONE")


def test_download_link_that_is_outdated_from_the_first():
    async def expired(seller):
        ended, _ = await make(seller)
        seller.amazon.faults.plan(AmazonFault.EXPIRED_DOWNLOAD_LINK)
        links = [(await seller.get(f"{DOCUMENTS}/{ended['reportDocumentId']}")).json()["url"] for _ in range(2)]
        return [(await seller.store("GET", link)).status_code for link in links]

    assert ask(expired) == [403, 200]


def test_answers_are_amazons_model():
    async def collect(seller):
        report = await request(seller)
        queued = await seller.get(f"{REPORTS}/{report.json()['reportId']}")
        made = await seller.post(SCHEDULES, schedule(reportOptions={"custom": "true"}))
        await asyncio.sleep(3600 + DONE)
        ended = await seller.get(f"{REPORTS}/{report.json()['reportId']}")
        return [
            ("CreateReportResponse", report),
            ("Report", queued),
            ("Report", ended),
            ("GetReportsResponse", await seller.get(REPORTS, reportTypes=LISTINGS, pageSize=1)),
            ("ReportDocument", await seller.get(f"{DOCUMENTS}/{ended.json()['reportDocumentId']}")),
            ("CreateReportScheduleResponse", made),
            ("ReportSchedule", await seller.get(f"{SCHEDULES}/{made.json()['reportScheduleId']}")),
            ("ReportScheduleList", await seller.get(SCHEDULES, reportTypes=LISTINGS)),
            ("ErrorList", await request(seller, "NONE")),
        ]

    for definition, answer in ask(collect):
        assert faults("reports_2021-06-30.json", definition, answer.json()) == []
