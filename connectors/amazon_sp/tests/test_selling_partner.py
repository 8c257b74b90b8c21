"""The client on its own, behind the core's real HTTP port, in virtual time."""

import asyncio
import json
from contextlib import suppress

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, refusal, told
from entrepot.channel import Environment, ForbiddenError, RateLimited, RejectedError, TransientError, UnknownOutcome
from entrepot.simulation import VirtualClock, run, stream
from entrepot_amazon_sp import SellingPartner

DE = "A1PA6795UKMFR9"
PAGES = [
    told({"orders": [{"orderId": "1"}], "pagination": {"nextToken": "t/2"}}),
    told({"orders": [], "pagination": {}}),
]


def with_client(amazon, main, **options):
    async def connected(loop):
        lent = {"transport": amazon.network, "clock": VirtualClock(loop), "rng": stream(1, "client")}
        async with SellingPartner(SETTINGS, **{"region": "EU", **lent, **options}) as client:
            return await main(client)

    return run(connected, seed=1)


def calling(amazon, operation, **arguments):
    return with_client(amazon, lambda client: client.call(operation, **arguments))


def collected(amazon, operation, **arguments):
    async def main(client):
        return [page async for page in client.pages(operation, **arguments)]

    return with_client(amazon, main)


def queries(amazon):
    return [dict(request.url.params) for request in amazon.requests]


def test_each_argument_goes_where_amazon_wants_it():
    amazon = Amazon(told({"sku": "A/1", "status": "ACCEPTED"}))
    body = {"productType": "PRODUCT", "patches": []}
    answer = calling(
        amazon,
        "patchListingsItem",
        sellerId="A2SELLER",
        sku="A/1 ?",
        marketplaceIds=[DE, "A1805IZSGTT6HS"],
        issueLocale=None,
        body=body,
    )
    [request] = amazon.requests
    assert answer == {"sku": "A/1", "status": "ACCEPTED"}
    assert request.method == "PATCH"
    assert request.url.host == "sellingpartnerapi-eu.amazon.com"
    assert request.url.raw_path.startswith(b"/listings/2021-08-01/items/A2SELLER/A%2F1%20%3F?")
    assert dict(request.url.params) == {"marketplaceIds": f"{DE},A1805IZSGTT6HS"}
    assert json.loads(request.content) == body
    assert "Language=" in request.headers["user-agent"]
    assert "x-amz-date" in request.headers


def test_the_name_of_a_list_is_repeated_where_the_model_wants_it():
    amazon = Amazon(told({}))
    calling(amazon, "listPrepDetails", marketplaceId=DE, mskus=["A", "B"])
    assert amazon.requests[0].url.query == b"marketplaceId=A1PA6795UKMFR9&mskus=A&mskus=B"


def test_a_header_goes_where_the_model_wants_it():
    amazon = Amazon(told({"payload": {}}))
    calling(amazon, "shippingV2.getTracking", trackingId="1", carrierId="2", **{"x-amzn-shipping-business-id": "UK"})
    assert amazon.requests[0].headers["x-amzn-shipping-business-id"] == "UK"
    assert queries(amazon) == [{"trackingId": "1", "carrierId": "2"}]


@pytest.mark.parametrize(
    ("operation", "arguments", "words"),
    [
        (
            "searchOrders",
            {"marketplaceids": [DE]},
            r"no parameter 'marketplaceids' \(did you mean 'marketplaceIds'\?\)",
        ),
        ("searchOrders", {"marketplaceids": [DE]}, "Next: it takes createdAfter, createdBefore"),
        ("searchOrders", {"body": {}}, "it takes no body"),
        ("orders_2026-01-01.getOrder", {}, "'orderId' is missing"),
        ("createReport", {}, r"the body is missing.*a body of .*marketplaceIds.*\(required\)"),
        ("createReport", {"reportType": "X", "body": {}}, "'reportType' belongs into the body"),
        (
            "patchListingsItem",
            {"sellerId": "A", "sku": "B", "marketplaceIds": DE, "body": {"mode": "VALIDATION_PREVIEW"}},
            "'mode' of the body is a parameter",
        ),
        ("getOrders", {}, "several APIs"),
    ],
)
def test_what_the_model_does_not_allow_is_refused_before_anything_is_sent(operation, arguments, words):
    amazon = Amazon(told({}))
    with pytest.raises(ValueError, match=words):
        calling(amazon, operation, **arguments)
    assert amazon.network.requests == []


def test_pages_repeat_the_other_parameters():
    amazon = Amazon(*PAGES)
    pages = collected(amazon, "searchOrders", marketplaceIds=[DE], lastUpdatedAfter="2026-11-01T00:00:00Z")
    assert [len(page["orders"]) for page in pages] == [1, 0]
    first, second = queries(amazon)
    assert second == first | {"paginationToken": "t/2"}


def test_pages_drop_the_other_parameters_where_amazon_wants_the_token_alone():
    amazon = Amazon(told({"reports": [], "nextToken": "t2"}), told({"reports": [], "nextToken": None}))
    collected(amazon, "getReports", reportTypes=["X"], pageSize=10)
    assert queries(amazon) == [{"reportTypes": "X", "pageSize": "10"}, {"nextToken": "t2"}]


def test_pages_of_an_old_list_change_its_type():
    amazon = Amazon(told({"payload": {"NextToken": "t2"}}), told({"payload": {}}))
    collected(amazon, "fulfillmentInboundV0.getShipments", QueryType="DATE_RANGE", MarketplaceId=DE)
    assert queries(amazon)[1] == {"QueryType": "NEXT_TOKEN", "MarketplaceId": DE, "NextToken": "t2"}


def test_a_page_token_that_is_told_twice_ends_the_list():
    amazon = Amazon(*[told({"reports": [], "nextToken": "t2"})] * 2)
    with pytest.raises(TransientError, match="one page token twice"):
        collected(amazon, "getReports", reportTypes=["X"])
    assert len(queries(amazon)) == 2


def test_what_has_no_pages_is_not_paged():
    with pytest.raises(ValueError, match=r"has no pages\. Next: use `call`"):
        collected(Amazon(told({})), "orders_2026-01-01.getOrder", orderId="1")


@pytest.mark.parametrize(
    ("environment", "seconds"), [(Environment.PRODUCTION, 2 / 0.0056), (Environment.SANDBOX, 9 / 5)]
)
def test_calls_beyond_the_burst_wait_for_the_rate(environment, seconds):
    """21 calls. Of the plan's burst of 20 one is kept back for jitter, of the sandbox's 15 three."""
    amazon = Amazon(told({"orders": []}), latency=0)

    async def main(client):
        started = asyncio.get_running_loop().time()
        for _ in range(21):
            await client.call("searchOrders")
        return asyncio.get_running_loop().time() - started

    assert with_client(amazon, main, environment=environment) == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize("answer", [told({"payload": []}), refusal(400)])
def test_after_an_answer_of_any_kind_a_burst_of_one_waits_for_one_period(answer):
    amazon = Amazon(answer, latency=0)

    async def main(client):
        started = asyncio.get_running_loop().time()
        for _ in range(2):
            with suppress(RejectedError):
                await client.call("getMyFeesEstimates", body=[])
        return asyncio.get_running_loop().time() - started

    assert with_client(amazon, main) == pytest.approx(1 / 0.5, rel=0.01)


def test_a_refused_token_is_renewed_once_after_a_period_where_the_burst_is_one():
    """The refusal is an answer: the next request need not wait until the first one is given up, a minute later."""
    amazon = Amazon(told({"payload": []}), latency=0)
    amazon.refused = {"refresh-1#1"}

    async def main(client):
        started = asyncio.get_running_loop().time()
        answer = await client.call("getMyFeesEstimates", body=[])
        return answer, asyncio.get_running_loop().time() - started

    answer, seconds = with_client(amazon, main)
    assert answer == {"payload": []}
    assert seconds == pytest.approx(1 / 0.5, rel=0.01)
    assert [request.headers["x-amz-access-token"] for request in amazon.requests] == ["refresh-1#1", "refresh-1#2"]


def test_a_token_that_stays_refused_is_a_missing_permission():
    amazon = Amazon(refusal(403, "Unauthorized", "Access to requested resource is denied.", "the role"))
    with pytest.raises(ForbiddenError, match=r"account A2SELLER: GET /orders/2026-01-01/orders.*the role"):
        calling(amazon, "searchOrders")
    assert len(amazon.requests) == 2


def test_frequency_is_told_apart():
    with pytest.raises(RateLimited):
        calling(Amazon(refusal(429, "QuotaExceeded")), "searchOrders")


def test_a_write_without_a_usable_answer_has_an_unknown_outcome_and_a_read_by_post_has_not():
    page = httpx.Response(200, text="<html>")
    with pytest.raises(UnknownOutcome):
        calling(Amazon(page), "createReport", body={"reportType": "X", "marketplaceIds": [DE]})
    with pytest.raises(TransientError):
        calling(Amazon(page), "getMyFeesEstimates", body=[])


def test_no_content_is_nothing_also_where_there_mostly_is_some():
    amazon = Amazon(httpx.Response(204))
    assert calling(amazon, "getItemReviewTopics", asin="B1", marketplaceId=DE, sortBy="MENTIONS") is None


def test_the_application_asks_for_itself_where_no_seller_is_needed():
    class Application(Amazon):
        def _token(self, request):
            self.asked_for_tokens.append(request)
            return httpx.Response(200, json={"access_token": "of the application", "expires_in": 3600})

    amazon = Application(told({"payload": []}))
    calling(amazon, "getDestinations")
    form = amazon.asked_for_tokens[0].content.decode()
    assert "grant_type=client_credentials" in form
    assert "scope=sellingpartnerapi%3A%3Anotifications" in form
    assert "refresh_token" not in form


def test_secrets_do_not_stand_in_errors():
    echoed = refusal(400, "InvalidInput", "you sent refresh-1#1 and the client secret")
    with pytest.raises(Exception, match="InvalidInput") as refused:
        calling(Amazon(echoed), "searchOrders")
    assert "refresh-1#1" not in str(refused.value)
    assert "the client secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("XX", r"Amazon has no region 'XX'\. Next: choose from NA, EU, FE"),
        ("eu", r"Amazon has no region 'eu'\. Next: write 'EU'"),
        ("DE", r"'DE' is no region: DE is a store of EU\. Next: 'EU'"),
        ("GB", r"'GB' is no region: UK is a store of EU\. Next: 'EU'"),
    ],
)
def test_an_unknown_region_is_refused(region, words):
    with pytest.raises(ValueError, match=words):
        SellingPartner(SETTINGS, region=region)
