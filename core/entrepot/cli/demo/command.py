"""`demo`: one simulated day, and a measured report of it."""

from collections.abc import Mapping, Sequence

import click
from attrs import frozen
from click.core import ParameterSource

from entrepot.cli import logs
from entrepot.cli.connecting import observers_of
from entrepot.cli.context import Home, pass_home
from entrepot.cli.demo.failed_calls import FailedCalls
from entrepot.cli.demo.figures import order_names, render
from entrepot.cli.demo.stage import set_stage, time_scale
from entrepot.cli.demo.watching import bar, stopped_by_signals
from entrepot.cli.exits import Exit, Refused, lacking
from entrepot.cli.show import answer, as_format, span
from entrepot.model import AccountId
from entrepot.simulation import ThreadsBanned
from entrepot.simulation.virtual_time.pacing import Pace
from entrepot.simulation.worlds.report import AtRest, Calls, Orders, Published, Report
from entrepot.simulation.worlds.trading_day import Plan, draw_plan, length, live_through


@frozen
class Document:
    """The JSON answer. Orders are named as account/id: two channels may use the same id."""

    orders: Orders
    published: Published
    calls: Mapping[AccountId, Mapping[str, Calls]]
    throttled: int
    oversold_by_us: Sequence[str]
    oversold_by_lag: Sequence[str]
    at_rest: Mapping[AccountId, AtRest]
    problems: int
    database: str


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed brings the same figures.")
@click.option(
    "--real-time",
    is_flag=True,
    help="Watch it: the same day beside the clock, as many times as fast as `time_scale` of the accounts says.",
)
@as_format
@pass_home
@click.pass_context
def demo(ctx: click.Context, home: Home, seed: int, form: str, *, real_time: bool) -> None:
    """Live through one simulated day on the accounts that have simulators.

    It takes less than a minute and needs no network. The database stays, in the folder demo beside plugins.toml. Exit
    code 1: an order was lost, or is stored without its last change; a call was refused for its frequency; more was
    sold than there was by our own fault; or an offer shows in the end another number than it should. Open problems do
    not change it: the last line tells them. Ctrl-C ends the day early, with the report of what was lived; a second one
    stops at once, with exit code 130.
    """
    failed = FailedCalls()
    _hush(ctx, home, failed)
    stage = set_stage(home)
    scale = time_scale(home.document.values) if real_time else None
    plan, report = _live(home, stage, seed, scale)
    failed.tell_repeated()
    answer(_document(stage, report), form, lambda console: render(console, stage, plan, report, failed.others))
    ctx.exit(Exit.FINE if report.kept else Exit.PROBLEMS)


def _hush(ctx: click.Context, home: Home, failed: FailedCalls) -> None:
    """A report, not a log; who asks for the daemon's log by --log-level gets it."""
    root = ctx.find_root()
    hushed = root.get_parameter_source("log_level") is ParameterSource.DEFAULT
    level = "warning" if hushed else root.params["log_level"]
    logs.configure(level, root.params["log_format"], home.redactor, failed)


def _live(home: Home, stage: Home, seed: int, scale: int | None) -> tuple[Plan, Report]:
    """The day is over now, or when the clock will have caught up with it."""
    config, end = stage.config, home.clock.now().replace(second=0, microsecond=0)
    if scale is not None:
        takes = length(config) / scale
        end += takes
        click.echo(f"{span(takes)} at time_scale = {scale}. Ctrl-C ends the day with the report so far.", err=True)
    plan, pace = draw_plan(config, seed, end), Pace(home.clock, scale)
    title = f"A day of trade (seed {seed})"
    with stopped_by_signals(pace), bar(title, config.time_zone, told=scale is not None) as watch:
        try:
            return plan, live_through(config, plan, pace, watch, tuple(observers_of(stage)))
        except ThreadsBanned as banned:
            raise Refused(
                f"a plugin cannot live in virtual time: {banned}. Next: leave it out of [plugins]"
            ) from banned
        except ModuleNotFoundError as missing:
            raise lacking(missing) from missing


def _document(stage: Home, report: Report) -> Document:
    return Document(
        orders=report.orders,
        published=report.published,
        calls={id_: account.calls for id_, account in report.accounts.items()},
        throttled=report.throttled,
        oversold_by_us=order_names(report.oversold_by_us),
        oversold_by_lag=order_names(report.oversold_by_lag),
        at_rest={id_: account.at_rest for id_, account in report.accounts.items()},
        problems=sum(report.problems.values()),
        database=str(stage.config.database),
    )
