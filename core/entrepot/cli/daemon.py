"""`run` and `sync`: the loop, for good or once."""

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import TypeAlias

import click
import structlog
from attrs import frozen
from rich.console import Console

from entrepot.channel import Environment
from entrepot.cli.alerts import new_client, receivers
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit
from entrepot.cli.show import Times, answer, as_format, counted
from entrepot.cli.status import FailingStream, failing_streams, not_equal
from entrepot.config import Config
from entrepot.errors import ConfigError, Fault
from entrepot.http import Transport
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId, EventName
from entrepot.runtime import RandomIds, system_rng
from entrepot.store import Store, Tx
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.alerting import add_alerts
from entrepot.sync.assembly import catalog, connect_accounts
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Runtime, Worker
from entrepot.sync.setup import set_up
from entrepot.sync.telling import Observer

CODES = {"E501": "An account has a simulator, but no address of one; only `demo` has simulators inside the process."}

EVENTS_AT_ONCE = 1000

Ways: TypeAlias = dict[AccountId, Transport | None]
"""How each account's requests travel; None is the real network."""

log = structlog.get_logger()


@frozen
class SyncReport:
    """What one `sync` brought. `orders_known_until` is channel time."""

    account: AccountId
    orders_new: int
    orders_changed: int
    quantities_published: int
    pushes_failed: int
    problems_opened: int
    orders_known_until: datetime | None
    offers_not_equal: int
    parked_since: datetime | None
    failing: list[FailingStream]

    @property
    def reached(self) -> bool:
        return not self.failing and self.parked_since is None


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


@click.command()
@click.argument("account")
@as_format
@pass_home
@click.pass_context
def sync(ctx: click.Context, home: Home, account: str, form: str) -> None:
    """Work off once what is due for ACCOUNT, then end."""
    report = asyncio.run(_sync(home, home.account(account).id))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(report, form, lambda console: _render(console, report, times))
    ctx.exit(Exit.FINE if report.reached else Exit.UNREACHABLE)


@asynccontextmanager
async def opened(home: Home, store: Store, ways: Ways) -> AsyncIterator[tuple[Worker, list[Observer]]]:
    """A worker for the accounts of `ways`, on a store that agrees with plugins.toml."""
    config = home.config
    for warning in config.warnings:
        log.warning("configuration", fault=str(warning))
    now = home.clock.now()
    runtimes = connect_accounts(config, ways, home.clock, home.redactor)
    observers = [Observer(one.name, EventName(one.hook), one.function) for one in home.plugins.observers]
    try:
        await store.write(lambda tx: set_up(tx, runtimes.values(), catalog(config), observers, now))
        mine = {name: runtimes[name] for name in ways}
        name = f"{socket.gethostname()}:{os.getpid()}"
        yield Worker(name, store, home.clock, system_rng(), RandomIds(), mine), observers
    finally:
        await close(runtimes.values())


def transports(config: Config, names: Collection[AccountId]) -> Ways:
    """The way to each account's channel. Raises ConfigError."""
    ways: Ways = {}
    faults = []
    for name in names:
        account = config.accounts[name]
        ways[name] = Rerouted(account.simulator) if account.simulator else None
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


async def _run(home: Home) -> None:
    stop = Stop()  # before anything is opened: whoever starts and stops us at once gets a clean end too
    ways = transports(home.config, home.config.accounts)
    async with (
        home.store(make=True) as store,
        opened(home, store, ways) as (worker, observers),
        aclosing(new_client(home)) as client,
    ):
        alerts = receivers(home, client)
        await store.write(lambda tx: add_alerts(tx, alerts, home.clock.now()))
        daemon = Daemon(worker, observers, alerts=alerts)
        stop.drains(daemon)
        accounts = {name: str(runtime.publish) for name, runtime in worker.accounts.items()}
        log.info("running", worker=worker.name, store=str(home.config.database), accounts=accounts)
        await daemon.run()
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


async def _sync(home: Home, account: AccountId) -> SyncReport:
    ways = transports(home.config, [account])
    async with home.store(make=True) as store:
        before = await store.read(lambda tx: tx.outbox.last_id())
        async with opened(home, store, ways) as (worker, _):
            daemon = Daemon(worker)
            await daemon.run_until_idle()
            while (pause := await store.read(lambda tx: _unfinished(tx, account, home.clock.now()))) is not None:
                await asyncio.sleep(pause)
                await daemon.run_until_idle()
        return await store.read(lambda tx: _report(tx, account, before))


def _unfinished(tx: Tx, account: AccountId, now: datetime) -> float | None:
    """Seconds until a pass over the orders goes on that waits for nothing but its next token; None without one."""
    row = tx.accounts.find(account)
    waits = [stream.next_due for stream in tx.streams.of_account(account) if _in_a_pass(stream)]
    if row is None or row.parked_since or not waits:
        return None
    return max(0.1, (min(waits) - now).total_seconds())  # another daemon may be at it


def _in_a_pass(stream: StreamRow) -> bool:
    return stream.kind is StreamKind.ORDERS and stream.window is not None and not stream.failures


def _report(tx: Tx, account: AccountId, before: int) -> SyncReport:
    seen = Counter[str]()
    new = 0
    while events := tx.outbox.after(before, EVENTS_AT_ONCE):
        before = events[-1].id
        mine = [event for event in events if event.account == account]
        seen.update(event.name for event in mine)
        new += sum(event.name == EventName.ORDER_CHANGED and event.key.endswith(":1") for event in mine)
    row = tx.accounts.find(account)
    return SyncReport(
        account=account,
        orders_new=new,
        orders_changed=seen[EventName.ORDER_CHANGED] - new,
        quantities_published=seen[EventName.QUANTITY_PUBLISHED],
        pushes_failed=seen[EventName.PUSH_FAILED],
        problems_opened=seen[EventName.PROBLEM_OPENED],
        orders_known_until=tx.streams.orders_known_until(account),
        offers_not_equal=len(not_equal(tx, account)),
        parked_since=row.parked_since if row else None,
        failing=failing_streams(tx.streams.of_account(account)),
    )


def _render(console: Console, report: SyncReport, times: Times) -> None:
    parts = [
        counted(report.orders_new, "new order"),
        f"{report.orders_changed} changed",
        f"{counted(report.quantities_published, 'quantity', 'quantities')} read back",
    ]
    if report.pushes_failed:
        parts.append(f"{counted(report.pushes_failed, 'quantity', 'quantities')} refused by the channel")
    console.print(f"{report.account}: {', '.join(parts)}.")
    if report.orders_known_until:
        until = report.orders_known_until
        console.print(f"Every change of its orders until {times.at(until)} is stored, {times.ago(until)} ago.")
    if report.offers_not_equal:
        waiting = counted(report.offers_not_equal, "offer differs", "offers differ")
        console.print(f"{waiting} from ours: entrepot offers diff {report.account}")
    for stream in report.failing:
        console.print(f"{stream.stream} fails since {times.at(stream.since)}: {stream.error}")
    if report.parked_since:
        console.print(f"{report.account} is parked since {times.at(report.parked_since)}: its credentials are refused.")
    if report.problems_opened:
        console.print(f"{counted(report.problems_opened, 'new problem')}: entrepot problems")
