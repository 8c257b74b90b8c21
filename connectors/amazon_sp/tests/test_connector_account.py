"""Which stores an account has, and where its seller takes part."""

import asyncio
from datetime import date

import pytest

from connectors.amazon_sp.tests.scripted import DE, NL, Amazon, on_amazon, told
from entrepot.channel import Check, DescribeAccount, Retirement
from entrepot.model import Marketplace
from entrepot_amazon_sp import AMAZON, connector
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.stores import Stores

DAY = 24 * 60 * 60


def taking_part(**ids):
    return told(
        {
            "payload": [
                {
                    "marketplace": {"id": id_, "countryCode": "DE"},
                    "participation": {"isParticipating": takes_part, "hasSuspendedListings": False},
                }
                for id_, takes_part in ids.items()
            ]
        }
    )


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ((), "no marketplaces"),
        (("DE", "XX", "GB"), "no marketplace 'XX', 'GB'. Next: choose from US, CA"),
        (("DE", "US", "NL"), "lie in 2: DE, NL; US. Next: make an account for each region"),
    ],
)
def test_marketplaces_that_are_no_stores_of_one_region_are_refused(codes, words):
    async def main(account):
        pytest.fail("connected")

    with pytest.raises(ValueError, match=r"Next: ") as refused:
        on_amazon(Amazon(told({})), main, marketplaces=codes)
    assert words in str(refused.value)


def test_a_check_always_asks_and_names_the_stores_without_the_seller():
    amazon = Amazon(taking_part(**{DE: True, NL: False}))

    async def main(account):
        return [await account.call("check", Check()) for _ in range(2)]

    first, second = on_amazon(amazon, main, marketplaces=("DE", "NL", "FR"))
    assert first.missing == {"participation in NL (www.amazon.nl)", "participation in FR (www.amazon.fr)"}
    assert second == first
    assert [request.url.path for request in amazon.requests] == ["/sellers/v1/marketplaceParticipations"] * 2


def test_a_description_names_the_configured_stores_of_the_seller():
    amazon = Amazon(taking_part(**{DE: True, NL: True, PLACES["UK"].id: True, "A-NEW-ONE": True}))

    async def main(account):
        return await account.call("describe_account", DescribeAccount())

    described = on_amazon(amazon, main, marketplaces=("NL", "DE", "FR"))
    assert described.marketplaces == (
        Marketplace("NL", "EUR", "Europe/Amsterdam", "EUROPE"),
        Marketplace("DE", "EUR", "Europe/Berlin", "EUROPE"),
    )


def test_a_description_is_remembered_for_a_day_and_a_check_refreshes_it():
    """Amazon lets it be asked once a minute."""
    amazon = Amazon(taking_part(**{DE: True}))

    async def main(account):
        asked = []
        for operation, request in [("describe_account", DescribeAccount()), ("check", Check())] * 2:
            await account.call(operation, request)
            asked.append(len(amazon.requests))
            await asyncio.sleep(DAY - 10)
        await account.call("describe_account", DescribeAccount())
        asked.append(len(amazon.requests))
        await asyncio.sleep(DAY)
        await account.call("describe_account", DescribeAccount())
        return [*asked, len(amazon.requests)]

    assert on_amazon(amazon, main) == [1, 2, 2, 3, 3, 4]


def test_stores_of_one_pool_are_asked_for_together():
    assert [[place.code for place in pool] for pool in Stores.chosen(("DE", "AE", "NL", "UK")).pools] == [
        ["DE", "NL", "UK"],
        ["AE"],
    ]


def test_every_call_fits_into_what_can_be_reserved():
    """A bucket whose usable part is smaller than what an operation spends would never grant it."""
    from entrepot.quota.bucket import usable_burst  # noqa: PLC0415 - the core's own arithmetic

    for facts in AMAZON.operations.values():
        for limit, units in facts.spends.items():
            assert 1 <= units <= usable_burst(AMAZON.limits[limit])


def test_what_the_connector_calls_and_amazon_removes_is_told_by_check(monkeypatch):
    amazon = Amazon(taking_part(**{DE: True, NL: True}))
    check = lambda account: account.call("check", Check())  # noqa: E731 - asked twice
    assert on_amazon(amazon, check).retired == ()
    monkeypatch.setattr(connector, "CALLED", ("ordersV0.getOrders",))
    instead = "searchOrders and getOrder of orders_2026-01-01"
    assert on_amazon(amazon, check).retired == (Retirement("ordersV0.getOrders", date(2027, 3, 27), instead),)
