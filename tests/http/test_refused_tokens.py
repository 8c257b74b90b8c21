"""A token that the API refuses is renewed once, and the request repeated."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import AuthError, ChannelError, ForbiddenError, Json, Secret, TransientError
from entrepot.http import grant
from entrepot.simulation import run
from tests.http.doubles import ACME, URL, account_http, virtually
from tests.http.token_channel import Channel, fetch, refresh


@pytest.mark.parametrize("refusal", [401, 403])
def test_a_refused_token_is_renewed_once_and_the_request_repeated(refusal):
    channel = Channel(refusal=refusal)
    channel.refuse = {"owner-1#1"}

    async def main(http):
        return await fetch(http, refresh(http))

    token, call = virtually(main, channel.network)
    assert token == "owner-1#2"
    assert call.extra == {"orders": 1}
    assert (call.remaining, call.requests) == ({"orders": 8}, 2)


@pytest.mark.parametrize(("refusal", "error"), [(401, AuthError), (403, ForbiddenError)])
def test_a_token_that_is_refused_again_is_not_renewed_again(refusal, error):
    channel = Channel(refusal=refusal)
    channel.refuse = {"all"}

    async def main(http):
        with pytest.raises(error, match=str(refusal)):
            await fetch(http, refresh(http))

    virtually(main, channel.network)
    assert channel.used == ["owner-1#1", "owner-1#2"]


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("refusal", [401, 403])
def test_a_request_is_repeated_later_where_its_limit_is_used_up(refusal, dated):
    """Covers P6: with the new token, which is not renewed for nothing; and a refusal of that one counts."""
    channel = Channel(refusal=refusal)
    channel.refuse = {"owner-1#1", "owner-1#2"}

    async def never(limit):
        return False

    async def main(http):
        source, errors = Dated(refresh(http)) if dated else refresh(http), []
        for _ in range(3):
            with grant("fetch_orders", ACME.operations["fetch_orders"], never) as call:
                try:
                    await http(URL, authorization=source).get("/v1", into=Json)
                except ChannelError as error:
                    errors.append(type(error))
            assert (call.requests, call.extra) == (1, {})
        return errors

    real = AuthError if refusal == 401 else ForbiddenError
    assert virtually(main, channel.network) == [TransientError, real, TransientError]
    assert channel.used == ["owner-1#1", "owner-1#2", "owner-1#2"]


def test_without_an_authorization_a_refusal_is_not_repeated():
    channel = Channel()
    channel.refuse = {"fixed-token"}

    async def main(http):
        with grant("fetch_orders", ACME.operations["fetch_orders"]), pytest.raises(AuthError):
            await http(URL, bearer=Secret("fixed-token")).get("/v1", into=Json)

    virtually(main, channel.network)
    assert channel.used == ["fixed-token"]


@given(st.integers(0, 200))
def test_a_token_that_another_task_has_replaced_is_not_renewed_again(seed):
    channel = Channel()
    channel.refuse = {"owner-1#1"}

    async def main(loop):
        http = account_http(loop, channel.network)
        source = refresh(http)
        async with asyncio.TaskGroup() as group:
            for delay in (0, 0, 0.05, 0.15, 0.25):
                group.create_task(later(delay, http, source))
        await http.aclose()

    async def later(delay, http, source):
        await asyncio.sleep(delay)
        await fetch(http, source)

    run(main, seed)
    assert channel.issued == {"owner-1": 2}


class Dated:
    """Another header beside the token, other at each request."""

    def __init__(self, source):
        self.source = source
        self.asked = 0

    async def headers(self):
        self.asked += 1
        return {**await self.source.headers(), "x-asked": str(self.asked)}

    async def renew(self, refused):
        await self.source.renew(refused)


def test_a_refused_token_is_renewed_whatever_changes_beside_it():
    channel = Channel()
    channel.refuse.add("owner-1#1")

    async def main(http):
        token, _ = await fetch(http, Dated(refresh(http)))
        return token

    assert virtually(main, channel.network) == "owner-1#2"
