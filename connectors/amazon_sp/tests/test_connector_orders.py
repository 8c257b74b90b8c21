"""What goes over the wire for orders, and what comes of each answer."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import parse_qsl

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import DE, NL, Amazon, on_amazon, refusal, told
from entrepot.channel import (
    CursorExpired,
    DataRefused,
    Environment,
    FetchOrder,
    FetchOrders,
    ForbiddenError,
    RateLimited,
    RejectedError,
    TransientError,
)
from entrepot.model import Window
from entrepot_amazon_sp import AMAZON

START = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=1))
PAGE = MappingProxyType({"orders": [{"orderId": "1"}], "pagination": {"nextToken": "a+b/c="}})
LAST = MappingProxyType({"orders": []})
HTML = "<html><body>Service Unavailable</body></html>"


def orders(amazon, *cursors, **options):
    async def main(account):
        return [await account.call("fetch_orders", FetchOrders(WINDOW, 100, cursor)) for cursor in cursors]

    return on_amazon(amazon, main, **options)


def test_a_window_is_asked_for_in_amazons_words():
    amazon = Amazon(told(dict(LAST)))
    orders(amazon, None)
    [request] = amazon.requests
    assert request.method == "GET"
    assert str(request.url).split("?")[0] == "https://sellingpartnerapi-eu.amazon.com/orders/2026-01-01/orders"
    assert dict(request.url.params) == {
        "lastUpdatedAfter": "2026-11-03T12:30:00Z",
        "lastUpdatedBefore": "2026-11-03T13:30:00Z",
        "marketplaceIds": f"{DE},{NL}",
        "includedData": "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS",
        "maxResultsPerPage": "100",
    }


def test_personal_data_is_not_asked_for():
    """Covers P9."""
    amazon = Amazon(told({"orders": [], "order": {}}))

    async def main(account):
        await account.call("fetch_orders", FetchOrders(WINDOW, 100))
        await account.call("fetch_order", FetchOrder(("1",)))

    on_amazon(amazon, main)
    for request in amazon.requests:
        assert not {"BUYER", "RECIPIENT"} & set(request.url.params["includedData"].split(","))


def test_pages_differ_in_their_token_only():
    """Amazon refuses a token whose other parameters have changed."""
    amazon = Amazon(told(dict(PAGE)), told(dict(LAST)))
    first, last = orders(amazon, None, "a+b/c=")
    assert (first.records, first.next_cursor) == ([{"orderId": "1"}], "a+b/c=")
    assert (last.records, last.next_cursor) == ([], None)
    one, other = (dict(request.url.params) for request in amazon.requests)
    assert other.pop("paginationToken") == "a+b/c="
    assert one == other
    assert b"paginationToken=a%2Bb%2Fc%3D" in amazon.requests[1].url.query


@pytest.mark.parametrize(
    "pagination", [{}, {"pagination": None}, {"pagination": {}}, {"pagination": {"nextToken": None}}]
)
def test_without_a_token_a_page_is_the_last(pagination):
    [page] = orders(Amazon(told({"orders": [], **pagination})), None)
    assert page.next_cursor is None


def test_a_request_is_authorized_dated_and_says_who_asks():
    amazon = Amazon(told(dict(LAST)))
    orders(amazon, None)
    headers = amazon.requests[0].headers
    assert headers["x-amz-access-token"] == "refresh-1#1"
    assert datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert "authorization" not in headers
    [token] = amazon.asked_for_tokens
    assert (token.method, str(token.url)) == ("POST", "https://api.amazon.com/auth/o2/token")
    form = dict(parse_qsl(token.content.decode()))
    assert form.pop("client_secret")
    assert form == {"grant_type": "refresh_token", "client_id": "client-1", "refresh_token": "refresh-1"}


def test_the_sandbox_has_a_host_of_its_own():
    amazon = Amazon(told(dict(LAST)))
    orders(amazon, None, environment=Environment.SANDBOX)
    assert amazon.requests[0].url.host == "sandbox.sellingpartnerapi-eu.amazon.com"
    assert amazon.asked_for_tokens[0].url.host == "api.amazon.com"


@pytest.mark.parametrize(
    ("codes", "host"),
    [(("US", "BR"), "na"), (("DE", "IN"), "eu"), (("JP", "AU"), "fe")],
)
def test_each_region_has_its_host(codes, host):
    amazon = Amazon(told(dict(LAST)))
    orders(amazon, None, marketplaces=codes)
    assert amazon.requests[0].url.host == f"sellingpartnerapi-{host}.amazon.com"


@pytest.mark.parametrize(
    ("answer", "cursor", "error"),
    [
        (refusal(400), None, RejectedError),
        (refusal(400), "stale", CursorExpired),
        (httpx.Response(400, html=HTML), "stale", CursorExpired),
        (refusal(403), "good", DataRefused),
        (refusal(404, "NotFound"), None, RejectedError),
        (refusal(413), None, RejectedError),
        (refusal(415), None, RejectedError),
        (refusal(429, "QuotaExceeded"), "good", RateLimited),
        (refusal(500, "InternalFailure"), "good", TransientError),
        (httpx.Response(503, html=HTML), None, TransientError),
        (httpx.Response(400, html=HTML), None, RejectedError),
        (httpx.Response(200, html=HTML), None, TransientError),
        (told({"errors": []}), None, TransientError),
        (told({"orders": None}), None, TransientError),
    ],
)
def test_a_refusal_is_never_a_page(answer, cursor, error):
    """Covers R37. A token that Amazon no longer takes has no word of its own."""
    with pytest.raises(error) as raised:
        orders(Amazon(answer), cursor)
    assert type(raised.value) is error
    assert raised.value.status == answer.status_code


def test_amazons_own_words_and_its_request_id_are_kept():
    """The details are often the only useful text; its support asks for the id."""
    answer = refusal(403, "Unauthorized", "Access denied.", "The application has not the role Inventory.")
    with pytest.raises(ForbiddenError, match=r"Access denied\.: The application has not the role") as raised:
        orders(Amazon(answer), None)
    assert (raised.value.code, raised.value.request_id) == ("Unauthorized", "r-1")


def test_an_order_is_fetched_by_its_id():
    amazon = Amazon(told({"order": {"orderId": "028-1"}}))

    async def main(account):
        return await account.call("fetch_order", FetchOrder(("028-1/x",)))

    page = on_amazon(amazon, main)
    assert page.records == ({"orderId": "028-1"},)
    assert page.kind == "order"
    assert amazon.requests[0].url.raw_path.split(b"?")[0] == b"/orders/2026-01-01/orders/028-1%2Fx"


def test_an_order_that_amazon_does_not_know_is_absent():
    async def main(account):
        return await account.call("fetch_order", FetchOrder(("028-1",)))

    assert on_amazon(Amazon(refusal(404, "NotFound")), main).records == ()
    with pytest.raises(RejectedError):
        on_amazon(Amazon(refusal(400)), main)


def test_the_end_of_a_window_is_two_minutes_old_even_where_our_clock_is_a_little_ahead():
    """Amazon refuses a younger one; clocks that differ by less than two seconds count as equal."""
    assert AMAZON.operations["fetch_orders"].settle_lag >= timedelta(minutes=2, seconds=2)
