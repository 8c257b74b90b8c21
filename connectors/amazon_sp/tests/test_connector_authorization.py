"""Tokens of Amazon's accounts: shared by tasks, renewed once, never shared by accounts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.scripted import Account, Amazon, on_amazon, refusal, told
from entrepot.channel import AuthError, Check, FetchStock, ForbiddenError
from entrepot.simulation import run

EMPTY = {"numberOfResults": 0, "items": []}
LOOK = FetchStock(("SKU-1",))


def test_a_403_that_stays_is_a_missing_permission_after_one_renewal():
    """An expired token and a missing role are answered alike, so one new token is tried."""
    amazon = Amazon(refusal(403, "Unauthorized"))

    async def main(account):
        with pytest.raises(ForbiddenError):
            await account.call("check", Check())

    on_amazon(amazon, main)
    assert [request.headers["x-amz-access-token"] for request in amazon.requests] == ["refresh-1#1", "refresh-1#2"]
    assert amazon.tokens == {"refresh-1": 2}


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_has_expired_is_renewed_and_the_call_succeeds(status):
    amazon = Amazon(refusal(status, "Unauthorized"), told({"payload": []}))

    async def main(account):
        await account.call("check", Check())

    on_amazon(amazon, main)
    assert len(amazon.requests) == 2
    assert amazon.requests[0].headers["x-amz-date"] < amazon.requests[1].headers["x-amz-date"]


def test_tasks_share_one_token_and_one_renewal():
    """Whatever the date beside it says."""
    amazon = Amazon(told(EMPTY))

    async def main(account):
        await account.call("fetch_stock", LOOK)
        amazon.refused.add("refresh-1#1")
        async with asyncio.TaskGroup() as group:
            for pause in range(5):
                group.create_task(_later(pause / 3, account))

    on_amazon(amazon, main)
    assert amazon.tokens == {"refresh-1": 2}


def test_a_revoked_consent_is_an_authorization_error_that_says_what_to_do():
    amazon = Amazon(told(EMPTY))
    amazon._token = lambda request: told({"error": "invalid_grant", "error_description": "no"}, 400)

    async def main(account):
        with pytest.raises(AuthError, match="authorize the application again"):
            await account.call("check", Check())

    on_amazon(amazon, main)
    assert amazon.requests == []


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=12), st.integers(0, 20))
def test_two_accounts_never_share_a_token(actions, seed):
    """Covers R18: accounts of one application, whichever renews when."""
    amazon = Amazon(told(EMPTY), latency=0.4)

    async def main(loop):
        names = ["one", "two", "three"]
        accounts = [Account(loop, amazon, marketplaces=("DE",), name=name, owner=f"of-{name}") for name in names]

        async def act(number, refuse):
            if refuse:
                owner = f"of-{names[number]}"
                amazon.refused.add(f"{owner}#{amazon.tokens[owner]}")
            before = len(amazon.requests)
            await accounts[number].call("fetch_stock", FetchStock((names[number],)))
            assert len(amazon.requests) > before

        async with asyncio.TaskGroup() as group:
            for action in actions:
                group.create_task(act(*action))
        for account in accounts:
            await account.http.aclose()

    try:
        run(main, seed)
    except* ForbiddenError:  # refused twice in a row: a fair outcome, and what was sent still counts
        pass
    for request in amazon.requests:
        owner = request.url.params["identifiers"]
        assert request.headers["x-amz-access-token"].startswith(f"of-{owner}#")


async def _later(pause, account):
    await asyncio.sleep(pause)
    await account.call("fetch_stock", LOOK)
