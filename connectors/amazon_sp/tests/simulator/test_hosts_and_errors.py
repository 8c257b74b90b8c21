"""Hosts, regions, paths, buckets, and the headers around every answer."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, EU, LWA, NA, ORDERS, US, ask, error, instant
from entrepot.simulation import Answer

ACCOUNT = "/sellers/v1/marketplaceParticipations"


@pytest.mark.parametrize("host", [EU, EU.replace("https://", "https://sandbox.")])
def test_region_has_two_endpoints(host):
    assert ask(lambda seller: seller.get(ACCOUNT, host=host)).status_code == 200


def test_endpoint_of_another_region_knows_nothing_of_the_account():
    answer = ask(lambda seller: seller.get(ACCOUNT, host=NA))
    assert (answer.status_code, error(answer)["code"]) == (403, "Unauthorized")


def test_store_of_another_region_is_denied_with_details():
    async def search(seller):
        return await seller.get(ORDERS, lastUpdatedAfter="2029-12-31T00:00:00Z", marketplaceIds=f"{DE},{US}")

    answer = ask(search)
    assert answer.status_code == 403
    assert "not valid for region" in error(answer)["details"]


@pytest.mark.parametrize("path", ["/nothing", ORDERS + "/1/2"])
def test_unknown_path_is_denied_and_not_missing(path):
    answer = ask(lambda seller: seller.get(path))
    assert (answer.status_code, error(answer)["details"]) == (403, "")


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/sales/v1/orderMetrics", "sales.getOrderMetrics"),
        ("/orders/v0/orders/302-0000000-0000000/regulatedInfo", "ordersV0.getOrderRegulatedInfo"),
    ],
)
def test_operation_that_amazon_alone_has_is_told_by_name(path, operation):
    answer = ask(lambda seller: seller.get(path))
    assert (answer.status_code, error(answer)["code"]) == (501, "NotSimulated")
    assert operation in error(answer)["details"]


def test_root_tells_the_time():
    answer = ask(lambda seller: seller.get("/", token=None))
    assert answer.status_code == 200
    assert answer.json()["timestamp"].startswith("2030-01-01T")


def test_account_takes_part_in_its_stores_and_in_something_that_is_none():
    [*stores, other] = ask(lambda seller: seller.get(ACCOUNT)).json()["payload"]
    assert [entry["marketplace"]["countryCode"] for entry in stores] == ["DE", "NL"]
    assert stores[0]["marketplace"]["id"] == DE
    assert other["marketplace"]["name"].startswith("Non-Amazon")


@pytest.mark.parametrize("codes", [(), ("DE", "US"), ("XX",)])
def test_account_is_of_one_region(codes):
    with pytest.raises((ValueError, IndexError)):
        ask(lambda seller: seller.get(ACCOUNT), codes=codes)


def test_bucket_refuses_in_amazons_words_and_fills_at_its_rate():
    async def exhaust(seller):
        window = {"lastUpdatedAfter": instant(seller.clock.now())}
        await seller.token()
        answers = [await seller.get(ORDERS, **window) for _ in range(21)]
        await asyncio.sleep(180)
        return [*answers, await seller.get(ORDERS, **window), await seller.get(ORDERS, **window)]

    *full, refused, refilled, refused_again = ask(exhaust)
    assert {answer.status_code for answer in full} == {200}
    assert [answer.status_code for answer in (refused, refilled, refused_again)] == [429, 200, 429]
    assert error(refused)["code"] == "QuotaExceeded"
    assert error(refused)["details"] == ""
    assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert "retry-after" not in refused.headers


def test_sandbox_has_one_plan_for_every_operation():
    """FACTS 5: five a second and fifteen at once; a header from there says nothing of production."""

    async def exhaust(seller):
        await seller.token()
        sandbox = EU.replace("https://", "https://sandbox.")
        answers = await asyncio.gather(*[seller.get(ACCOUNT, host=sandbox) for _ in range(40)])
        return answers, await seller.get(ACCOUNT)

    answers, production = ask(exhaust)
    assert sum(answer.status_code == 200 for answer in answers) >= 15
    assert 429 in [answer.status_code for answer in answers]
    assert {answer.headers.get("x-amzn-RateLimit-Limit") for answer in answers} == {"5.0", None}
    assert production.headers["x-amzn-RateLimit-Limit"] == "0.016"


def test_time_scale_fills_the_buckets_faster():
    async def exhaust(seller):
        answers = [await seller.get(ACCOUNT) for _ in range(15)]
        await asyncio.sleep(1 / 0.016 / 100)
        return [*answers, await seller.get(ACCOUNT)]

    answers = ask(exhaust, time_scale=100)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["x-amzn-RateLimit-Limit"] for answer in answers} == {"1.6"}


def test_rate_is_told_only_where_amazon_tells_it():
    async def collect(seller):
        good, missing = await seller.get(ACCOUNT), await seller.get(f"{ORDERS}/302-0000000-0000000")
        bad, denied = await seller.get(f"{ORDERS}/no-id"), await seller.get(ACCOUNT, token=None)
        seller.amazon.script(Answer(500))
        return good, missing, bad, denied, await seller.get(ACCOUNT)

    answers = ask(collect)
    assert [answer.status_code for answer in answers] == [200, 404, 400, 403, 500]
    rates = [answer.headers.get("x-amzn-RateLimit-Limit") for answer in answers]
    assert rates == ["0.016", "0.5", "0.5", None, None]
    ids = {answer.headers["x-amzn-RequestId"] for answer in answers}
    assert len(ids) == 5
    assert error(answers[4])["code"] == "InternalFailure"


def test_body_that_is_no_json_is_refused():
    async def patch(seller):
        login = await seller.post_raw(LWA, b"{", "application/json")
        headers = {"x-amz-access-token": await seller.token()}
        return login, await seller._client.patch(seller.host + seller.item("TEA"), content=b"{", headers=headers)

    login, answer = ask(patch)
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")
    assert error(answer)["details"] == login.json()["error_description"] == "The body is malformed."
    assert (login.status_code, login.json()["error"]) == (400, "invalid_request")


def test_operation_whose_role_is_missing_is_denied_and_others_are_not():
    async def both(seller):
        seller.amazon.withheld = frozenset({"searchOrders"})
        window = {"lastUpdatedAfter": instant(seller.clock.now())}
        return await seller.get(ORDERS, **window), await seller.get(ACCOUNT)

    orders, account = ask(both)
    assert (orders.status_code, error(orders)["details"], account.status_code) == (403, "", 200)


def test_application_in_draft_is_good_for_the_sandbox_alone():
    async def both(seller):
        seller.amazon.worlds = frozenset({"sandbox"})
        return [await seller.get(ACCOUNT, host=host) for host in (EU, EU.replace("https://", "https://sandbox."))]

    assert [answer.status_code for answer in ask(both)] == [403, 200]
