"""Tokens shared through the store where a process dies, the store refuses, or a key is another."""

import asyncio
from datetime import timedelta

import pytest

from entrepot.channel import REFRESH_TOKEN, AuthError, Secret, TokenAnswer, TransientError
from entrepot.http.sharing import LEASE, Grant, Use, Wait, failed, granted
from entrepot.simulation import Process, stream
from entrepot.vault.keys import Keyring
from entrepot.vault.token_cache import StoreTokenCache
from tests.http.issuer import TOKEN_URL, Issuer
from tests.store.opened import done
from tests.vault.sites import KEYRING, at_site, source_of, told, words
from tests.vault.test_port import Dial
from tests.vault.test_sealing import KEY, OTHER, SHOP


def test_whoever_dies_while_it_asks_is_waited_for_no_longer_than_a_request_takes(tmp_path):
    issuer = Issuer(latency=10**6)

    async def main(site):
        source, process = source_of(site.process()), Process(site.loop, "daemon")
        process.start(lambda: words(source))
        await asyncio.sleep(1)
        process.crash()
        issuer.network.latency = 0.1
        return await words(source_of(site.process())), site.loop.time()

    heir, at = at_site(tmp_path, issuer, main)
    assert heir == "owner:1"
    assert 75 < at < 76


def test_where_the_store_refuses_a_process_goes_on_by_itself(tmp_path):
    """Its own token until the end, then one that it asks for alone; and once the store takes it, all share again."""
    issuer = Issuer()

    async def main(site):
        one, other = site.process(), site.process()
        sources = [source_of(one), source_of(other)]
        before = await told(*sources)
        one.disk.refuses = other.disk.refuses = True
        await asyncio.sleep(600)
        meanwhile = await told(*sources)
        await asyncio.sleep(3600)
        alone = await told(*sources)
        one.disk.refuses = other.disk.refuses = False
        await asyncio.sleep(60)
        return before, meanwhile, alone, await told(*sources, source_of(site.process()))

    before, meanwhile, alone, after = at_site(tmp_path, issuer, main)
    assert before == meanwhile == ["owner:1"] * 2
    assert sorted(alone) == ["owner:2", "owner:3"]
    assert len(set(after)) == 1


def test_where_the_store_refuses_a_kept_refresh_token_is_not_used_twice(tmp_path):
    """Whoever replaces refresh tokens may revoke all of them where an old one comes again."""
    issuer = Issuer(rotates=True)

    async def main(site):
        http = site.process()
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        source = source_of(http, None)
        await source.headers()
        http.disk.refuses = True
        await asyncio.sleep(3600)
        with pytest.raises(TransientError, match=r"account webshop: its refresh token .*the disk is full"):
            await source.headers()
        http.disk.refuses = False
        return await words(source)

    assert at_site(tmp_path, issuer, main) == "owner:2"
    assert issuer.refused == 0


def test_a_refresh_token_that_could_not_be_stored_is_stored_once_that_can_be(tmp_path):
    issuer = Issuer(rotates=True, latency=1)

    async def main(site):
        http = site.process()
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        source = source_of(http, None)
        waiting = asyncio.create_task(words(source))
        await asyncio.sleep(0.5)
        http.disk.refuses = True
        token = await waiting
        http.disk.refuses = False
        await asyncio.sleep(31)
        return token, await words(source), await site.process().vault.get(REFRESH_TOKEN)

    assert at_site(tmp_path, issuer, main) == ("owner:1", "owner:1", Secret("owner.2"))


def test_with_another_key_a_token_is_had_anew_and_a_kept_secret_is_asked_for(tmp_path):
    issuer = Issuer()

    async def main(site):
        http = site.process()
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        before = await told(source_of(http), source_of(http, None))
        changed = site.process(Keyring(OTHER))
        after = await told(source_of(changed), source_of(changed, None))
        both = await told(source_of(site.process(Keyring(OTHER, (KEY,))), None))
        return before, after, both

    assert at_site(tmp_path, issuer, main) == (
        ["owner:1", "owner:2"],
        ["owner:3", TransientError],
        ["owner:2"],
    )


def test_without_a_key_the_accounts_of_a_process_share_and_nothing_is_stored(tmp_path):
    issuer = Issuer(latency=1)

    async def main(site):
        http = site.process(None)
        shared = await told(source_of(http), source_of(http), source_of(http))
        with pytest.raises(AuthError, match="no refresh_token is kept"):
            await source_of(http, None).headers()
        rows = await http.disk.store.read(lambda tx: tx.vault.all())
        return shared, rows

    assert at_site(tmp_path, issuer, main) == (["owner:1"] * 3, [])


def test_who_has_lost_the_lease_changes_nothing(store):
    """A process that slept wakes up with a failure, and another has had a token since."""
    clock = Dial()
    cache = StoreTokenCache(store, KEYRING, clock, stream(1, "pauses"))
    grant = Grant(SHOP, TOKEN_URL, {"grant_type": "client_credentials", "client_id": "app"})
    slept = done(cache.claim(grant, "sleeper", None)).slot
    assert isinstance(done(cache.claim(grant, "heir", None)), Wait)
    clock.at += LEASE
    asked = done(cache.claim(grant, "heir", None)).slot
    answer = TokenAnswer(Secret("a token"))
    done(cache.settle(grant, "heir", lambda slot: granted(slot, asked, answer, clock.at)))
    error = TransientError("account shop: no answer")
    done(cache.settle(grant, "sleeper", lambda slot: failed(slot, slept, error, clock.at)))
    assert done(cache.claim(grant, "anyone", None)) == Use(Secret("a token"), clock.at + timedelta(seconds=240))
