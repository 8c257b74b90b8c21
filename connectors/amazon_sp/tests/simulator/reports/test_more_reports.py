"""Reports on feedback, on the planning of stock with Amazon, and further ones on orders (FACTS 3, 14)."""

import asyncio
import gzip
import re
from datetime import date

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, ask, instant, market_of
from connectors.amazon_sp.tests.simulator.authorization.test_restricted import resource, token_for
from connectors.amazon_sp.tests.simulator.reports.asked_for import (
    DOCUMENTS,
    DONE,
    LISTINGS,
    PUBLISHED,
    REPORTS,
    download,
    look,
    make,
    request,
    table,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.reports import feedback_report
from entrepot_amazon_sp.simulator.reports.types import SIMULATED

FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
PLANNING = "GET_FBA_INVENTORY_PLANNING_DATA"
BY_DATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
PENDING = "GET_FLAT_FILE_PENDING_ORDERS_DATA"
UNSHIPPED = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"
START = "2029-12-31T00:00:00Z"
ROLES = frozenset({"BUYER", "RECIPIENT"})

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def published(kind):
    return (PUBLISHED / f"{kind}.md").read_text("utf-8")


# Feedback


async def rated(seller, store):
    """Fifty orders are sent, and three weeks go by."""
    for order in await seller.sell({"TEA": 1}, count=50):
        seller.amazon.ship(order.external_id)
    await asyncio.sleep(21 * 86400)
    ended, content = await make(seller, FEEDBACK, [store], dataStartTime=START)
    return seller.amazon, (await download(seller, ended["reportDocumentId"]))[2].headers["content-type"], content


def feedback(code):
    amazon, kind, content = ask(lambda seller: rated(seller, PLACES[code].id), codes=(code,), skus={"TEA": 100})
    charset = kind.rpartition("=")[2]
    head, *rows = [line.split("\t") for line in content.decode(charset).splitlines()]
    return amazon, charset, head, rows


DATES = {
    "US": r"1?\d/[123]?\d/\d\d",
    "DE": r"[123]?\d\.1?\d\.\d\d",
    "FR": r"[123]?\d/1?\d/\d\d",
    "JP": r"\d\d/1?\d/[123]?\d",
    "SE": r"\d{4}-\d\d-\d\d",
    "PL": r"[123]?\d/1?\d/\d\d",
}


@pytest.mark.parametrize(
    ("code", "charset", "first"),
    [
        ("US", "windows-1252", "Date"),
        ("DE", "windows-1252", "Datum"),
        ("FR", "windows-1252", "Date"),
        ("JP", "Shift_JIS", "日付"),
        ("SE", "windows-1252", "Datum"),
        ("PL", "UTF-8", "Data"),
    ],
)
def test_feedback_has_six_columns_in_the_stores_language_and_dates_as_the_store_writes_them(code, charset, first):
    """The published notes on the report: map by position, not by name; dates have a form of their own in each store."""
    amazon, told, head, rows = feedback(code)
    assert (told, head[0], len(head)) == (charset, first, 6)
    assert rows
    for day, rating, _, response, order, email in rows:
        assert re.fullmatch(DATES[code], day)
        assert (int(rating) in range(1, 6), response) == (True, "")
        assert amazon.orders[order].status == "shipped"
        assert email.endswith(PLACES[code].domain.removeprefix("www."))


def test_columns_of_feedback_are_the_published_ones():
    words = published(FEEDBACK).split("Columns in order (English headers): ")[1].split(" (")[0]
    assert ", ".join(feedback_report.COLUMNS).startswith(words)
    assert {len(names) for names in feedback_report.HEADERS.values()} == {len(feedback_report.COLUMNS)}


@pytest.mark.parametrize("code", PLACES)
def test_every_store_writes_a_day_so_that_the_published_format_reads_it(code):
    day, place = date(2030, 2, 3), PLACES[code]
    text = feedback_report.write_day(day, place)
    formats = {"US": "2/3/30", "DE": "3.2.30", "JP": "30/2/3", "SE": "2030-02-03"}
    assert text == formats.get(code, "3/2/30")


# Planning


def planning(scenario, days=0):
    async def report(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        await scenario(seller)
        await asyncio.sleep(days * 86400)
        return (await make(seller, PLANNING, [DE]))[1]

    [row] = table(ask(report), "windows-1252")
    return row


async def nothing(_):
    pass


async def sold_and_sent(seller):
    [order] = await seller.sell({"TEA": 3})
    seller.amazon.ship(order.external_id)
    await seller.sell({"TEA": 2})


def test_columns_of_planning_are_known():
    core, generations = published(PLANNING).split("Core columns: ")[1].split("Generation-dependent")
    optional = generations + published(PLANNING).split("mixed-case columns")[1]
    for name in SIMULATED[PLANNING].columns:
        assert name in core or name in optional or name.startswith("inbound-")
    assert set(core.strip().rstrip(".").split(", ")) <= set(SIMULATED[PLANNING].columns)


def test_planning_says_how_long_stock_lasts():
    row = planning(sold_and_sent)
    assert (row["available"], row["Total Reserved Quantity"], row["units-shipped-t7"]) == ("5", "2", "3")
    assert (row["days-of-supply"], row["weeks-of-cover-t30"]) == ("50", "7.1")


def test_stock_that_does_not_sell_has_no_days_of_supply():
    """The published notes: empty means "no recent sales", not zero."""
    row = planning(nothing)
    assert (row["days-of-supply"], row["weeks-of-cover-t90"], row["units-shipped-t90"]) == ("", "", "0")


@pytest.mark.parametrize(("days", "age"), [(0, "0-to-90"), (91, "91-to-180"), (400, "366-to-455"), (500, "456-plus")])
def test_age_of_stock_has_buckets(days, age):
    row = planning(nothing, days)
    filled = {name for name, text in row.items() if name.startswith("inv-age") and text != "0"}
    assert filled == {f"inv-age-{age}-days"}


def test_daily_report_asked_for_again_within_four_hours_is_cancelled():
    """FACTS 5, 11: near-real-time FBA types renew every half hour, daily ones every four hours."""

    async def again(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        states = []
        for pause in (0, 3 * 3600, 3600):
            await asyncio.sleep(pause)
            states.append((await make(seller, PLANNING, [DE]))[0]["processingStatus"])
        return states

    assert ask(again) == ["DONE", "CANCELLED", "DONE"]


# Orders


def test_orders_by_date_are_those_that_were_placed_then():
    async def report(seller):
        [old] = await seller.sell({"TEA": 1})
        await asyncio.sleep(86400)
        start = instant(seller.clock.now())
        [new] = await seller.sell({"TEA": 1})
        seller.amazon.ship(old.external_id)
        await asyncio.sleep(60)
        _, content = await make(seller, BY_DATE, [DE], dataStartTime=start)
        return new, content

    new, content = ask(report)
    [row] = table(content)
    assert row["amazon-order-id"] == new.external_id
    assert row["item-price"] == str(new.lines[0].gross.amount)


def test_pending_orders_are_told_in_japan_only():
    """Amazon's page on pending order reports."""

    async def report(seller):
        seller.amazon.place({"TEA": 1}, market_of(seller.code))
        await asyncio.sleep(60)
        ended, content = await make(seller, PENDING, seller.stores[:1], dataStartTime=START)
        return ended["processingStatus"], content

    status, content = ask(report, codes=("JP",))
    [row] = table(content, "Shift_JIS")
    assert (status, row["sku"], row["quantity-purchased"]) == ("DONE", "TEA", "1")
    assert ask(report, codes=("DE",)) == ("CANCELLED", None)


def unshipped(token):
    """The status of its document, and its rows, for a token that `token(seller, path)` gets."""

    async def report(seller):
        seller.amazon.granted = ROLES
        [_, sent] = await seller.sell({"TEA": 1}, count=2)
        seller.amazon.ship(sent.external_id)
        seller.amazon.place({"TEA": 1}, market_of(seller.code))
        answer = await request(seller, UNSHIPPED, [DE], dataStartTime=START)
        await asyncio.sleep(DONE)
        ended = await look(seller, answer.json()["reportId"])
        path = f"{DOCUMENTS}/{ended['reportDocumentId']}"
        told = await seller.get(path, token=await token(seller, path))
        if told.status_code != 200:
            return told.status_code, None
        content = (await seller.store("GET", told.json()["url"])).content
        return 200, gzip.decompress(content) if "compressionAlgorithm" in told.json() else content

    return ask(report)


def test_restricted_report_is_opened_by_a_restricted_token_for_that_document():
    """FACTS 3: a plain token gets 403 on the document of a restricted report."""

    async def plain(seller, path):
        return await seller.token()

    async def restricted(seller, path):
        return await token_for(seller, resource(path))

    assert unshipped(plain)[0] == 403
    status, content = unshipped(restricted)
    [row] = table(content)
    assert (status, row["quantity-to-ship"], row["ship-country"]) == (200, "1", "DE")
    assert row["recipient-name"]


def test_restricted_report_takes_the_role():
    answer = ask(lambda seller: request(seller, UNSHIPPED, [DE], dataStartTime=START))
    assert answer.status_code == 403


def test_report_whose_words_do_not_fit_the_usual_charset_says_so():
    """FACTS 14: the charset stands in the content type, and nowhere else."""

    async def report(seller):
        seller.amazon.stock["茶"] = 3
        ended, content = await make(seller, LISTINGS, [DE])
        return (await download(seller, ended["reportDocumentId"]))[2].headers["content-type"], content

    kind, content = ask(report)
    assert kind == "text/plain;charset=UTF-8"
    assert "茶" in content.decode()


# What requests may ask


@pytest.mark.parametrize(
    "query",
    [
        {"reportTypes": ",".join([LISTINGS] * 11)},
        {"reportTypes": LISTINGS, "pageSize": "101"},
        {"reportTypes": LISTINGS, "createdSince": "2029-09-01T00:00:00Z"},
        {"reportTypes": LISTINGS, "processingStatuses": "DONE_NO_DATA"},
    ],
    ids=str,
)
def test_lists_have_their_limits(query):
    """FACTS 14: ten types, a hundred reports, ninety days; and DONE_NO_DATA was MWS."""
    assert ask(lambda seller: seller.get(REPORTS, **query)).status_code == 400


@pytest.mark.parametrize("kind", sorted(SIMULATED))
def test_every_type_without_data_is_cancelled(kind):
    """FACTS 14: no data is CANCELLED."""

    async def report(seller):
        seller.amazon.granted = ROLES
        return (await make(seller, kind, seller.stores[:1], dataStartTime=START))[0]["processingStatus"]

    assert ask(report, skus={}) == "CANCELLED"
