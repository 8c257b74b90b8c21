"""`demo`: one simulated day, and a measured report of it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations

import click
from attrs import frozen
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from entrepot.cli import logs
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit
from entrepot.cli.show import answer, as_format, span
from entrepot.cli.stage import command_line, relative, set_stage
from entrepot.model import AccountId
from entrepot.simulation.replay import Oversold
from entrepot.simulation.report import Account, Calls, Orders, Published, Report, percentile
from entrepot.simulation.trading_day import Plan, Watch, draw_plan, live_through

Row = tuple[str, Mapping[AccountId, str]]
"""A label, and its figure for each account that has one."""


@frozen
class Document:
    """The JSON answer. Orders are named as account/id: two channels may use the same id."""

    orders: Orders
    published: Published
    calls: Mapping[AccountId, Mapping[str, Calls]]
    throttled: int
    oversold_by_us: Sequence[str]
    oversold_by_lag: Sequence[str]
    problems: int
    database: str


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed brings the same figures.")
@as_format
@pass_home
@click.pass_context
def demo(ctx: click.Context, home: Home, seed: int, form: str) -> None:
    """Live through one simulated day on the accounts that have simulators.

    It takes less than a minute and needs no network. The database stays, in the folder demo beside plugins.toml. Exit
    code 1: an order was lost, a call was refused for its frequency, or more was sold than there was by our own fault.
    """
    _hush(ctx, home)
    stage = set_stage(home)
    plan = draw_plan(stage.config, seed, home.clock.now().replace(second=0, microsecond=0))
    with _progress(seed) as watch:
        report = live_through(stage.config, plan, watch)
    answer(_document(stage, report), form, lambda console: _render(console, stage, plan, report))
    ctx.exit(Exit.FINE if report.kept else Exit.PROBLEMS)


def _hush(ctx: click.Context, home: Home) -> None:
    """A report, not a log; who asks for the daemon's log by --log-level gets it."""
    root = ctx.find_root()
    if root.get_parameter_source("log_level") is ParameterSource.DEFAULT:
        logs.configure("warning", root.params["log_format"], home.redactor)


@contextmanager
def _progress(seed: int) -> Iterator[Watch]:
    """A bar on a terminal. It is drawn when the day tells of itself, and has no thread of its own."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console, visible = Console(stderr=True, highlight=False), sys.stderr.isatty()
    with Progress(*columns, console=console, auto_refresh=False, transient=True, disable=not visible) as bar:
        task = bar.add_task(f"A day of trade (seed {seed})", total=1.0)

        def watch(over: float, orders: Mapping[AccountId, int]) -> None:
            counts = ", ".join(f"{account} {number}" for account, number in orders.items())
            description = f"A day of trade (seed {seed}), orders: {counts}"
            bar.update(task, completed=over, description=description, refresh=True)

        yield watch


def _document(stage: Home, report: Report) -> Document:
    return Document(
        orders=report.orders,
        published=report.published,
        calls={id_: account.calls for id_, account in report.accounts.items()},
        throttled=report.throttled,
        oversold_by_us=_names(report.oversold_by_us),
        oversold_by_lag=_names(report.oversold_by_lag),
        problems=report.problems,
        database=str(stage.config.database),
    )


def _names(cases: Sequence[Oversold]) -> list[str]:
    """An order may have been oversold in several of its articles; it is named once."""
    return list(dict.fromkeys(f"{case.account}/{case.sale.order}" for case in cases))


def _render(console: Console, stage: Home, plan: Plan, report: Report) -> None:
    console.print(_figures(plan, report))
    console.print(f"\nThe database stays: {relative(stage.config.database)}. Now try")
    commands = list(_next_commands(stage, report))
    width = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        console.print(f"  {command:{width}}   {purpose}", soft_wrap=True)  # a command that is cut cannot be pasted


def _figures(plan: Plan, report: Report) -> Table:
    figures = Table.grid(padding=(0, 4, 0, 0))
    figures.add_column()
    for _ in report.accounts:
        figures.add_column(no_wrap=True)
    figures.add_row(
        Text(f"A day of trade (seed {plan.seed})", "bold"), *(Text(name, "bold") for name in report.accounts)
    )
    for label, cells in _rows(plan, report):
        figures.add_row(Text(f"  {label}"), *(Text(cells.get(name, "")) for name in report.accounts))
    return figures


def _rows(plan: Plan, report: Report) -> Iterator[Row]:
    accounts = report.accounts
    first = next(iter(accounts))
    yield "articles / with less in stock than the day wants", {first: _of(len(plan.counted), len(plan.scarce))}
    yield (
        "orders placed in the market / stored here",
        {id_: _of(one.orders.market, one.orders.stored) for id_, one in accounts.items()},
    )
    yield from _lag_rows(report)
    yield "oversold: by us / by channel lag", {id_: _oversold(report, id_) for id_ in accounts}
    yield from _call_rows(accounts)
    yield "refused with 429", {id_: str(one.throttled) for id_, one in accounts.items()}
    yield (
        "quantities published / read back and equal",
        {id_: _of(one.published.sent, one.published.effective) for id_, one in accounts.items()},
    )
    if any(one.replaced for one in accounts.values()):
        yield (
            "  replaced by a newer one before that",
            {id_: str(one.replaced) for id_, one in accounts.items()},
        )
    yield (
        "offers / showing what the ledger has, in the end",
        {id_: _of(one.at_rest.offers, one.at_rest.right) for id_, one in accounts.items()},
    )
    yield "open problems", {first: str(report.problems)}


def _lag_rows(report: Report) -> Iterator[Row]:
    for sold_on, lowered_on in permutations(report.accounts, 2):
        lags = report.lags.get((sold_on, lowered_on))
        if lags:
            figures = " / ".join(_seconds(percentile(lags, share)) for share in (0.5, 0.99))
            yield f"sale on {sold_on} -> lower on {lowered_on}, p50 / p99", {lowered_on: figures}


def _seconds(lag: timedelta) -> str:
    return f"{lag.total_seconds():.0f} s" if lag < timedelta(minutes=10) else span(lag)


def _oversold(report: Report, account: AccountId) -> str:
    ours, lag = (
        _names([case for case in cases if case.account == account])
        for cases in (report.oversold_by_us, report.oversold_by_lag)
    )
    return _of(len(ours), len(lag))


def _call_rows(accounts: Mapping[AccountId, Account]) -> Iterator[Row]:
    """Operations that were called at all, in the order in which their channel declares them."""
    called = {name: None for account in accounts.values() for name, calls in account.calls.items() if calls.made}
    for place, name in enumerate(called):
        label = "calls made / allowed: " if place == 0 else " " * 22
        cells = {id_: account.calls[name] for id_, account in accounts.items() if name in account.calls}
        yield label + name, {id_: _of(calls.made, calls.allowed) for id_, calls in cells.items()}


def _of(one: int, other: int) -> str:
    return f"{one:,} / {other:,}".replace(",", " ")


def _next_commands(stage: Home, report: Report) -> Iterator[tuple[str, str]]:
    one = report.example
    which = ["--account", one.account] if one.shared else []
    yield command_line(stage, "offers", "why", one.offer), f"why does {one.account} show {one.shown}?"
    yield command_line(stage, "orders", "show", one.order, *which), "an order's whole story"
    yield command_line(stage, "problems"), "what needs a person"
