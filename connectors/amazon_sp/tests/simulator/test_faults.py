"""What goes wrong at Amazon alone: tokens, consents, stores, and submissions without effect."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, LWA, NL, ORDERS, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import availability
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot_amazon_sp.simulator.faults import AMAZON_FAULTS, AmazonFault

SEARCH = {"lastUpdatedAfter": "2029-12-31T00:00:00Z"}
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
HOUR = 3600


def test_every_fault_has_its_point():
    assert {point.name for point in AMAZON_FAULTS} == set(AmazonFault)


def test_the_next_times_are_of_operations_and_not_of_the_login():
    async def scenario(seller):
        FaultScript.read("error_after=2x,html_page=1x").begin(seller.amazon)
        login = await seller.grant()
        return [login, *[await seller.get(ORDERS, **SEARCH) for _ in range(4)]]

    told = [(answer.status_code, answer.headers["content-type"].partition(";")[0]) for answer in ask(scenario)]
    json, html = "application/json", "text/html"
    assert told == [(200, json), (500, json), (500, json), (200, html), (200, json)]


def test_a_fault_strikes_the_operation_that_is_named():
    async def scenario(seller):
        script = FaultScript.read("error_after:getListingsItem=1x,store_down:ordersV0.getOrders")
        script.check(seller.amazon)
        script.begin(seller.amazon)
        orders = await seller.get(ORDERS, **SEARCH)
        return [orders.status_code] + [
            (await seller.get(seller.item("TEA"), marketplaceIds=DE)).status_code for _ in range(2)
        ]

    assert ask(scenario) == [200, 500, 200]


@pytest.mark.parametrize("url", [LWA, "http://127.0.0.1:8801/auth/o2/token"])
@pytest.mark.parametrize(("fault", "status"), [("error_after", 500), ("outage", 503)])
def test_a_login_that_fails_has_the_words_of_oauth(url, fault, status):
    async def scenario(seller):
        seller.amazon.faults.plan(fault, at="token")
        return await seller.grant(url)

    answer = ask(scenario)
    assert (answer.status_code, answer.json()["error"]) == (status, "server_error")


def test_an_access_token_ends_before_its_hour_and_a_new_one_is_good():
    async def scenario(seller):
        seller.amazon.faults.plan(AmazonFault.EXPIRED_TOKEN)
        old = await seller.token()
        refused = await seller.get(ORDERS, **SEARCH)
        again = await seller.get(ORDERS, token=old, **SEARCH)
        new = (await seller.grant()).json()["access_token"]
        return error(refused), again.status_code, (await seller.get(ORDERS, token=new, **SEARCH)).status_code

    told, again, new = ask(scenario)
    assert told["details"] == "The access token you provided has expired."
    assert (again, new) == (403, 200)


def test_a_consent_is_revoked_for_two_hours():
    async def scenario(seller):
        seller.amazon.faults.plan(AmazonFault.REVOKED_CONSENT)
        told = []
        for _ in range(3):
            answer = await seller.grant()
            told.append(answer.json().get("error", answer.status_code))
            await asyncio.sleep(1.1 * HOUR)
        return told

    assert ask(scenario) == ["invalid_grant", "invalid_grant", 200]


def test_a_store_that_is_down_fails_what_names_it_and_nothing_else():
    async def scenario(seller):
        seller.amazon.faults.plan(AmazonFault.STORE_DOWN)
        both, one = f"{DE},{NL}", DE
        told = [(await seller.get(ORDERS, marketplaceIds=ids, **SEARCH)).status_code for ids in (both, one, NL)]
        await asyncio.sleep(HOUR)
        return [*told, (await seller.get(ORDERS, marketplaceIds=both, **SEARCH)).status_code]

    assert ask(scenario) == [500, 200, 500, 200]


def test_a_store_is_missing_among_the_participations():
    async def scenario(seller):
        seller.amazon.faults.plan(AmazonFault.STORE_MISSING)
        told = []
        for _ in range(2):
            payload = (await seller.get(PARTICIPATIONS)).json()["payload"]
            told.append([each["marketplace"]["id"] for each in payload][:-1])
            await asyncio.sleep(3 * HOUR)
        return told

    assert ask(scenario) == [[DE], [DE, NL]]


@pytest.mark.parametrize(
    ("fault", "after_minutes", "after_hours"),
    [(AmazonFault.SILENT_SUBMISSION, 10, 10), (AmazonFault.LATE_SUBMISSION, 10, 3)],
)
def test_an_accepted_submission_does_nothing_or_comes_late(fault, after_minutes, after_hours):
    async def scenario(seller):
        seller.amazon.faults.plan(fault)
        answer = await seller.patch(seller.item("TEA"), availability(3), marketplaceIds=DE)
        assert answer.json()["status"] == "ACCEPTED"
        await asyncio.sleep(61)
        soon = seller.amazon.stock["TEA"]
        await asyncio.sleep(2 * HOUR)
        return soon, seller.amazon.stock["TEA"]

    assert ask(scenario) == (after_minutes, after_hours)
