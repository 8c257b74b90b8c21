"""A consent that is kept while work goes on: it is used from the next token on, without a restart."""

import asyncio

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, on_amazon, told
from entrepot.channel import REFRESH_TOKEN, AuthError, Check, Secret

KEPT = evolve(SETTINGS, refresh_token=None)


def used(amazon):
    return [request.headers["x-amz-access-token"] for request in amazon.requests]


def test_an_account_without_a_consent_is_told_and_goes_on_once_there_is_one():
    amazon = Amazon(told({"payload": []}))

    async def main(account):
        with pytest.raises(AuthError, match=r"account amazon-eu: no refresh_token is kept for it\. Next: authorize"):
            await account.call("check", Check())
        await account.vault.put(REFRESH_TOKEN, Secret("consented"))
        await account.call("check", Check())

    on_amazon(amazon, main, settings=KEPT)
    assert used(amazon) == ["consented#1"]


def test_a_newer_consent_takes_the_place_of_one_that_was_taken_back():
    amazon = Amazon(told({"payload": []}))

    async def main(account):
        await account.vault.put(REFRESH_TOKEN, Secret("first"))
        await account.call("check", Check())
        await account.vault.put(REFRESH_TOKEN, Secret("second"))
        await asyncio.sleep(60)
        await account.call("check", Check())

    on_amazon(amazon, main, settings=KEPT)
    assert used(amazon) == ["first#1", "second#1"]


def test_a_refresh_token_of_plugins_toml_wins():
    amazon = Amazon(told({"payload": []}))

    async def main(account):
        await account.vault.put(REFRESH_TOKEN, Secret("consented"))
        await account.call("check", Check())

    on_amazon(amazon, main)
    assert used(amazon) == ["refresh-1#1"]
