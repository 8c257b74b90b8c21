"""A daemon's figures, in the form that Prometheus reads. docs/how-to/monitor.md says what each of them means."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from entrepot.cli.monitor.health import Monitored, reasons
from entrepot.cli.quota.figures import Told, told
from entrepot.errors import StoreError
from entrepot.model import AccountId, ProblemKind
from entrepot.store import Tx
from entrepot.store.records import StreamKind


def exposition(monitored: Monitored) -> bytes:
    """The answer to `GET /metrics`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(monitored))
    return generate_latest(registry)


class _Figures(Collector):
    """Collected anew at each request: nothing is counted beside the store but what lives in the process."""

    def __init__(self, monitored: Monitored) -> None:
        self._monitored = monitored

    def collect(self) -> Iterator[Metric]:
        monitored = self._monitored
        yield _gauge("healthy", "1 while /healthz answers 200", 0 if reasons(monitored) else 1)
        yield from _of_the_process(monitored)
        now = monitored.home.clock.now()
        try:
            of_store = monitored.home.read(lambda tx: list(self._of_store(tx, now)))
        except StoreError:
            of_store = []  # /healthz has the reason
        yield from of_store
        yield _gauge("store_bytes", "size of the database with its log", _size(monitored.home.config.database))

    def _of_store(self, tx: Tx, now: datetime) -> Iterator[Metric]:
        yield from _of_accounts(tx, now)
        yield from _of_calls(tx)
        yield from _of_quota(told(tx, self._monitored.home.config, now))
        yield from _of_what_waits(tx)


def _of_the_process(monitored: Monitored) -> Iterator[Metric]:
    dog = monitored.watchdog
    yield _gauge("loop_lag_seconds", "how long the event loop took to answer last", dog.lag.total_seconds())
    yield _counter("loop_blocked", "how often the event loop was kept for too long", dog.times)
    unknown = CounterMetricFamily(
        "entrepot_unknown_fields", "records with a field beside the documentation", labels=["account", "kind", "field"]
    )
    never = GaugeMetricFamily(
        "entrepot_fields_never_sent", "documented fields that never came", labels=["account", "kind"]
    )
    for account, runtime in monitored.daemon.worker.accounts.items():
        for (kind, path), records in dict(runtime.reader.drift.unknown).items():
            unknown.add_metric([account, kind, path], records)
        for kind, fields in runtime.reader.drift.by_kind().items():
            never.add_metric([account, kind], fields)
    yield from (unknown, never)


def _of_accounts(tx: Tx, now: datetime) -> Iterator[Metric]:
    labels = ["account"]
    stored = GaugeMetricFamily("entrepot_orders_stored", "orders in the database", labels=labels)
    newest = GaugeMetricFamily("entrepot_newest_order_timestamp_seconds", "newest change of an order", labels=labels)
    lag = GaugeMetricFamily("entrepot_intake_lag_seconds", "since when changes may not be stored yet", labels=labels)
    unequal = GaugeMetricFamily("entrepot_offers_not_equal", "offers that show another number than ours", labels=labels)
    orders = {account: (count, changed) for account, count, changed in tx.orders.counts()}
    offers = tx.offers.unequal()
    for row in tx.accounts.all():
        count, changed = orders.get(row.id, (0, None))
        stored.add_metric([row.id], count)
        unequal.add_metric([row.id], offers.get(row.id, 0))
        if changed is not None:
            newest.add_metric([row.id], changed.timestamp())
        known_until = tx.streams.orders_known_until(row.id)
        if known_until is not None and not row.rests:  # what nobody asks for is not late
            lag.add_metric([row.id], max(0.0, (now - known_until).total_seconds()))
    yield from (stored, newest, lag, unequal)


def _of_calls(tx: Tx) -> Iterator[Metric]:
    made, refused = Counter[tuple[AccountId, str]](), Counter[tuple[AccountId, str]]()
    for count in tx.quota.counts():
        made[count.account, count.operation] += count.made
        refused[count.account, count.operation] += count.throttled
    labels = ["account", "operation"]
    calls = CounterMetricFamily("entrepot_calls", "calls of a channel", labels=labels)
    throttled = CounterMetricFamily("entrepot_calls_throttled", "calls that a channel answered with 429", labels=labels)
    for key, number in made.items():
        calls.add_metric([*key], number)
        throttled.add_metric([*key], refused[key])
    yield from (calls, throttled)


def _of_quota(quota: Told) -> Iterator[Metric]:
    gets = GaugeMetricFamily("entrepot_month_gets", "GET requests of this month", labels=["account", "operation"])
    for spending in quota.calls:
        gets.add_metric([spending.account, spending.operation], spending.month.gets)
    labels = ["owner", "limit"]
    published = GaugeMetricFamily("entrepot_limit_published_rate", "requests per second, published", labels=labels)
    used = GaugeMetricFamily("entrepot_limit_rate", "requests per second, as learned from answers", labels=labels)
    for allowance in quota.limits:
        published.add_metric([allowance.owner, allowance.limit], allowance.published)
        used.add_metric([allowance.owner, allowance.limit], allowance.in_force)
    yield from (gets, published, used)


def _of_what_waits(tx: Tx) -> Iterator[Metric]:
    problems = GaugeMetricFamily("entrepot_problems_open", "problems that are open", labels=["kind"])
    found = Counter(problem.kind for problem in tx.problems.all())
    for kind in ProblemKind:
        problems.add_metric([kind], found[kind])
    backlog = GaugeMetricFamily("entrepot_outbox_backlog", "events that an observer was not told", labels=["observer"])
    parked = GaugeMetricFamily("entrepot_outbox_parked", "events that wait for a next try", labels=["observer"])
    last = tx.outbox.last_id()
    for stream in tx.streams.all():
        if stream.kind is StreamKind.TELL:
            backlog.add_metric([stream.scope], last - tx.outbox.told_until(stream.scope))
            parked.add_metric([stream.scope], len(tx.outbox.parked(stream.scope)))
    yield from (problems, backlog, parked)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"entrepot_{name}", words, value=value)


def _counter(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(f"entrepot_{name}", words, value=value)


def _size(database: Path) -> int:
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
