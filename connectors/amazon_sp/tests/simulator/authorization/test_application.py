"""The application's client secret, and its rotation (FACTS 1)."""

import asyncio
import json

import pytest

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.authorization.test_tokens import ACCOUNT, ROTATE, ROTATION
from connectors.amazon_sp.tests.simulator.test_models import MODELS

DAY = 86_400
OLD = "the client secret"


async def rotate(seller):
    """The answer, and what the queue then holds."""
    answer = await seller.post(ROTATE, None, token=await seller.grantless(ROTATION))
    return answer, [told["applicationOAuthClientNewSecret"] for told in seller.amazon.application.new_secrets]


def test_new_secret_comes_to_the_queue_and_is_not_answered():
    answer, [told] = ask(rotate)
    assert (answer.status_code, answer.content) == (204, b"")
    assert told["clientId"] == "client-1"
    assert told["newClientSecret"].startswith("simulated.amzn1.oa2-cs.v1.")
    assert told["oldClientSecretExpiryTime"].startswith("2030-01-08T00:00:")
    assert told["newClientSecretExpiryTime"].startswith("2030-06-30T00:00:")


def test_truth_has_what_was_sent_to_the_queue():
    async def look(seller):
        await rotate(seller)
        return seller.amazon.truths()["new_secrets"]

    [payload] = ask(look)
    assert payload.keys() == {"applicationOAuthClientNewSecret"}


def test_old_secret_goes_on_for_seven_days_and_refresh_tokens_survive():
    async def week(seller):
        token = await seller.token()
        _, [told] = await rotate(seller)
        new = told["newClientSecret"]
        alive = await seller.get(ACCOUNT, token=token)
        before = [await seller.grant(client_secret=secret) for secret in (OLD, new)]
        await asyncio.sleep(7 * DAY)
        return alive, before, [await seller.grant(client_secret=secret) for secret in (OLD, new)]

    alive, before, after = ask(week)
    assert alive.status_code == 200
    assert [answer.status_code for answer in before] == [200, 200]
    assert [answer.status_code for answer in after] == [401, 200]
    assert after[0].json()["error"] == "invalid_client"


def test_second_rotation_does_not_prolong_the_first_secret():
    async def twice(seller):
        _, [first] = await rotate(seller)
        await asyncio.sleep(6 * DAY)
        _, [_, second] = await rotate(seller)
        await asyncio.sleep(2 * DAY)
        secrets = (OLD, first["newClientSecret"], second["newClientSecret"])
        return [await seller.grant(client_secret=secret) for secret in secrets]

    assert [answer.status_code for answer in ask(twice)] == [401, 200, 200]


def test_secret_that_nobody_rotates_ends_after_180_days():
    """FACTS 1: missing the deadline makes calls fail, for the whole application."""

    async def forget(seller):
        _, [told] = await rotate(seller)
        await asyncio.sleep(179 * DAY)
        good = await seller.grant(client_secret=told["newClientSecret"])
        await asyncio.sleep(DAY)
        return good, await seller.grant(client_secret=told["newClientSecret"])

    good, refused = ask(forget)
    assert (good.status_code, refused.json()["error"]) == (200, "invalid_client")


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_application_without_a_queue_is_refused_as_published():
    async def unregistered(seller):
        seller.amazon.application.enrolled = False
        return await rotate(seller)

    answer, told = ask(unregistered)
    model = json.loads((MODELS / "application_2023-11-30.json").read_text("utf-8"))
    refusal = model["paths"][ROTATE]["post"]["responses"]["400"]["x-amzn-api-sandbox"]["static"][0]
    assert (answer.status_code, answer.json(), told) == (400, refusal["response"], [])
