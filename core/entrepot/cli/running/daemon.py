"""`run`: the loop, until it is stopped. `sync` is in once.py."""

import asyncio
import signal
from contextlib import aclosing

import click
import structlog

from entrepot.cli.alerts import new_client, receivers
from entrepot.cli.connecting import close, joined, observers_of, sources_of, transports
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit
from entrepot.cli.monitor.health import Monitored
from entrepot.cli.monitor.reporting import Reporter
from entrepot.cli.monitor.server import served
from entrepot.cli.running.reloading import Reloader, Reloads, entered
from entrepot.http.client import Client
from entrepot.runtime import spare_what_is_loaded
from entrepot.store import Tx
from entrepot.sync.alerting import add_alerts
from entrepot.sync.daemon import Daemon
from entrepot.sync.stock_sources import add_sources
from entrepot.sync.watchdog import watched

EVENTS_AT_ONCE = 1000

log = structlog.get_logger()


@click.command()
@pass_home
@click.pass_context
def run(ctx: click.Context, home: Home) -> None:
    """Pull orders and publish quantities until stopped.

    SIGTERM or Ctrl-C ends it cleanly: what runs is finished, nothing is begun. A second one stops it at once.
    """
    try:
        asyncio.run(_run(home))
    except asyncio.CancelledError:
        ctx.exit(Exit.STOPPED)


async def _run(home: Home) -> None:
    stop, reloads = Stop(), Reloads()  # before anything is opened: whoever signals at once gets what is asked for too
    ways = transports(home.config, home.config.accounts)
    async with home.store(make=True) as store, aclosing(new_client(home)) as client:
        worker = await joined(home, store, ways)
        alerts, sources = receivers(home, client), sources_of(home)

        def add(tx: Tx) -> None:
            add_alerts(tx, alerts, home.clock.now())
            add_sources(tx, sources, home.clock.now())

        await store.write(add)
        daemon = Daemon(worker, observers_of(home), alerts=alerts, sources=sources)
        spare_what_is_loaded()
        stop.drains(daemon)
        try:
            await _run_on(home, daemon, client, reloads)
        finally:
            await close(daemon.worker.accounts.values())


async def _run_on(home: Home, daemon: Daemon, client: Client, reloads: Reloads) -> None:
    worker, reporter = daemon.worker, Reporter(daemon)
    await reporter.begin()
    path = str(home.document.path)
    async with entered(worker, path), watched(worker.store, home.clock) as watchdog, asyncio.TaskGroup() as group:
        beside = [Reloader(home, daemon, client, reloads, group).watch(), reporter.watch()]
        tasks = [group.create_task(one) for one in beside]
        log.info("running", worker=worker.name, config=path, **await reporter.outlook())
        with served(Monitored(home, daemon, watchdog)):
            await daemon.run()
        for task in tasks:
            task.cancel()
    log.info("stopped", worker=worker.name)


class Stop:
    """What SIGTERM and Ctrl-C ask of the present task: the first to drain, once it has a daemon; the second to end."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._daemon: Daemon | None = None
        self._asked = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._ask)

    def drains(self, daemon: Daemon) -> None:
        self._daemon = daemon
        if self._asked:
            daemon.drain()

    def _ask(self) -> None:
        self._asked += 1
        if self._asked > 1 and self._task is not None:
            self._task.cancel()
        elif self._daemon is not None:
            self._daemon.drain()
