"""`sync`: what is due now, once, and what it brought."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import click
import orjson
import structlog
from attrs import frozen
from rich.console import Console

from entrepot.channel import Reads
from entrepot.cli.connecting import opened, transports
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded, Refused
from entrepot.cli.show import Times, answer, as_format, counted
from entrepot.cli.status import FailingStream, failing_streams, not_equal
from entrepot.model import AccountId, EventName
from entrepot.store import Tx
from entrepot.store.records import AccountRow, StreamKind, StreamRow
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Runtime, Worker
from entrepot.sync.step import WORTH_TELLING

EVENTS_AT_ONCE = 1000

log = structlog.get_logger()


@frozen
class SyncReport:
    """What one `sync` brought. `orders_known_until` is channel time; `throttled` are calls refused for frequency."""

    account: AccountId
    orders_new: int
    orders_changed: int
    quantities_published: int
    pushes_failed: int
    offers_drifted: int
    problems_opened: int
    throttled: int
    orders_known_until: datetime | None
    offers_not_equal: int
    parked_since: datetime | None
    failing: list[FailingStream]

    @property
    def reached(self) -> bool:
        return not self.failing and self.parked_since is None


@frozen
class Before:
    """What there was before a `sync`: the last event, and calls refused for frequency."""

    event: int
    throttled: Counter[AccountId]


@click.command()
@click.argument("account", required=False)
@as_format
@pass_home
@click.pass_context
def sync(ctx: click.Context, home: Home, account: str | None, form: str) -> None:
    """Work off once what is due for ACCOUNT, and read all of its quantities back; then end.

    Without ACCOUNT: for every account that is not paused; with --format json as a list.
    """
    if account is not None and home.account(account).id in _paused(home):
        raise Guarded(f"{account} is paused, so that no call is made. Next: entrepot accounts resume {account}")
    wanted = (
        [home.account(account).id] if account else [one for one in home.config.accounts if one not in _paused(home)]
    )
    if not wanted:
        raise Refused("there is no account that is not paused. Next: entrepot accounts list")
    reports = asyncio.run(_sync(home, wanted))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(reports[0] if account else reports, form, lambda console: _render_all(console, reports, times))
    ctx.exit(Exit.FINE if all(report.reached for report in reports) else Exit.UNREACHABLE)


def _paused(home: Home) -> set[AccountId]:
    if not home.config.database.exists():
        return set()
    return {row.id for row in home.read(lambda tx: tx.accounts.all()) if row.paused_since}


async def _sync(home: Home, accounts: Sequence[AccountId]) -> list[SyncReport]:
    ways = transports(home.config, accounts)
    async with home.store(make=True) as store:
        before = await store.read(lambda tx: Before(tx.outbox.last_id(), _throttled(tx)))
        async with opened(home, store, ways) as worker:
            daemon, began = Daemon(worker), home.clock.now()
            await store.write(lambda tx: _sweep(tx, accounts, began))
            await daemon.run_until_idle()
            while pauses := await store.read(lambda tx: _pauses(tx, worker, accounts, began)):
                _tell_pause(pauses, home.clock.now())
                await asyncio.sleep(min(pauses.values()))
                await daemon.run_until_idle()
        return await store.read(lambda tx: [_report(tx, account, before) for account in accounts])


def _sweep(tx: Tx, accounts: Sequence[AccountId], now: datetime) -> None:
    for account in accounts:
        tx.streams.sweep_stock(account, now)


def _pauses(tx: Tx, worker: Worker, accounts: Sequence[AccountId], began: datetime) -> Mapping[AccountId, float]:
    """Of the accounts that go on."""
    now = worker.clock.now()
    connected = [runtime for id_, runtime in worker.accounts.items() if id_ in accounts]
    pauses = {runtime.id: _unfinished(tx, runtime, began, now) for runtime in connected}
    return {account: pause for account, pause in pauses.items() if pause is not None}


def _tell_pause(pauses: Mapping[AccountId, float], now: datetime) -> None:
    """Whoever sits before it must see that it does not hang, also where another process began the wait."""
    pause = timedelta(seconds=min(pauses.values()))
    if pause >= WORTH_TELLING:
        log.info("sync_waits", accounts=sorted(pauses), until=(now + pause).isoformat(timespec="seconds"))


def _throttled(tx: Tx) -> Counter[AccountId]:
    return sum((Counter({count.account: count.throttled}) for count in tx.quota.counts()), Counter[AccountId]())


def _unfinished(tx: Tx, runtime: Runtime, began: datetime, now: datetime) -> float | None:
    """Seconds until something goes on that has to be read as of the beginning, and waits for nothing but a token."""
    row, streams = tx.accounts.find(runtime.id), tx.streams.of_account(runtime.id)
    if row is None or row.parked_since or row.rests:
        return None
    failing = {stream.kind for stream in streams if stream.failures}
    if row.description is None and StreamKind.HEALTH in failing:
        failing.add(StreamKind.ORDERS)  # no pass begins before the account is described
    since = {StreamKind.STOCK: began, StreamKind.ORDERS: _shown_at(runtime, row, began)}
    waits = [
        stream.next_due
        for stream in streams
        if stream.kind in since.keys() - failing and _is_behind(stream, since[stream.kind])
    ]
    return max(0.1, (min(waits) - now).total_seconds()) if waits else None  # another daemon may be at it


def _is_behind(stream: StreamRow, instant: datetime) -> bool:
    return stream.window is not None or stream.watermark is None or stream.watermark < instant


def _shown_at(runtime: Runtime, row: AccountRow, instant: datetime) -> datetime:
    """Until when a list of orders is complete at an instant, in channel time. An offset is learned as it goes on."""
    facts = runtime.channel.operations.get("fetch_orders")
    lag = facts.settle_lag if isinstance(facts, Reads) else timedelta()
    return instant - runtime.pace.scaled(lag) + timedelta(seconds=min(0.0, row.clock_offset))


def _report(tx: Tx, account: AccountId, before: Before) -> SyncReport:
    seen = Counter[str]()
    new, last = 0, before.event
    while events := tx.outbox.after(last, EVENTS_AT_ONCE):
        last = events[-1].id
        mine = [event for event in events if event.account == account]
        seen.update(event.name for event in mine)
        changes = [orjson.loads(event.details) for event in mine if event.name == EventName.ORDER_CHANGED]
        new += sum(change["first"] for change in changes)
    row = tx.accounts.find(account)
    return SyncReport(
        account=account,
        orders_new=new,
        orders_changed=seen[EventName.ORDER_CHANGED] - new,
        quantities_published=seen[EventName.QUANTITY_PUBLISHED],
        pushes_failed=seen[EventName.PUSH_FAILED],
        offers_drifted=seen[EventName.OFFER_DRIFTED],
        problems_opened=seen[EventName.PROBLEM_OPENED],
        throttled=_throttled(tx)[account] - before.throttled[account],
        orders_known_until=tx.streams.orders_known_until(account),
        offers_not_equal=len(not_equal(tx, account)),
        parked_since=row.parked_since if row else None,
        failing=failing_streams(tx.streams.of_account(account)),
    )


def _render_all(console: Console, reports: Sequence[SyncReport], times: Times) -> None:
    for report in reports:
        _render(console, report, times)


def _render(console: Console, report: SyncReport, times: Times) -> None:
    parts = [
        counted(report.orders_new, "new order"),
        f"{report.orders_changed} changed",
        f"{counted(report.quantities_published, 'quantity', 'quantities')} sent and read back",
    ]
    if report.pushes_failed:
        parts.append(f"{counted(report.pushes_failed, 'quantity', 'quantities')} refused by the channel")
    console.print(f"{report.account}: {', '.join(parts)}.")
    if report.orders_known_until:
        until = report.orders_known_until
        console.print(f"Every change of its orders until {times.at(until)} is stored, {times.ago(until)} ago.")
    if report.offers_drifted:
        drifted = counted(report.offers_drifted, "offer shows", "offers show")
        console.print(f"{drifted} what we did not write, and no order explains it: entrepot events tail")
    if report.offers_not_equal:
        waiting = counted(report.offers_not_equal, "offer differs", "offers differ")
        console.print(f"{waiting} from ours: entrepot offers diff {report.account}")
    if report.throttled:
        calls = counted(report.throttled, "call was", "calls were")
        console.print(f"{calls} refused for frequency, and made again later: entrepot quota")
    for stream in report.failing:
        console.print(f"{stream.stream} fails since {times.at(stream.since)}: {stream.error}")
    if report.parked_since:
        console.print(f"{report.account} is parked since {times.at(report.parked_since)}: its credentials are refused.")
    if report.problems_opened:
        console.print(f"{counted(report.problems_opened, 'new problem')}: entrepot problems")
