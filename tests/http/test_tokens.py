"""OAuth 2 token sources: asked once, renewed in time, shared, and their failures told."""

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import AuthError, RateLimited, Secret, TransientError
from entrepot.secrets import Redactor
from entrepot.simulation import run
from tests.http.doubles import StalledNetwork, account_http, virtually
from tests.http.token_channel import TOKEN_URL, Channel, fetch, refresh


def test_a_token_is_fetched_once_and_reused():
    channel = Channel()

    async def main(http):
        source = refresh(http)
        return [(await fetch(http, source))[0] for _ in range(3)]

    assert virtually(main, channel.network) == ["owner-1#1"] * 3
    assert channel.forms == [
        {
            "grant_type": "refresh_token",
            "client_id": "app",
            "refresh_token": "owner-1",
            "client_secret": "app secret&",
        }
    ]


def test_client_credentials_with_a_scope_in_a_header_of_ones_own():
    channel = Channel()

    async def main(http):
        source = http.client_credentials(
            TOKEN_URL, client_id="app", client_secret=Secret("s"), scope="notify", header="x-amz-access-token"
        )
        await fetch(http, source)
        return await source.headers()

    assert virtually(main, channel.network) == {"x-amz-access-token": "application#1"}
    assert channel.forms[0]["grant_type"] == "client_credentials"
    assert channel.forms[0]["scope"] == "notify"


@pytest.mark.parametrize(("lifetime", "good_until"), [(3600, 3540), (20, 10)])
def test_a_token_is_renewed_before_it_ends(lifetime, good_until):
    channel = Channel(expires_in=lifetime)

    async def main(http):
        source = refresh(http)
        await source.headers()
        await asyncio.sleep(good_until - 1)
        before = await source.headers()
        await asyncio.sleep(1)
        return before, await source.headers()

    before, after = virtually(main, channel.network)
    assert before == {"authorization": "Bearer owner-1#1"}
    assert after == {"authorization": "Bearer owner-1#2"}


def test_tasks_share_one_attempt():
    channel = Channel()

    async def main(http):
        source = refresh(http)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fetch(http, source)) for _ in range(20)]
        return {task.result()[0] for task in tasks}

    assert virtually(main, channel.network) == {"owner-1#1"}
    assert channel.issued == {"owner-1": 1}


def test_tasks_share_a_failed_attempt_and_five_seconds_later_the_next_one_tries_again():
    channel = Channel()
    channel.fail_next = [httpx.Response(503)]

    async def main(http):
        source = refresh(http)
        failed = await asyncio.gather(*(source.headers() for _ in range(5)), return_exceptions=True)
        await asyncio.sleep(4.5)
        failed += await asyncio.gather(source.headers(), return_exceptions=True)
        await asyncio.sleep(1)
        return failed, await source.headers()

    failed, after = virtually(main, channel.network)
    assert {type(error) for error in failed} == {TransientError}
    assert len(set(map(id, failed))) == len(failed), "each has its own, for a note is of one caller's attempts"
    assert after == {"authorization": "Bearer owner-1#1"}


@given(st.integers(0, 50), st.sets(st.integers(0, 4), max_size=4), st.floats(0.0, 0.3))
def test_a_cancelled_task_leaves_the_others_a_token(seed, cancelled, when):
    """Covers P11: whoever is cut off, at whatever moment."""
    channel = Channel()

    async def main(loop):
        http = account_http(loop, channel.network)
        source = refresh(http)
        tasks = [asyncio.create_task(source.headers()) for _ in range(5)]
        await asyncio.sleep(when)
        for number in cancelled:
            tasks[number].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await http.aclose()
        return [result for number, result in enumerate(results) if number not in cancelled]

    assert all(isinstance(result, dict) for result in run(main, seed))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), AuthError, "authorize the application again"),
        (httpx.Response(401, json={"error": "invalid_client"}), AuthError, "own id or secret"),
        (httpx.Response(401, content=b"<html>"), AuthError, "401"),
        (httpx.Response(500, json={"error": "invalid_grant"}), TransientError, "500"),
        (httpx.Response(503, content=b"<html>"), TransientError, "503"),
        (httpx.Response(403, content=b"<html>"), TransientError, "403"),
        (httpx.Response(429, headers={"retry-after": "9"}), RateLimited, "429"),
        (httpx.Response(302), TransientError, "302"),
        (httpx.Response(200, content=b"<html>"), TransientError, "without a token"),
        (httpx.Response(200, json={"access_token": 7}), TransientError, "without a token"),
        (httpx.Response(200, json={"error": "invalid_grant"}), TransientError, "without a token"),
    ],
)
def test_a_failed_token_request_says_who_must_act(answer, error, words):
    """Covers R37 where it concerns tokens."""
    channel = Channel()
    channel.fail_next = [answer]

    async def main(http):
        with pytest.raises(error, match=words) as raised:
            await refresh(http).headers()
        return str(raised.value)

    said = virtually(main, channel.network)
    assert said.startswith("account webshop: token request to https://auth.example/token")
    assert "app secret" not in said
    assert "owner-1" not in said


def test_whoever_shares_a_refusal_hears_all_of_it():
    """The words and the number that the channel's support asks for, without secrets."""
    channel = Channel()
    said = {"error": "invalid_grant", "error_description": "owner-1 is unknown", "request_id": "r-7"}
    channel.fail_next = [httpx.Response(400, json=said)]

    async def main(http):
        source, told = refresh(http), []
        for _ in range(2):
            with pytest.raises(AuthError) as raised:
                await source.headers()
            told.append((raised.value.code, raised.value.details, raised.value.request_ids))
        return told

    assert virtually(main, channel.network) == [("invalid_grant", "*** is unknown", ("r-7",))] * 2
    assert len(channel.network.requests) == 1


def test_a_stalled_token_endpoint_is_given_up():
    """Covers R19."""

    async def main(loop):
        http = account_http(loop, StalledNetwork())
        with pytest.raises(TransientError, match="ReadTimeout"):
            await refresh(http).headers()
        await http.aclose()
        return loop.time()

    assert run(main, 1) == pytest.approx(30)


ACTIONS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["fetch", "refuse"])), min_size=1, max_size=25)


@given(ACTIONS, st.integers(0, 20))
def test_two_accounts_never_share_a_token(actions, seed):
    """Covers R18: accounts of one application at one endpoint, renewing whenever they like."""
    channel = Channel()

    async def main(loop):
        https = [account_http(loop, channel.network, account=f"account-{n}") for n in range(4)]
        sources = [refresh(http, owner=f"owner-{n}") for n, http in enumerate(https)]
        used = []

        async def act(number, action):
            if action == "refuse":
                channel.refuse.add(f"owner-{number}#{channel.issued[f'owner-{number}']}")
            with_token, _ = await fetch(https[number], sources[number])
            used.append((number, with_token))

        async with asyncio.TaskGroup() as group:
            for number, action in actions:
                group.create_task(act(number, action))
        for http in https:
            await http.aclose()
        return used

    try:
        used = run(main, seed)
    except* AuthError:  # refused twice in a row: a fair outcome, and what was sent still counts
        used = []
    assert all(token.startswith(f"owner-{number}#") for number, token in used)


def test_tokens_and_secrets_are_known_to_the_redactor_and_old_tokens_forgotten():
    """Covers P9."""
    channel, redactor = Channel(), Redactor()

    async def main(http):
        source = refresh(http)
        for _ in range(3):
            await source.renew(await source.headers())
        return redactor.text("owner-1 app secret& app+secret%26"), len(redactor._values)

    text, known = virtually(main, channel.network, redactor=redactor)
    assert text == "*** *** ***"
    assert known == 2 + 2  # the refresh token and the client secret; the token and the one before


def test_a_token_endpoint_does_not_show_its_form():
    """Covers P9."""

    async def main(http):
        assert "app secret" not in repr(refresh(http)._endpoint)

    virtually(main, Channel().network)
