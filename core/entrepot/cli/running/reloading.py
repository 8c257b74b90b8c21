"""`reload` and SIGHUP: a running daemon reads plugins.toml anew, and takes all of it or nothing."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

import click
import structlog
from attrs import evolve, frozen
from rich.console import Console

from entrepot.cli.alerts import receivers
from entrepot.cli.connecting import agreed, close, refuse_foreign, transports
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded
from entrepot.cli.monitor.daemons import lives
from entrepot.cli.show import answer, as_format
from entrepot.errors import ConfigError, Fault, StoreError
from entrepot.http.client import Client
from entrepot.model import ProblemKind
from entrepot.store import Store, Tx
from entrepot.store.records import DaemonRow
from entrepot.store.sqlite.daemons import SqliteDaemons
from entrepot.store.sqlite.database import connect
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.assembly import connect_accounts
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Runtime, Worker

LOOK = 0.5
"""Seconds between two looks for a request."""
PATIENCE = 15.0
"""Seconds in which a daemon that lives has answered."""
AGAIN = 0.1
"""Seconds between two looks for the answers."""
SUBJECT = "plugins.toml"

log = structlog.get_logger()


class Reloads:
    """What SIGHUP asks for."""

    def __init__(self) -> None:
        self._asked = False
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._ask)

    def taken(self) -> bool:
        """Was there a signal since this was asked last?"""
        asked, self._asked = self._asked, False
        return asked

    def _ask(self) -> None:
        self._asked = True


class Reloader:
    """Has a daemon go on with what plugins.toml says now, whenever that is asked for."""

    def __init__(self, home: Home, daemon: Daemon, client: Client, reloads: Reloads, group: asyncio.TaskGroup) -> None:
        self._home = home
        self._daemon = daemon
        self._client = client
        self._reloads = reloads
        self._group = group

    async def watch(self) -> None:
        """Runs until it is cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as refused:
                log.error("store_refused", reason=str(refused))  # noqa: TRY400 - the message says it all
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        store, name = self._daemon.worker.store, self._daemon.worker.name
        row = await store.read(lambda tx: tx.daemons.find(name))
        asked = row is not None and row.asked > row.answered
        if not (self._reloads.taken() or asked):
            return
        faults = await self._reload()
        now = self._home.clock.now()
        await store.write(lambda tx: _settle(tx, row, faults, now=now))

    async def _reload(self) -> tuple[str, ...]:
        """The faults for which nothing was changed."""
        try:
            home = self._home.anew()
            _refuse_restart(self._home, home)
            alerts = receivers(home, self._client)
            ways = transports(home.config, home.config.accounts)
            runtimes = await agreed(home, self._daemon.worker.store, ways, alerts)
        except ConfigError as refused:
            return _refused([str(fault) for fault in refused.faults])
        except StoreError:
            raise
        except Exception as defect:
            log.exception("reload_failed")
            return _refused([f"{type(defect).__name__}: {defect}"])  # a plugin's, for example
        before = self._daemon.worker
        told = home.config
        terms = evolve(before, timetable=told.timetable, stock=told.stock, locations=told.locations)
        begun = self._daemon.adopt(evolve(terms, accounts=runtimes), alerts)
        self._home = home
        self._group.create_task(_retire(begun, before.accounts.values()), name="retire")
        accounts = {name: str(runtime.publish) for name, runtime in runtimes.items()}
        log.info("reloaded", accounts=accounts, alerts=len(alerts), finishing=len(begun))
        return ()


def _refuse_restart(before: Home, now: Home) -> None:
    """Raises ConfigError where only a restart makes true what the file says."""
    source = now.path.name
    if now.document.plugins != before.document.plugins:
        raise ConfigError([_restart(f"{source}: plugins", "plugins are loaded at a start only")])
    if now.config.database != before.config.database:
        raise ConfigError([_restart(f"{source}: entrepot.store", f"the daemon works on {before.config.database}")])
    if now.config.metrics != before.config.metrics:
        raise ConfigError([_restart(f"{source}: entrepot.metrics", "the address is taken at a start only")])


def _restart(path: str, message: str) -> Fault:
    return Fault("E503", path, message, "restart the daemon; nothing else of the file was applied")


def _refused(faults: list[str]) -> tuple[str, ...]:
    log.error("config_refused", faults=faults)
    return tuple(faults)


async def _retire(begun: Collection[asyncio.Task[None]], runtimes: Collection[Runtime]) -> None:
    """What was begun under the old configuration ends under it; then its connections are closed."""
    if begun:
        await asyncio.wait(begun)
    await close(runtimes)


def _settle(tx: Tx, asked: DaemonRow | None, faults: tuple[str, ...], *, now: datetime) -> None:
    if asked is not None:
        tx.daemons.answer(asked, faults, now)
    if not faults:
        close_problem(tx, ProblemKind.CONFIG_REFUSED, None, SUBJECT, now)
        return
    message = f"plugins.toml was read anew and refused; the daemon goes on with what it had: {'; '.join(faults)}"
    next_action = "correct the file, then: entrepot reload"
    open_problem(tx, ProblemKind.CONFIG_REFUSED, None, SUBJECT, message, next_action, now)


@asynccontextmanager
async def entered(worker: Worker, config: str) -> AsyncIterator[None]:
    """The daemon can be found in the store as long as the block runs. `config`: the path of its plugins.toml."""
    now = worker.clock.now()
    row = DaemonRow(worker.name, socket.gethostname(), os.getpid(), now, config=config)

    def enter(tx: Tx) -> None:
        tx.daemons.enter(row)
        close_problem(tx, ProblemKind.CONFIG_REFUSED, None, SUBJECT, now)

    await worker.store.write(enter)
    try:
        yield
    finally:
        try:
            await worker.store.write(lambda tx: tx.daemons.leave(worker.name))
        except StoreError as refused:
            log.warning("store_refused", reason=str(refused))


@frozen
class Reloaded:
    """What a daemon made of the request. `faults`: then it changed nothing. Not `answered`: it may do so yet."""

    daemon: str
    answered: bool
    faults: list[str]


@click.command()
@as_format
@pass_home
@click.pass_context
def reload(ctx: click.Context, home: Home, form: str) -> None:
    """Have the running daemons read plugins.toml anew.

    The file is checked first, as a start checks it; a faulty one ends here. A daemon takes all of it or nothing. SIGHUP
    asks the same of one daemon, which then tells faults in its log and as a problem.
    """
    told = asyncio.run(_reload_all(home))
    answer(told, form, lambda console: _render(console, told))
    if any(one.faults for one in told):
        ctx.exit(Exit.CONFIG)
    ctx.exit(Exit.FINE if all(one.answered for one in told) else Exit.GUARDED)


async def _reload_all(home: Home) -> list[Reloaded]:
    ways = transports(home.config, home.config.accounts)
    await close(connect_accounts(home.config, ways, home.clock, home.redactor).values())
    if not home.config.database.exists():
        raise _nobody(home)
    async with home.store() as store:
        await store.read(lambda tx: refuse_foreign(tx, home))
        names = await store.write(_ask)
        if not names:
            raise _nobody(home)
        for _ in range(round(PATIENCE / AGAIN)):
            if all(one.answered for one in await _answers(store, names)):
                break
            await asyncio.sleep(AGAIN)
        return await _answers(store, names)


def _ask(tx: Tx) -> list[str]:
    """Ask every daemon that lives; forget those that were killed."""
    for row in tx.daemons.all():
        if lives(row):
            tx.daemons.ask(row.name)
        else:
            tx.daemons.leave(row.name)
    return [row.name for row in tx.daemons.all()]


def living(path: Path) -> list[str]:
    """The daemons on a database. Raises StoreError."""
    with closing(connect(path)) as database:
        return [row.name for row in SqliteDaemons(database.conn).all() if lives(row)]


async def _answers(store: Store, names: list[str]) -> list[Reloaded]:
    rows = await store.read(lambda tx: [tx.daemons.find(name) for name in names])
    return [_reloaded(row) for row in rows if row is not None]  # one that has ended meanwhile is gone


def _reloaded(row: DaemonRow) -> Reloaded:
    answered = row.answered >= row.asked
    return Reloaded(row.name, answered, list(row.answer) if answered else [])


def _nobody(home: Home) -> Guarded:
    message = f"{home.path.name} is without a fault, and no daemon runs on {home.config.database}"
    return Guarded(f"{message}. Next: entrepot run; a start reads the file as it is")


def _render(console: Console, told: list[Reloaded]) -> None:
    for one in told:
        for fault in one.faults:
            console.print(f"{one.daemon} refused: {fault}", soft_wrap=True)
        if not one.answered:
            console.print(f"{one.daemon} has not answered within {PATIENCE:.0f} s. Next: look at its log")
        elif not one.faults:
            console.print(f"{one.daemon} goes on with the new configuration.")
