"""Buckets and what is told of them (FACTS 5): those of a pair, those of an application, plans that change."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, EU, ask, error, instant
from connectors.amazon_sp.tests.simulator.authorization.test_application import ROTATE, ROTATION
from connectors.amazon_sp.tests.simulator.test_several import with_sellers
from entrepot.channel import Limit

ACCOUNT = "/sellers/v1/marketplaceParticipations"
RATE = "x-amzn-RateLimit-Limit"
QUANTITY, PRICE = "fulfillment_availability", "purchasable_offer"


def patch(attribute):
    return {"productType": "PRODUCT", "patches": [{"op": "replace", "path": f"/attributes/{attribute}", "value": []}]}


def plans(seller, operation, **application):
    """A pair's plan that nothing exhausts, and one of the application's for two requests."""
    few = {name: Limit(limit, 2) for name, limit in application.items()}
    seller.amazon.resize(operation, Limit(1000, 1000, few))


async def patched(seller, *attributes):
    return [await seller.patch(seller.item("TEA"), patch(each), marketplaceIds=DE) for each in attributes]


@pytest.mark.parametrize(
    ("bucket", "spending", "sparing"),
    [
        ("application", QUANTITY, ()),
        ("relationships", "child_parent_sku_relationship", (QUANTITY, PRICE, "item_name")),
        ("product data", "item_name", (QUANTITY, PRICE, "child_parent_sku_relationship")),
    ],
)
def test_whichever_bucket_is_empty_refuses_and_says_which(bucket, spending, sparing):
    async def exhaust(seller):
        await seller.token()
        plans(seller, "patchListingsItem", **{bucket: 0.001})
        return await patched(seller, spending, spending, spending, *sparing)

    *full, refused = ask(exhaust)[:3]
    assert [answer.status_code for answer in full] == [200, 200]
    assert (refused.status_code, error(refused)["code"], error(refused)["details"]) == (429, "QuotaExceeded", "")
    assert error(refused)["message"].endswith(f"greater than allowed for the {bucket}.")
    assert [answer.status_code for answer in ask(exhaust)[3:]] == [200] * len(sparing)


def test_whole_listing_spends_by_its_attributes():
    async def put(seller):
        await seller.token()
        plans(seller, "putListingsItem", **{"product data": 0.001})
        words = {"condition_type": [{"value": "new_new"}], "item_name": [{"value": "Tea"}]}
        body = {"productType": "PRODUCT", "attributes": words}
        return [await seller.put(seller.item("TEA"), body, marketplaceIds=DE) for _ in range(3)]

    assert [answer.status_code for answer in ask(put)] == [200, 200, 429]


def test_read_names_no_bucket():
    async def exhaust(seller):
        await seller.token()
        plans(seller, "getListingsItem", application=0.001)
        return [await seller.get(seller.item("TEA"), marketplaceIds=DE) for _ in range(3)]

    refused = ask(exhaust)[2]
    assert (refused.status_code, error(refused)["message"]) == (
        429,
        "You exceeded your quota for the requested resource.",
    )


def test_bucket_of_the_application_is_one_for_all_of_its_sellers():
    async def exhaust(application):
        for name in ("amazon", "amazon-4"):
            application.shop(name).resize("getListingsItem", Limit(1000, 1000, {"application": Limit(0.001, 2)}))
        answers = []
        for name in ("amazon", "amazon-4", "amazon", "amazon-4"):
            seller = application.amazon.accounts[name].config.settings.seller_id
            path = f"/listings/2021-08-01/items/{seller}/TEA"
            answers.append((await application.ask(name, path, marketplaceIds=DE)).status_code)
        return answers, [application.shop(name).throttled["getListingsItem"] for name in ("amazon", "amazon-4")]

    assert with_sellers(exhaust) == ([200, 200, 429, 429], [1, 1])


def test_shared_bucket_fills_at_its_rate_and_faster_in_scaled_time():
    async def exhaust(seller):
        await seller.token()
        plans(seller, "getListingsItem", application=0.01)
        first = [await seller.get(seller.item("TEA"), marketplaceIds=DE) for _ in range(3)]
        await asyncio.sleep(12)
        return [answer.status_code for answer in [*first, await seller.get(seller.item("TEA"), marketplaceIds=DE)]]

    assert ask(exhaust) == [200, 200, 429, 429]
    assert ask(exhaust, time_scale=10) == [200, 200, 429, 200]


def test_sandbox_knows_no_bucket_but_its_own():
    async def exhaust(seller):
        await seller.token()
        plans(seller, "getListingsItem", application=0.001)
        sandbox = EU.replace("https://", "https://sandbox.")
        return [await seller.get(seller.item("TEA"), host=sandbox, marketplaceIds=DE) for _ in range(6)]

    assert {answer.status_code for answer in ask(exhaust)} == {200}


# Plans that change


def test_plan_that_grows_is_told_and_given():
    """A dynamic plan is sized on the seller's business: at its own rate, which the header alone tells."""

    async def grow(seller):
        before = [await seller.get(ACCOUNT) for _ in range(16)]
        seller.amazon.resize("getMarketplaceParticipations", Limit(2, 30))
        await asyncio.sleep(15)
        return before, [await seller.get(ACCOUNT) for _ in range(20)]

    before, after = ask(grow)
    assert (before[0].headers[RATE], before[15].status_code) == ("0.016", 429)
    assert {answer.status_code for answer in after} == {200}
    assert {answer.headers[RATE] for answer in after} == {"2.0"}


def test_plan_that_shrinks_takes_what_is_over():
    async def shrink(seller):
        await seller.token()
        seller.amazon.resize("getMarketplaceParticipations", Limit(0.001, 3))
        return [(await seller.get(ACCOUNT)).status_code for _ in range(5)]

    assert ask(shrink) == [200, 200, 200, 429, 429]


def test_plan_is_one_sellers():
    async def grow(application):
        application.shop("amazon").resize("getMarketplaceParticipations", Limit(2, 30))
        return [(await application.ask(name, ACCOUNT)).headers[RATE] for name in ("amazon", "amazon-4")]

    assert with_sellers(grow) == ["2.0", "0.016"]


# What is told


def test_rate_is_told_with_an_answer_that_has_no_content():
    """FACTS 5: on 20x; the model names the header for 204."""

    async def rotate(seller):
        return await seller.post(ROTATE, None, token=await seller.grantless(ROTATION))

    answer = ask(rotate)
    assert (answer.status_code, answer.headers[RATE]) == (204, "0.0167")


def test_throttled_answer_tells_neither_rate_nor_when_to_come_again():
    async def exhaust(seller):
        return [await seller.get(ACCOUNT) for _ in range(16)][-1]

    refused = ask(exhaust)
    assert refused.status_code == 429
    assert not {RATE.lower(), "retry-after"} & {name.lower() for name in refused.headers}


def test_buckets_are_one_for_each_operation():
    async def exhaust(seller):
        for _ in range(15):
            await seller.get(ACCOUNT)
        refused = await seller.get(ACCOUNT)
        return refused, await seller.get("/orders/2026-01-01/orders", lastUpdatedAfter=instant(seller.clock.now()))

    assert [answer.status_code for answer in ask(exhaust)] == [429, 200]
