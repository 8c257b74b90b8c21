"""Refresh tokens that are kept in a vault, replaced by the endpoint, or come from the exchange of a code."""

import asyncio

import pytest

from entrepot.channel import REFRESH_TOKEN, AuthError, MemoryVault, Secret
from entrepot.http import Keeping, MemoryTokenCache
from entrepot.secrets import Redactor
from entrepot.simulation import VirtualClock, run
from tests.http.doubles import account_http, virtually
from tests.http.issuer import TOKEN_URL, Issuer

CLIENT = {"client_id": "app", "client_secret": Secret("app secret")}


def source_of(http, refresh=None):
    return http.refresh_token(TOKEN_URL, **CLIENT, refresh_token=refresh and Secret(refresh))


async def words(source):
    return (await source.headers())["authorization"].removeprefix("Bearer ")


def test_the_refresh_token_of_the_vault_is_used():
    issuer = Issuer()

    async def main(http):
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        return await words(source_of(http))

    assert virtually(main, issuer.network) == "owner:1"
    assert issuer.forms[0]["refresh_token"] == "owner.1"


def test_without_one_a_person_is_told_and_nothing_is_sent():
    issuer = Issuer()

    async def main(http):
        with pytest.raises(AuthError, match=r"account webshop: no refresh_token .*Next: authorize"):
            await source_of(http).headers()

    virtually(main, issuer.network)
    assert issuer.forms == []


def test_an_authorization_takes_effect_at_once_where_one_was_missing_and_soon_where_there_is_a_token():
    issuer = Issuer()

    async def main(http):
        source = source_of(http)
        with pytest.raises(AuthError):
            await source.headers()
        await http.vault.put(REFRESH_TOKEN, Secret("wrong-seller.1"))
        first = await words(source)
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        await asyncio.sleep(31)
        return first, await words(source)

    assert virtually(main, issuer.network) == ("wrong-seller:1", "owner:2")


def test_a_new_authorization_is_not_held_up_by_the_refusal_of_the_one_before():
    issuer = Issuer()
    issuer.used_up = {"owner.1"}

    async def main(http):
        source = source_of(http)
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        with pytest.raises(AuthError, match="invalid_grant"):
            await source.headers()
        await http.vault.put(REFRESH_TOKEN, Secret("owner.2"))
        return await words(source)

    assert virtually(main, issuer.network) == "owner:1"


@pytest.mark.parametrize("named", ["owner.1", None])
def test_a_refresh_token_that_is_replaced_is_used_once_and_the_next_one_kept(named):
    issuer = Issuer(rotates=True)

    async def main(http):
        if named is None:
            await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        source = source_of(http, named)
        told = []
        for _ in range(3):
            told.append(await words(source))
            await asyncio.sleep(3600)
        return told, await http.vault.get(REFRESH_TOKEN)

    told, kept = virtually(main, issuer.network)
    assert told == ["owner:1", "owner:2", "owner:3"]
    assert issuer.refused == 0
    assert kept == (Secret("owner.4") if named is None else None), "one that plugins.toml names is no plugin's"


def test_a_cut_off_task_does_not_lose_the_refresh_token_that_replaces_the_one_before():
    """The request goes on, although nobody waits for it any more."""
    issuer = Issuer(rotates=True, latency=1)

    async def main(http):
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        source = source_of(http)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await source.headers()
        await http.aclose()
        return await http.vault.get(REFRESH_TOKEN)

    assert virtually(main, issuer.network) == Secret("owner.2")


def test_an_authorization_that_comes_during_a_request_counts_and_the_answer_does_not():
    issuer = Issuer(rotates=True, latency=1)

    async def main(http):
        await http.vault.put(REFRESH_TOKEN, Secret("wrong-seller.1"))
        source = source_of(http)
        waiting = asyncio.create_task(words(source))
        await asyncio.sleep(0.5)
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        return await waiting, await http.vault.get(REFRESH_TOKEN)

    assert virtually(main, issuer.network) == ("owner:2", Secret("owner.2"))


def test_a_code_is_exchanged_once():
    issuer = Issuer()
    issuer.codes = {"c0de-of-the-owner"}
    redactor = Redactor()

    async def main(http):
        exchange = {"code": Secret("c0de-of-the-owner"), "redirect_uri": "https://shop.example/done", **CLIENT}
        answer = await http.authorization_code(TOKEN_URL, **exchange)
        with pytest.raises(AuthError, match=r"account webshop: .* invalid_grant") as refused:
            await http.authorization_code(TOKEN_URL, **exchange)
        assert "c0de" not in str(refused.value)
        return answer

    answer = virtually(main, issuer.network, redactor=redactor)
    assert (answer.access_token, answer.refresh_token) == (Secret("owner:1"), Secret("c0de-of-the-owner.1"))
    assert issuer.forms[0] == {
        "grant_type": "authorization_code",
        "code": "c0de-of-the-owner",
        "redirect_uri": "https://shop.example/done",
        "client_id": "app",
        "client_secret": "app secret",
    }
    assert redactor.text("c0de-of-the-owner c0de-of-the-owner.1 owner:1") == "*** *** ***"


def test_an_applications_own_token_is_shared_by_its_accounts():
    issuer = Issuer()

    async def main(loop):
        kept = Keeping(MemoryVault(), MemoryTokenCache(VirtualClock(loop)))
        https = [account_http(loop, issuer.network, account=f"shop-{number}", kept=kept) for number in range(5)]
        sources = [http.client_credentials(TOKEN_URL, **CLIENT, scope="notify") for http in https]
        other = https[0].client_credentials(TOKEN_URL, **CLIENT, scope="rotate")
        told = {await words(source) for source in sources}
        return told, await words(other)

    assert run(main, 1) == ({"application:1"}, "application:2")
