"""What a command works with: the configuration, the plugins and the store, each opened once and only if needed."""

import asyncio
import difflib
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

from entrepot import plugins
from entrepot.channel import Secret
from entrepot.cli.exits import Refused
from entrepot.config import AccountConfig, Config, Document, build, read_document, secret_values
from entrepot.errors import StoreError
from entrepot.model import AccountId
from entrepot.runtime import Clock, SystemClock
from entrepot.secrets import Redactor
from entrepot.stock.nearest import nearest
from entrepot.store import Tx
from entrepot.store.sqlite import SqliteStore, ThreadRunner
from entrepot.store.sqlite.maintenance import prepare

T = TypeVar("T")

SEARCHED = 10_000
"""Names among which a likeness is looked for: it takes a second; one character apart is found among any number."""

FEW = 12
"""So many names are listed where none is near."""


class Home:
    """The folder of a plugins.toml, seen from a command."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock: Clock = SystemClock()
        self.redactor = Redactor()

    @cached_property
    def document(self) -> Document:
        return read_document(self.path)

    @cached_property
    def plugins(self) -> plugins.Loaded:
        return plugins.load(self.document.plugins, source=self.path.name)

    @cached_property
    def config(self) -> Config:
        """Raises ConfigError with every fault of the file and of the plugins, unless only secrets are missing."""
        loaded = self.plugins
        config = build(self.document, loaded.channels, os.environ, plugin_faults=loaded.faults)
        for secret in secret_values(config):
            self.redactor.remember(Secret(secret))
        return config

    def anew(self) -> "Home":
        """The same folder, read again; what was a secret before stays one."""
        home = Home(self.path)
        home.clock, home.redactor = self.clock, self.redactor
        home.plugins = self.plugins  # loaded once in a process
        return home

    def account(self, name: str) -> AccountConfig:
        """A configured account. Raises Refused."""
        account = self.config.accounts.get(AccountId(name))
        if account is None:
            raise unknown("account", name, self.config.accounts)
        return account

    def stored_account(self, tx: Tx, name: str | None) -> AccountId | None:
        """An account that is configured, or was once. Raises Refused for any other."""
        if name is None:
            return None
        known = {*self.config.accounts, *(account.id for account in tx.accounts.all())}
        if name not in known:
            raise unknown("account", name, known)
        return AccountId(name)

    @asynccontextmanager
    async def store(self, *, make: bool = False) -> AsyncIterator[SqliteStore]:
        """Open for as long as the block runs. `make`: an absent database is made. Raises StoreError."""
        path = self.config.database
        if make:
            prepare(path)
        elif not path.exists():
            msg = f"there is no database {path} yet. Next: entrepot run, or: entrepot store migrate"
            raise StoreError(msg)
        runner = ThreadRunner()
        store = SqliteStore(path, runner)
        try:
            yield store
        finally:
            store.close()
            runner.close()

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on one consistent state of the database."""

        async def reading() -> T:
            async with self.store() as store:
                return await store.read(work)

        return asyncio.run(reading())

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction; a running daemon notices within a second."""

        async def writing() -> T:
            async with self.store(make=True) as store:
                return await store.write(work)

        return asyncio.run(writing())


def unknown(what: str, name: str, known: Iterable[str]) -> Refused:
    """No such thing, and what may have been meant."""
    words = sorted(known)
    close = nearest(name, set(words)) or next(iter(difflib.get_close_matches(name, words[:SEARCHED], n=1)), None)
    if close:
        return Refused(f"there is no {what} {name}; nearest is {close}")
    listed = f"; known are {', '.join(words)}" if 0 < len(words) <= FEW else ""
    return Refused(f"there is no {what} {name}{listed}")


pass_home: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Home)
