"""Amazon's buckets of an application, the rate that it tells, and what the client makes of them."""

import asyncio
from contextlib import suppress

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, refusal, told
from entrepot.channel import Environment, RateLimited
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import AMAZON, SellingPartner
from entrepot_amazon_sp.buckets import refused_bucket, touched
from entrepot_amazon_sp.catalog import find

DE = "A1PA6795UKMFR9"
FREQUENCY = "The frequency of requests was greater than what is allowed for {}."


def patch(*attributes):
    return {"productType": "TEA", "patches": [{"op": "merge", "path": f"/attributes/{name}"} for name in attributes]}


def test_the_catalog_has_the_buckets_that_amazon_publishes():
    rates = {
        name: {within: bucket.per_second for within, bucket in find(name).limit.application.items()}
        for name in ("getListingsItem", "patchListingsItem", "getListingsRestrictions", "getCatalogItem", "getReports")
    }
    assert rates == {
        "getListingsItem": {"application": 100},
        "patchListingsItem": {"application": 500, "relationships": 100, "product data": 100},
        "getListingsRestrictions": {"application": 100},
        "getCatalogItem": {"application": 250},
        "getReports": {},
    }
    assert find("searchCatalogItems").limit.application["application"].per_second == 500


def test_the_connector_declares_who_asks_and_where_the_rate_stands():
    assert (AMAZON.application, AMAZON.rate_header) == ("client_id", "x-amzn-RateLimit-Limit")
    assert AMAZON.limits["patchListingsItem"].application.keys() == {"application"}  # it writes quantities alone


@pytest.mark.parametrize(
    ("message", "bucket"),
    [
        (FREQUENCY.format("the application"), "application"),
        (FREQUENCY.format("relationships"), "relationships"),
        (FREQUENCY.format("Product Data"), "product data"),
        ("You exceeded your quota for the requested resource.", ""),
        (None, ""),
    ],
)
def test_a_refusal_names_its_bucket_where_amazon_says_it(message, bucket):
    """Covers R5."""
    assert refused_bucket({"errors": [{"code": "QuotaExceeded", "message": message}]}) == bucket
    assert AMAZON.refused_bucket is refused_bucket


@pytest.mark.parametrize("body", [None, [], {}, {"errors": {}}, {"errors": ["x"]}, "text"])
def test_a_refusal_of_another_shape_names_none(body):
    assert refused_bucket(body) == ""


@pytest.mark.parametrize(
    ("body", "buckets"),
    [
        (None, {"application"}),
        (patch("fulfillment_availability"), {"application"}),
        (patch("purchasable_offer", "item_name"), {"application", "product data"}),
        (patch("child_parent_sku_relationship"), {"application", "relationships"}),
        (
            {"attributes": {"item_name": [], "package_contains_sku": []}},
            {"application", "relationships", "product data"},
        ),
        ({"patches": [{"path": 7}, "x"], "attributes": []}, {"application"}),
    ],
)
def test_an_update_spends_from_the_buckets_of_its_attributes(body, buckets):
    assert touched(body) == buckets


def seconds_of(amazon, main, **options):
    """How long `main(client)` takes."""

    async def measured(loop):
        clock = VirtualClock(loop)
        async with SellingPartner(SETTINGS, region="EU", transport=amazon.network, clock=clock, **options) as client:
            await client.call("getMarketplaceParticipations")  # with it, the token
            begun = loop.time()
            await main(client)
            return loop.time() - begun

    return run(measured, seed=1)


async def items(client):
    def item(number):
        return client.call("getListingsItem", sellerId="A2SELLER", sku=str(number), marketplaceIds=[DE])

    await item(0)
    await asyncio.gather(*map(item, range(1, 20)))


def telling(rate):
    return httpx.Response(200, json={}, headers={"x-amzn-RateLimit-Limit": rate})


@pytest.mark.parametrize(
    ("rate", "sandbox", "least", "most"),
    [("1.0", False, 12, 17), ("0", False, 4, 7), ("", False, 4, 7), ("1.0", True, 3, 7)],
)
def test_the_rate_that_amazon_tells_is_kept_but_not_the_sandboxs(rate, sandbox, least, most):
    """Covers R5, R6: twenty calls of a second and a half, of which seven go at once; 5 a second is published."""
    world = Environment.SANDBOX if sandbox else Environment.PRODUCTION
    assert least <= seconds_of(Amazon(telling(rate)), items, environment=world) <= most


def test_a_429_slows_the_bucket_that_it_names_and_no_other():
    """Covers R5: relationships are refused, and wanted again in half a minute; quantities go on."""
    refused = refusal(429, "QuotaExceeded", FREQUENCY.format("relationships"))
    refused.headers["retry-after"] = "30"
    times = []

    async def main(client):
        begun = asyncio.get_running_loop().time()
        for body in (patch("package_contains_sku"), patch("fulfillment_availability"), patch("package_contains_sku")):
            deadline = None if times else 2  # too short to repeat what is refused
            arguments = {"sellerId": "A", "sku": "1", "marketplaceIds": [DE], "body": body}
            with suppress(RateLimited):
                await client.call("patchListingsItem", deadline=deadline, **arguments)
            times.append(asyncio.get_running_loop().time() - begun)

    seconds_of(Amazon(told({}), refused, told({}), told({})), main)
    assert times[1] < 4
    assert times[2] > 30
