"""From plugins.toml to a worker: the accounts connected, and the store in line with the file."""

import os
import socket
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

import structlog

from entrepot.channel import Environment
from entrepot.cli.context import Home
from entrepot.cli.offers.offers_file import read_stated, take_stated
from entrepot.config import Config
from entrepot.errors import ConfigError, Fault
from entrepot.http import Transport
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId, EventName
from entrepot.runtime import RandomIds, system_rng
from entrepot.store import Store, Tx
from entrepot.sync.alerting import Alert, add_alerts
from entrepot.sync.assembly import catalog, connect_accounts
from entrepot.sync.locations import lost_locations
from entrepot.sync.runtime import Runtime, Worker
from entrepot.sync.setup import foreign_accounts, set_up
from entrepot.sync.stock_sources import NamedSource
from entrepot.sync.telling import Observer
from entrepot.vault.keeper import Keeper

CODES = {
    "E501": "An account has a simulator, but no address of one; only `demo` has simulators inside the process.",
    "E502": "An account's id belongs to an account of another channel in the database.",
    "E503": "`reload` cannot change this; a restart can.",
    "E504": "A location left `[locations]`, and still has units, open orders or a held import.",
}

Ways: TypeAlias = dict[AccountId, Transport | None]
"""How each account's requests travel; None is the real network."""

log = structlog.get_logger()


@asynccontextmanager
async def opened(home: Home, store: Store, ways: Ways) -> AsyncIterator[Worker]:
    """A worker for the accounts of `ways`, closed at the end."""
    worker = await joined(home, store, ways)
    try:
        yield worker
    finally:
        await close(worker.accounts.values())


async def joined(home: Home, store: Store, ways: Ways) -> Worker:
    """A worker for the accounts of `ways`, on a store that agrees with plugins.toml. Raises ConfigError."""
    runtimes = await agreed(home, store, ways)
    mine = {name: runtimes.pop(name) for name in ways}
    await close(runtimes.values())
    name = f"{socket.gethostname()}:{os.getpid()}"
    terms = home.config.timetable, home.config.stock, home.config.locations
    return Worker(name, store, home.clock, system_rng(), RandomIds(), mine, *terms)


async def agreed(
    home: Home, store: Store, ways: Ways, alerts: Sequence[Alert] | None = None
) -> dict[AccountId, Runtime]:
    """Connect every account and bring the store in line with plugins.toml, or raise ConfigError and change nothing.

    `alerts` are the receivers that there are now, for a daemon that runs.
    """
    for warning in home.config.warnings:
        log.warning("configuration", fault=str(warning))
    runtimes = connect_accounts(home.config, ways, home.clock, home.redactor, keeper_of(home, store))
    stated = read_stated(home)

    def agree(tx: Tx) -> None:
        refuse_foreign(tx, home)
        articles, own = catalog(home.config), home.config.locations.own
        set_up(tx, runtimes.values(), articles, observers_of(home), home.clock.now(), locations=own)
        take_stated(tx, home, stated)
        if alerts is not None:
            add_alerts(tx, alerts, home.clock.now())

    try:
        await store.write(agree)
    except BaseException:
        await close(runtimes.values())
        raise
    return runtimes


def keeper_of(home: Home, store: Store) -> Keeper:
    return Keeper(store, home.config.keyring, home.clock, system_rng(), home.redactor)


def refuse_foreign(tx: Tx, home: Home) -> None:
    """Raises ConfigError where an account's id was another channel's, or a location left the file and is not empty."""
    channels = {account.id: account.channel for account in home.config.accounts.values()}
    source = home.path.name
    if faults := foreign_accounts(tx, channels, source) + lost_locations(tx, home.config.locations.own, source):
        raise ConfigError(faults)


def observers_of(home: Home) -> list[Observer]:
    return [Observer(one.name, EventName(one.hook), one.function) for one in home.plugins.observers]


def sources_of(home: Home) -> list[NamedSource]:
    return [NamedSource(one.name, one.source) for one in home.plugins.stock_sources]


def transports(config: Config, names: Collection[AccountId]) -> Ways:
    """The way to each account's channel. Raises ConfigError, also for a secret of `config` that is not in its place."""
    ways: Ways = {}
    faults = list(config.missing)
    for name in names:
        account = config.accounts[name]
        ways[name] = Rerouted(account.simulator, name) if account.simulator else None
        if account.environment is Environment.SIMULATOR and not account.simulator:
            faults.append(_no_simulator(config, name))
    if faults:
        raise ConfigError(faults)
    return ways


def _no_simulator(config: Config, name: AccountId) -> Fault:
    return Fault(
        "E501",
        f"{config.path.name}: accounts.{name}.simulator",
        'environment = "simulator" without an address; only `entrepot demo` has simulators inside the process',
        f'entrepot simulator {name} --port 8801, and simulator = "http://127.0.0.1:8801" here',
    )


async def close(runtimes: Collection[Runtime]) -> None:
    """A connector closes what it opened itself; the core closes its ports."""
    for runtime in runtimes:
        aclose = getattr(runtime.bound.connector, "aclose", None)
        try:
            if aclose is not None:
                await aclose()
        except Exception:
            log.exception("close_failed", account=runtime.id)
        await runtime.http.aclose()
