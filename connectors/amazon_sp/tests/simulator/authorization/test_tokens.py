"""The token endpoint, and what a token opens."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import EU, LWA, ORDERS, ask, error
from entrepot_amazon_sp.catalog import find, ids
from entrepot_amazon_sp.simulator.authorization.tokens import GRANTLESS

ACCOUNT = "/sellers/v1/marketplaceParticipations"
NOTIFICATIONS, ROTATION = "sellingpartnerapi::notifications", "sellingpartnerapi::client_credential:rotation"
ROTATE = "/applications/2023-11-30/clientSecret"


def test_refresh_token_is_exchanged_and_echoed():
    answer = ask(lambda seller: seller.grant())
    granted = answer.json()
    assert answer.status_code == 200
    assert granted["access_token"].startswith("Atza|")
    assert len(granted["access_token"]) > 300
    assert (granted["refresh_token"], granted["token_type"], granted["expires_in"]) == ("refresh-1", "bearer", 3600)


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "sellingpartnerapi::migration"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": ""}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": f"{NOTIFICATIONS} other"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": NOTIFICATIONS, "client_secret": "old"}, 401, "invalid_client"),
        ({"client_id": "client-2"}, 401, "invalid_client"),
        ({"client_secret": "old"}, 401, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"refresh_token": "refresh-2"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_request"),
    ],
)
def test_refusals_have_the_words_of_login_with_amazon(changes, status, word):
    answer = ask(lambda seller: seller.grant(**changes))
    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert answer.json()["error_description"]
    assert answer.headers["x-amzn-ErrorType"].startswith("OA2")


@pytest.mark.parametrize(("body", "kind"), [(b"{}", "application/json"), (b"%%%", "application/x-www-form-urlencoded")])
def test_other_bodies_are_refused(body, kind):
    answer = ask(lambda seller: seller.post_raw(LWA, body, kind))
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type"}


def test_revoked_consent_grants_no_more_tokens_and_ends_none():
    async def revoke(seller):
        await seller.token()
        seller.amazon.revoke()
        return await seller.grant(), await seller.get(ACCOUNT)

    refused, answered = ask(revoke)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert answered.status_code == 200


def test_older_token_lives_until_its_hour_is_over():
    async def live(seller):
        first = await seller.token()
        await asyncio.sleep(1800)
        newer = (await seller.grant()).json()["access_token"]
        early = await seller.get(ACCOUNT, token=first)
        await asyncio.sleep(1800)
        return early, await seller.get(ACCOUNT, token=first), await seller.get(ACCOUNT, token=newer)

    early, late, other = ask(live)
    assert (early.status_code, late.status_code, other.status_code) == (200, 403, 200)
    assert "expired" in error(late)["details"]


def test_token_lives_shorter_where_time_is_scaled():
    granted = ask(lambda seller: seller.grant(), time_scale=200).json()
    assert granted["expires_in"] == 18


@pytest.mark.parametrize("token", [None, "Atza|somebody-elses"])
def test_request_without_a_living_token_is_denied(token):
    answer = ask(lambda seller: seller.get(ACCOUNT, token=token))
    assert (answer.status_code, error(answer)["code"]) == (403, "Unauthorized")
    assert error(answer)["message"] == "Access to requested resource is denied."
    assert error(answer)["details"]
    assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_tokens_come_from_one_host_only():
    async def elsewhere(seller):
        return await seller.grant(url=f"{EU}/auth/o2/token"), await seller.get(ORDERS, host="https://api.amazon.com")

    at_endpoint, orders_at_lwa = ask(elsewhere)
    assert (at_endpoint.status_code, orders_at_lwa.status_code) == (403, 404)


# Tokens of the application's own


def test_grantless_token_has_a_scope_and_no_refresh_token():
    """FACTS 1, the table of grants."""
    answer = ask(lambda seller: seller.grant(grant_type="client_credentials", refresh_token=None, scope=NOTIFICATIONS))
    granted = answer.json()
    assert granted.keys() == {"access_token", "scope", "token_type", "expires_in"}
    assert (granted["scope"], granted["token_type"], granted["expires_in"]) == (NOTIFICATIONS, "bearer", 3600)


def test_every_scope_of_an_operation_can_be_granted():
    assert {find(name).grantless for name in ids()} == GRANTLESS | {""}


def test_grantless_token_opens_the_operations_of_its_scope_and_no_other():
    """FACTS 1 and 6: one 403 for a token that is not accepted, whatever is wrong with it."""

    async def each(seller):
        tokens = [await seller.token(), await seller.grantless(NOTIFICATIONS), await seller.grantless(ROTATION)]
        both = await seller.grantless(f"{NOTIFICATIONS} {ROTATION}")
        rotations = [await seller.post(ROTATE, None, token=token) for token in [*tokens, None]]
        await asyncio.sleep(60)
        rotations.append(await seller.post(ROTATE, None, token=both))
        return rotations, [await seller.get(ACCOUNT, token=token) for token in [*tokens, both]]

    rotations, accounts = ask(each)
    assert [answer.status_code for answer in rotations] == [403, 403, 204, 403, 204]
    assert [answer.status_code for answer in accounts] == [200, 403, 403, 403]
    assert error(accounts[1]) == {
        "code": "Unauthorized",
        "message": "Access to requested resource is denied.",
        "details": "",
    }


def test_grantless_token_ends_with_its_hour():
    async def late(seller):
        token = await seller.grantless(ROTATION)
        await asyncio.sleep(3600)
        return await seller.post(ROTATE, None, token=token)

    assert "expired" in error(ask(late))["details"]
