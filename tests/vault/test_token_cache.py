"""A token shared through the store by processes that know nothing else of each other."""

import asyncio

import pytest

from entrepot.channel import (
    REFRESH_TOKEN,
    ApplicationRefused,
    AuthError,
    ConsentRevoked,
    RateLimited,
    Secret,
    TransientError,
)
from entrepot.simulation import VirtualClock
from tests.http.issuer import TOKEN_URL, Issuer
from tests.vault.sites import CLIENT, at_site, source_of, told, words


def test_of_many_tasks_and_processes_one_asks(tmp_path):
    """Covers R16."""
    issuer = Issuer(latency=2)

    async def main(site):
        sources = [source_of(site.process()) for _ in range(4)]
        first = await told(*(sources * 5))
        later = await told(source_of(site.process()))
        return first, later

    assert at_site(tmp_path, issuer, main) == (["owner:1"] * 20, ["owner:1"])
    assert len(issuer.forms) == 1


def test_a_refused_token_is_renewed_once_whoever_sees_it_first(tmp_path):
    """Covers R16."""
    issuer = Issuer(latency=2)

    async def main(site):
        sources = [source_of(site.process()) for _ in range(4)]
        refused = [await source.headers() for source in sources]
        await asyncio.gather(
            *(source.renew(headers) for source, headers in zip(sources, refused, strict=True) for _ in range(3))
        )
        return await told(*sources)

    assert at_site(tmp_path, issuer, main) == ["owner:2"] * 4
    assert len(issuer.forms) == 2


@pytest.mark.parametrize(
    ("word", "kind", "pause"),
    [("invalid_grant", ConsentRevoked, 60), ("server_error", TransientError, 5), ("slow_down", RateLimited, 90)],
)
def test_a_failure_is_everybodys_for_a_while(tmp_path, word, kind, pause):
    """Nobody hammers a token endpoint with a grant that was revoked."""
    issuer = Issuer()
    status = {"invalid_grant": 400, "server_error": 503, "slow_down": 429}[word]
    answer = issuer._refuse()
    issuer.script = [type(answer)(status, json={"error": word}, headers={"retry-after": "90"})]

    async def main(site):
        sources = [source_of(site.process()) for _ in range(8)]
        at_once = await told(*sources)
        await asyncio.sleep(pause - 1)
        still = await told(*sources, source_of(site.process()))
        await asyncio.sleep(2)
        return at_once, still, await told(*sources)

    assert at_site(tmp_path, issuer, main) == ([kind] * 8, [kind] * 9, ["owner:1"] * 8)
    assert len(issuer.forms) == 2


def test_whoever_asks_with_other_secrets_has_a_token_and_failures_of_its_own(tmp_path):
    """Covers P11: the wrong secret of one process is not the failure of another."""
    issuer = Issuer()
    wrong = CLIENT | {"client_secret": Secret("wrong secret")}
    issuer.script = [type(issuer._refuse())(401, json={"error": "invalid_client"})]

    async def main(site):
        mistaken = source_of(site.process(), client=wrong)
        return await told(mistaken), await told(source_of(site.process()), mistaken)

    assert at_site(tmp_path, issuer, main) == ([ApplicationRefused], ["owner:1", ApplicationRefused])


def test_accounts_share_their_applications_token_through_the_store(tmp_path):
    issuer = Issuer(latency=1)

    async def main(site):
        sources = [
            site.process(account=f"shop-{number}").client_credentials(TOKEN_URL, **CLIENT, scope="notify")
            for number in range(4)
        ]
        return await told(*sources)

    assert at_site(tmp_path, issuer, main) == ["application:1"] * 4


def test_of_an_applications_failure_each_account_is_told_under_its_own_name(tmp_path):
    issuer = Issuer()
    issuer.script = [type(issuer._refuse())(401, json={"error": "invalid_client"})]

    async def main(site):
        said = []
        for name in ("shop-1", "shop-2"):
            source = site.process(account=name).client_credentials(TOKEN_URL, **CLIENT)
            with pytest.raises(AuthError) as error:
                await source.headers()
            said.append(str(error.value))
        return said

    first, second = at_site(tmp_path, issuer, main)
    assert first.startswith("account shop-1: token request to https://auth.example/token was answered 401")
    assert second == first.replace("shop-1", "shop-2")


@pytest.mark.parametrize("named", ["owner.1", None])
def test_a_replaced_refresh_token_is_every_processs_at_once(tmp_path, named):
    issuer = Issuer(rotates=True)

    async def main(site):
        http = site.process()
        if named is None:
            await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        tokens = []
        for _ in range(3):
            tokens += await told(source_of(site.process(), named), source_of(site.process(), named))
            await asyncio.sleep(3600)
        return tokens

    assert at_site(tmp_path, issuer, main) == ["owner:1"] * 2 + ["owner:2"] * 2 + ["owner:3"] * 2
    assert issuer.refused == 0


def test_a_refresh_token_is_stored_before_the_token_that_came_with_it_is_used(tmp_path):
    """A process that dies right after it was handed a token has lost nothing."""
    issuer = Issuer(rotates=True)

    async def main(site):
        http = site.process()
        await http.vault.put(REFRESH_TOKEN, Secret("owner.1"))
        await words(source_of(http, None))
        return await site.process().vault.get(REFRESH_TOKEN)

    assert at_site(tmp_path, issuer, main) == Secret("owner.2")


def test_rows_of_tokens_expire_and_do_not_pile_up(tmp_path):
    issuer = Issuer()

    async def main(site):
        for number in range(5):
            await words(source_of(site.process(), f"owner-{number}.1"))
        http = site.process()
        await asyncio.sleep(7200)
        now = VirtualClock(site.loop).now()
        before = len(await http.disk.read(lambda tx: tx.vault.all()))
        await http.disk.write(lambda tx: tx.vault.purge(now, 100))
        return before, await http.disk.read(lambda tx: tx.vault.all())

    assert at_site(tmp_path, issuer, main) == (5, [])
