"""The consent page of the simulated Seller Central, and what its code buys."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from connectors.amazon_sp.tests.simulator import asking
from connectors.amazon_sp.tests.simulator.asking import SETTINGS, ask
from entrepot.channel import Secret

PAGE = "https://sellercentral-europe.amazon.com/apps/authorize/consent"
CALLBACK = "https://app.example/callback"
APPLICATION = {"application_id": "amzn1.sp.solution.1", "redirect_uri": CALLBACK}
QUERY = {"application_id": "amzn1.sp.solution.1", "state": "s+1", "redirect_uri": CALLBACK}


@pytest.fixture(autouse=True)
def application(monkeypatch):
    monkeypatch.setattr(asking, "SETTINGS", evolve(SETTINGS, refresh_token=None, **APPLICATION))


async def page(seller, url=PAGE, **changes):
    return await seller._client.get(url, params=QUERY | changes)


async def code(seller):
    told = parse_qs(urlsplit((await page(seller)).headers["location"]).query)
    return told["spapi_oauth_code"][0]


def exchange(seller, bought, /, **changes):
    form = {"grant_type": "authorization_code", "code": bought, "redirect_uri": CALLBACK, "refresh_token": None}
    return seller.grant(**(form | changes))


def test_the_browser_is_sent_back_with_the_state_unchanged():
    answer = ask(page)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (told["state"], told["selling_partner_id"]) == (["s+1"], ["A2SELLER"])
    assert told["spapi_oauth_code"][0]


@pytest.mark.parametrize(
    "changes", [{"application_id": "amzn1.sp.solution.2"}, {"redirect_uri": "https://evil.example/callback"}]
)
def test_another_application_and_another_address_are_refused(changes):
    answer = ask(lambda seller: page(seller, **changes))
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_the_page_is_at_seller_central_only():
    assert ask(lambda seller: page(seller, url=f"{asking.EU}/apps/authorize/consent")).status_code == 403


def test_a_code_buys_a_refresh_token_that_buys_access_tokens():
    async def scenario(seller):
        before = await seller.grant()
        granted = (await exchange(seller, await code(seller))).json()
        after = await seller.grant(refresh_token=granted["refresh_token"])
        answer = await seller.get("/sellers/v1/marketplaceParticipations", token=after.json()["access_token"])
        return before, granted, answer

    before, granted, answer = ask(scenario)
    assert before.json()["error"] == "invalid_grant"
    assert granted["refresh_token"].startswith("simulated.Atzr|")
    assert answer.status_code == 200


@pytest.mark.parametrize(("pause", "status"), [(290, 200), (300, 400)])
def test_a_code_is_good_for_five_minutes(pause, status):
    async def scenario(seller):
        bought = await code(seller)
        await asyncio.sleep(pause)
        return await exchange(seller, bought)

    assert ask(scenario).status_code == status


@pytest.mark.parametrize("changes", [{"redirect_uri": "https://other.example"}, {"code": "invented"}])
def test_a_code_is_good_for_its_own_address(changes):
    async def scenario(seller):
        return await exchange(seller, await code(seller), **changes)

    assert ask(scenario).json()["error"] == "invalid_grant"


def test_a_code_is_good_once():
    async def scenario(seller):
        bought = await code(seller)
        return [(await exchange(seller, bought)).status_code for _ in range(2)]

    assert ask(scenario) == [200, 400]


def test_a_consent_that_is_taken_back_can_be_given_again():
    async def scenario(seller):
        first = (await exchange(seller, await code(seller))).json()["refresh_token"]
        seller.amazon.revoke()
        second = (await exchange(seller, await code(seller))).json()["refresh_token"]
        return [(await seller.grant(refresh_token=token)).status_code for token in (first, second)]

    assert ask(scenario) == [400, 200]


def test_both_client_secrets_are_taken_until_one_is_not_any_more(monkeypatch):
    monkeypatch.setattr(asking, "SETTINGS", evolve(SETTINGS, previous_client_secret=Secret("the one before")))

    async def statuses(seller):
        return [
            (await seller.grant(client_secret=word)).status_code for word in ("the client secret", "the one before")
        ]

    async def scenario(seller):
        both = await statuses(seller)
        seller.amazon.application.take_secrets("the one before")
        return both, await statuses(seller)

    assert ask(scenario) == ([200, 200], [401, 200])
