"""Processes that share a store and a token endpoint, and know nothing else of each other."""

import asyncio

from entrepot.channel import Secret
from entrepot.errors import StoreError
from entrepot.secrets import Redactor
from entrepot.simulation import VirtualClock, run, stream
from entrepot.store.sqlite import migrate
from entrepot.vault.keeper import Keeper
from entrepot.vault.keys import Keyring
from tests.http.doubles import account_http
from tests.http.issuer import TOKEN_URL
from tests.store.opened import open_inline
from tests.vault.test_sealing import KEY

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
