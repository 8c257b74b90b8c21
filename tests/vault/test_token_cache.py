"""A token shared through the store by processes that know nothing else of each other."""

import asyncio
from datetime import timedelta

import pytest

from entrepot.channel import (
    REFRESH_TOKEN,
    ApplicationRefused,
    AuthError,
    ConsentRevoked,
    RateLimited,
    Secret,
    TokenAnswer,
    TransientError,
)
from entrepot.errors import StoreError
from entrepot.http.sharing import LEASE, Grant, Use, Wait, failed, granted
from entrepot.secrets import Redactor
from entrepot.simulation import Process, VirtualClock, run, stream
from entrepot.store.sqlite import migrate
from entrepot.vault.keeper import Keeper
from entrepot.vault.keys import Keyring
from entrepot.vault.token_cache import StoreTokenCache
from tests.http.doubles import account_http
from tests.http.issuer import TOKEN_URL, Issuer
from tests.store.opened import done, open_inline
from tests.vault.test_port import Dial
from tests.vault.test_sealing import KEY, OTHER, SHOP

KEYRING = Keyring(KEY)
CLIENT = {"client_id": "app", "client_secret": Secret("app secret")}


class Refusing:
    """A store that refuses while it is told to."""

    def __init__(self, store):
        self.store = store
        self.refuses = False

    async def read(self, work):
        return await self._run(self.store.read, work)

    async def write(self, work):
        return await self._run(self.store.write, work)

    async def _run(self, run, work):
        if self.refuses:
            raise StoreError("shop.db: the database refused: the disk is full. Next: free some space")
        return await run(work)


class Site:
    """One store, and as many processes as are asked for."""

    def __init__(self, folder, loop, issuer):
        self.path = folder / "entrepot.db"
        if not self.path.exists():
            migrate(self.path)
        self.loop = loop
        self.issuer = issuer
        self.opened = []
        self.lives = 0

    def process(self, keyring=KEYRING, account="webshop"):
        """An account's HTTP in a process of its own."""
        self.lives += 1
        store = open_inline(self.path)
        self.opened.append(store)
        refusing = Refusing(store)
        keeper = Keeper(refusing, keyring, VirtualClock(self.loop), stream(self.lives, "pauses"), Redactor())
        http = account_http(self.loop, self.issuer.network, account=account, kept=keeper.of(account))
        http.disk = refusing
        return http

    def close(self):
        for store in self.opened:
            store.close()


def at_site(folder, issuer, main, seed=1):
    async def with_site(loop):
        site = Site(folder, loop, issuer)
        try:
            return await main(site)
        finally:
            site.close()

    return run(with_site, seed)


def source_of(http, refresh="owner.1", client=CLIENT):
    return http.refresh_token(TOKEN_URL, **client, refresh_token=refresh and Secret(refresh))


async def words(source):
    return (await source.headers())["authorization"].removeprefix("Bearer ")


async def told(*sources):
    """What each is told, or the failure."""
    results = await asyncio.gather(*map(words, sources), return_exceptions=True)
    return [type(one) if isinstance(one, BaseException) else one for one in results]


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
