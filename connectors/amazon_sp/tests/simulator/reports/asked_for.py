"""Reports as a seller asks for them, and their documents."""

import asyncio

from connectors.amazon_sp.tests.simulator.asking import DE, NL
from connectors.amazon_sp.tests.simulator.test_models import MODELS

REPORTS = "/reports/2021-06-30/reports"
SCHEDULES = "/reports/2021-06-30/schedules"
DOCUMENTS = "/reports/2021-06-30/documents"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FBA = "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA"
DONE = 300
PUBLISHED = MODELS.parent / "reports"


async def request(seller, kind=LISTINGS, stores=(DE, NL), **window):
    return await seller.post(REPORTS, {"reportType": kind, "marketplaceIds": [*stores]} | window)


async def look(seller, report):
    return (await seller.get(f"{REPORTS}/{report}")).json()


async def download(seller, document, **query):
    return await seller.download(f"{DOCUMENTS}/{document}", **query)


async def make(seller, kind=LISTINGS, stores=(DE, NL), **window):
    """The report when it has ended, and its content (None without a document)."""
    answer = await request(seller, kind, stores, **window)
    assert answer.status_code == 202, answer.text
    await asyncio.sleep(DONE)
    ended = await look(seller, answer.json()["reportId"])
    document = ended.get("reportDocumentId")
    return ended, (await download(seller, document))[0] if document else None


def table(content, charset="utf-8"):
    head, *rows = [line.split("\t") for line in content.decode(charset).splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def schedule(period="PT1H", **more):
    return {"reportType": LISTINGS, "marketplaceIds": [DE], "period": period} | more
