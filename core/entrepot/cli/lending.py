"""`channel.Accounts` for the commands of plugins."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar, cast

from attrs import evolve, frozen

from entrepot.channel import ConfiguredAccount, Facts, Ports
from entrepot.cli.asking import ask, connected, used_up
from entrepot.cli.context import Home
from entrepot.cli.exits import Refused
from entrepot.config import AccountConfig
from entrepot.errors import ConfigError, RateLimited
from entrepot.store import Store
from entrepot.sync.assembly import ports_of
from entrepot.sync.runtime import Runtime

T = TypeVar("T")


@frozen
class LentAccounts:
    home: Home

    def configured(self, name: str, channel: str) -> ConfiguredAccount:
        account = self._account(name, channel)
        return ConfiguredAccount(
            account.id, account.settings, account.environment, account.marketplaces, account.simulator or ""
        )

    @asynccontextmanager
    async def opened(self, name: str, channel: str) -> AsyncIterator["LentAccount"]:
        account = self._account(name, channel)
        async with self.home.store(make=True) as store, connected(self.home, store, account) as runtime:
            yield LentAccount(self.home, store, runtime)

    def _account(self, name: str, channel: str) -> AccountConfig:
        """Raises Refused, and ConfigError for a secret that is not in its place."""
        account = self.home.account(name)
        if account.channel.id != channel:
            theirs = [id_ for id_, other in self.home.config.accounts.items() if other.channel.id == channel]
            choice = f"choose from {', '.join(theirs)}" if theirs else f"add an account of channel {channel}"
            raise Refused(f"{name} is an account of channel {account.channel.id}. Next: {choice}")
        if account.missing:
            raise ConfigError(account.missing)
        return account


@frozen
class LentAccount:
    home: Home
    store: Store
    runtime: Runtime

    @property
    def ports(self) -> Ports:
        return ports_of(self.home.config.accounts[self.runtime.id], self.home.clock, self.runtime.http)

    async def call(self, operation: str, facts: Facts, work: Callable[[], Awaitable[T]]) -> T:
        channel = evolve(self.runtime.channel, operations={**self.runtime.channel.operations, operation: facts})
        runtime = evolve(
            self.runtime,
            bound=evolve(self.runtime.bound, channel=channel),
            spender=evolve(self.runtime.spender, channel=channel),
        )
        called = await ask(self.store, runtime, operation, work, self.home.clock)
        if isinstance(called, datetime):
            raise RateLimited(f"account {runtime.id}: {used_up(self.home, operation, called)}")
        if called.error is not None:
            raise called.error
        return cast("T", called.result)
