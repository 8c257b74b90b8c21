"""Counts from systems that deliver by themselves: fetched page by page, then imported as a file of counts is.

A source that fails is asked again after growing pauses; nothing of a delivery is staged before its last page is there.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from attrs import define, evolve, field, frozen

from entrepot.channel import CountPage, FetchCounts, StockCount, StockSource
from entrepot.errors import StoreError
from entrepot.model import DEFAULT_LOCATION, LocationId, ProblemKind, Sku
from entrepot.stock.sheet import Columns, Key, Reading, line_parser
from entrepot.store import Tx
from entrepot.store.records import NO_ACCOUNT, ImportState, StreamKind, StreamRow
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.blocking import Doer, Stretches, settle
from entrepot.sync.importing import CLOCKS_DIFFER, Delivery, Line, SupersededError, import_counts, preview
from entrepot.sync.runtime import Worker
from entrepot.sync.telling import TOLD_AFTER, pause_after

PAGE_PATIENCE = timedelta(seconds=20)
PATIENCE = timedelta(minutes=5)
LEASE = timedelta(minutes=8)
"""Longer than a fetch and its import take. Who outlives it repeats what another does, and nothing counts twice."""

MOST_COUNTS = 1_000_000
"""A delivery lies in memory until it is staged: 100,000 counts take about 30 MB."""

CELLS = Columns(delimiter=",", width=4, sku=0, quantity=1, location=2, counted_at=3, left_aside=())
"""A count's place in a row, which is then read as a line of a file is: with the same refusals."""

log = structlog.get_logger()


class DeliveryError(Exception):
    """What a source told does not fit together."""


@frozen
class NamedSource:
    """A plugin's source. `name` is unique and permanent: plugin and source."""

    name: str
    source: StockSource


@define
class _Fetched:
    """The pages so far."""

    parse: Callable[[int, list[str]], Line]
    first: CountPage
    lines: list[Line] = field(factory=list)
    named: Counter[Key] = field(factory=Counter)
    cursors: set[str | None] = field(factory=set)

    def take(self, page: CountPage) -> None:
        if page.next_cursor is not None and page.next_cursor in self.cursors:
            raise DeliveryError(f"the cursor {page.next_cursor!r:.60} came twice, so its pages go in a circle")
        self.cursors.add(page.next_cursor)
        if page.delivery != self.first.delivery or page.meaning is not self.first.meaning:
            message = f"a page is of the delivery {page.delivery!r}, the first one was of {self.first.delivery!r}"
            raise DeliveryError(f"{message}: it changed while it was read")
        for count in page.counts:
            row = _row(count)
            self.lines.append(self.parse(len(self.lines) + 1, row))
            self.named[Sku(row[0].strip()), LocationId(row[2].strip() or DEFAULT_LOCATION)] += 1
        if len(self.lines) > MOST_COUNTS:
            raise DeliveryError(f"it has more than {MOST_COUNTS} counts")


def add_sources(tx: Tx, sources: Iterable[NamedSource], now: datetime) -> None:
    """At a start: every source is asked at once. One that left the configuration needs nobody any more."""
    names = [one.name for one in sources]
    for name in names:
        tx.streams.ensure(NO_ACCOUNT, StreamKind.COUNTS, now, scope=name)
    tx.streams.wake(NO_ACCOUNT, StreamKind.COUNTS, now)
    for problem in tx.problems.all():
        if problem.kind is ProblemKind.STOCK_SOURCE_FAILING and problem.subject not in names:
            close_problem(tx, problem.kind, problem.account, problem.subject, now)


async def take_counts(worker: Worker, named: NamedSource, stopping: Callable[[], bool]) -> bool:
    """Fetch and import what a source has, if that is due. `stopping`: asked before each page. False: no hurry."""
    stream = await _claim(worker, named)
    if stream is None:
        return False
    stretches = Stretches(Doer(named.name, None, "fetch_counts"))
    reason = await _try(worker, named, stretches, stopping)

    def work(tx: Tx, now: datetime) -> None:
        _settle(tx, named, stream, reason, now)

    await settle(worker.store, worker.clock, stretches, work, source=named.name)
    return False


async def _claim(worker: Worker, named: NamedSource) -> StreamRow | None:
    """It is looked at first: a transaction that writes, every second, would keep others waiting for nothing."""
    now = worker.clock.now()
    stream = await worker.store.read(lambda tx: tx.streams.of_scope(StreamKind.COUNTS, named.name))
    if stream.next_due > now:
        return None
    return await worker.store.write(lambda tx: tx.streams.claim(stream.id, worker.name, now, now + LEASE))


async def _try(worker: Worker, named: NamedSource, stretches: Stretches, stopping: Callable[[], bool]) -> str | None:
    """What went wrong; None where nothing did."""
    try:
        fetched = await _fetch(worker, named, stretches, stopping)
        if fetched is not None:
            await _import(worker, named, fetched)
    except TimeoutError:
        return f"a page took longer than {PAGE_PATIENCE.total_seconds():.0f} s"
    except SupersededError as other:
        log.info("superseded", source=named.name, reason=str(other))
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; others go on
        return f"{type(error).__name__}: {error}"
    return None


async def _fetch(
    worker: Worker, named: NamedSource, stretches: Stretches, stopping: Callable[[], bool]
) -> _Fetched | None:
    """A whole delivery; None where it needs nothing, or the daemon is to stop."""
    began, fetched, request = worker.clock.now(), None, FetchCounts()
    while not stopping():
        page = await _page(named, request, stretches)
        if fetched is None:
            if await worker.store.read(partial(_needs_nothing, named=named, page=page)):
                return None
            fetched = _Fetched(line_parser(CELLS, _reading(worker, page, began)), page)
        stretches.measure(partial(fetched.take, page))
        if page.next_cursor is None:
            return fetched
        request = FetchCounts(page.next_cursor)
        if worker.clock.now() > began + PATIENCE:
            raise DeliveryError(f"it has no end after {PATIENCE.total_seconds():.0f} s")
    return None


async def _page(named: NamedSource, request: FetchCounts, stretches: Stretches) -> CountPage:
    async with asyncio.timeout(PAGE_PATIENCE.total_seconds()):
        page: Any = await stretches.of(named.source.fetch_counts(request))
    if not isinstance(page, CountPage) or not page.delivery:
        raise DeliveryError(f"fetch_counts returned {page!r:.60}, which is no CountPage with a delivery")
    return page


def _row(count: StockCount) -> list[str]:
    counted_at = "" if count.counted_at is None else count.counted_at.isoformat()
    return [str(count.sku), str(count.quantity), str(count.location or ""), counted_at]


def _reading(worker: Worker, page: CountPage, began: datetime) -> Reading:
    return Reading(
        meaning=page.meaning or worker.stock.counts,
        counted_at=began,
        latest=began + CLOCKS_DIFFER,
        zone=worker.timetable.zone,
        locations=worker.locations.own,
        only=worker.locations.only,
        held=worker.locations.held,
    )


async def _import(worker: Worker, named: NamedSource, fetched: _Fetched) -> None:
    delivery = Delivery(
        source=named.name,
        file=f"{named.name} {fetched.first.delivery}",
        reference=_reference(named, fetched.first),
        meaning=fetched.first.meaning or worker.stock.counts,
        lines=lambda: fetched.lines,
        repeated={key for key, times in fetched.named.items() if times > 1},
        articles=(),
    )
    before = await worker.store.read(lambda tx: tx.imports.decided(delivery.reference))
    if before is not None:
        _, refused = await preview(worker.store, delivery)
        if len(refused) >= before.figures.refused:
            return  # nothing was mended, and an import for each period would hide those that matter
    done, _ = await import_counts(worker.store, delivery, worker.stock.hold_if, worker.clock)
    log.info("counts_imported", source=named.name, id=done.id, state=done.state, lines=done.figures.lines)


def _needs_nothing(tx: Tx, named: NamedSource, page: CountPage) -> bool:
    """It was taken whole, or a person has it before her, or has discarded it."""
    before = tx.imports.decided(_reference(named, page))
    if before is None:
        return False
    return before.state in {ImportState.HELD, ImportState.DISCARDED} or not before.figures.refused


def _reference(named: NamedSource, page: CountPage) -> str:
    return f"import-{hashlib.sha256(f'{named.name} {page.delivery}'.encode()).hexdigest()[:20]}"


def _settle(tx: Tx, named: NamedSource, stream: StreamRow, reason: str | None, now: datetime) -> None:
    failures = 0 if reason is None else stream.failures + 1
    due = now + (named.source.period if reason is None else pause_after(failures))
    tx.streams.release(evolve(stream, next_due=due, failures=failures, last_error=reason))
    if reason is None:
        close_problem(tx, ProblemKind.STOCK_SOURCE_FAILING, None, named.name, now)
        return
    log.warning("stock_source_failed", source=named.name, failures=failures, reason=reason)
    if failures >= TOLD_AFTER:
        open_problem(
            tx,
            ProblemKind.STOCK_SOURCE_FAILING,
            None,
            named.name,
            f"the stock source {named.name} delivers no counts: {reason}",
            "mend it, or the plugin and restart; it is asked again by itself, and stock stays as it was counted last",
            now,
        )
