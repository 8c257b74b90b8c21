"""Daemons on one store in virtual time, reduced to what they do with tokens: real sources, real store, no orders."""

import asyncio

from entrepot.channel import ChannelError, Secret
from entrepot.http import AccountHttp
from entrepot.model import AccountId
from entrepot.secrets import Redactor
from entrepot.simulation import PoisonedClock, PoisonedTransport, Process, VirtualClock, stream
from entrepot.store.sqlite import SqliteStore
from entrepot.vault.keeper import Keeper
from entrepot.vault.keys import Keyring
from tests.http.doubles import ACME
from tests.http.issuer import TOKEN_URL
from tests.vault.test_sealing import KEY

CLIENT = {"client_id": "app", "client_secret": Secret("app secret")}
FIRST = "refresh-{}.1"
"""An account's refresh token."""

CALLS = 20
"""Requests to the channel at each visit."""


class Office:
    """One process with a source for each account. `calls` counts what the sources were asked for."""

    def __init__(self, loop, path, name, issuer, accounts, runner, *, kept=False, seed=1):
        self.process = Process(loop, name)
        self.rng = stream(seed, name)
        self.calls = 0
        self.failures = []
        poison = self.process.poison
        self.store = SqliteStore(path, runner(self), durable=False)
        self.process.at_crash(self.store.close)
        clock, redactor = PoisonedClock(VirtualClock(loop), poison), Redactor()
        keeper = Keeper(self.store, Keyring(KEY), clock, self.rng, redactor)
        self.https = [
            AccountHttp(
                ACME,
                PoisonedTransport(issuer.network, poison),
                clock,
                AccountId(name),
                user_agent="test",
                redactor=redactor,
                kept=keeper.of(AccountId(name)),
            )
            for name in accounts
        ]
        self.sources = [
            http.refresh_token(TOKEN_URL, **CLIENT, refresh_token=None if kept else Secret(FIRST.format(http.account)))
            for http in self.https
        ]

    def open(self, until, every):
        """Visit each account now and then until then, in a task of its own."""
        return self.process.start(lambda: self._work(until, every))

    async def _work(self, until, every):
        async with asyncio.TaskGroup() as group:
            for source in self.sources:
                group.create_task(self._visit(source, until, every))
        for http in self.https:
            await http.aclose()
        self.store.close()

    async def _visit(self, source, until, every):
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            for _ in range(CALLS):
                self.calls += 1
                try:
                    await source.headers()
                except ChannelError as error:
                    self.failures.append(error)
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) * every)
