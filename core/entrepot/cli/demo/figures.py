"""The demo's report for people: what the markets have beside what the store has, in columns by account."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrepot.cli.context import Home
from entrepot.cli.demo.stage import command_line, relative
from entrepot.cli.show import counted, grouped, span
from entrepot.model import AccountId
from entrepot.simulation.worlds.replay import Oversold
from entrepot.simulation.worlds.report import Account, Example, Report, percentile
from entrepot.simulation.worlds.trading_day import Plan

Row = tuple[str, Mapping[AccountId, str]]
"""A label, and its figure for each account that has one."""

KEPT = "No order was lost, no call refused for frequency, nothing oversold by us"

BETWEEN = 2
"""Blanks between two columns: three accounts fit into 80 columns."""


def render(console: Console, stage: Home, plan: Plan, report: Report, failed: int) -> None:
    """`failed`: calls that were refused or lost otherwise than for frequency."""
    console.print(*_title(stage, plan, report), _figures(report), *_verdict(report, failed), sep="\n")
    for line in _wrong_offers(stage, report):
        console.print(line, soft_wrap=True)
    console.print(f"\nThe database stays: {relative(stage.config.database)}.", soft_wrap=True)
    if report.example is not None:
        console.print("Now try")
        _print_commands(console, list(_about(stage, report.example)))
    console.print(f"\n{_open_problems(stage, report)}", soft_wrap=True)


def _title(stage: Home, plan: Plan, report: Report) -> Iterator[Text]:
    day = "A day of trade" if report.lived is None else f"{span(report.lived)} of a day of trade, ended early"
    yield Text(f"{day} (seed {plan.seed}, times of {stage.config.time_zone.key})", "bold")
    articles = counted(len(plan.counted), "article")
    yield Text(f"{articles}, {len(plan.scarce)} of them with less in stock than the day wants\n")


def _figures(report: Report) -> Table:
    figures = Table.grid(padding=(0, BETWEEN, 0, 0))
    figures.add_column()
    for _ in report.accounts:
        figures.add_column(no_wrap=True)
    figures.add_row("", *(Text(name, "bold") for name in report.accounts))
    for label, cells in _rows(report):
        figures.add_row(Text(label), *(Text(cells.get(name, "")) for name in report.accounts))
    return figures


def _rows(report: Report) -> Iterator[Row]:
    accounts = report.accounts
    yield (
        "orders in the market / stored",
        {id_: _of(one.orders.market, one.orders.stored) for id_, one in accounts.items()},
    )
    yield from _marketplace_rows(accounts)
    yield "oversold by us / by channel lag", {id_: _oversold(report, id_) for id_ in accounts}
    yield (
        "quantities sent / read back",
        {id_: _of(one.published.sent, one.published.effective) for id_, one in accounts.items()},
    )
    if any(one.replaced for one in accounts.values()):
        yield "  overtaken by a newer one", {id_: str(one.replaced) for id_, one in accounts.items()}
    yield (
        "offers / right in the end",
        {id_: _of(one.at_rest.offers, one.at_rest.right) for id_, one in accounts.items()},
    )
    yield from _lag_rows(report)
    yield from _call_rows(accounts)
    yield "  refused with 429", {id_: str(one.throttled) for id_, one in accounts.items()}


def _marketplace_rows(accounts: Mapping[AccountId, Account]) -> Iterator[Row]:
    """Of accounts that sell in several."""
    several = {id_: one.sold_in for id_, one in accounts.items() if len(one.sold_in) > 1}
    for marketplace in sorted({name for sold_in in several.values() for name in sold_in}):
        sold = {id_: sold_in[marketplace] for id_, sold_in in several.items() if marketplace in sold_in}
        yield f"  in {marketplace}", {id_: _of(orders.market, orders.stored) for id_, orders in sold.items()}


def _lag_rows(report: Report) -> Iterator[Row]:
    """From a sale on one account to the lower number on another, which names the column."""
    if report.lags:
        yield "lowered here, p50 / p99", {}
    for sold_on in report.accounts:
        answers = {lowered_on: lags for (source, lowered_on), lags in report.lags.items() if source == sold_on and lags}
        if answers:
            yield (
                f"  after a sale on {sold_on}",
                {lowered_on: _percentiles(lags) for lowered_on, lags in answers.items()},
            )


def _percentiles(lags: Sequence[timedelta]) -> str:
    return " / ".join(_seconds(percentile(lags, share)) for share in (0.5, 0.99))


def _seconds(lag: timedelta) -> str:
    return f"{lag.total_seconds():.0f} s" if lag < timedelta(minutes=10) else span(lag)


def _oversold(report: Report, account: AccountId) -> str:
    ours, lag = (
        order_names([case for case in cases if case.account == account])
        for cases in (report.oversold_by_us, report.oversold_by_lag)
    )
    return _of(len(ours), len(lag))


def order_names(cases: Sequence[Oversold]) -> list[str]:
    """As account/id. An order may have been oversold in several of its articles; it is named once."""
    return list(dict.fromkeys(f"{case.account}/{case.sale.order}" for case in cases))


def _call_rows(accounts: Mapping[AccountId, Account]) -> Iterator[Row]:
    """Operations that were called at all, in the order in which their channel declares them."""
    yield "calls made / allowed", {}
    called = {name: None for account in accounts.values() for name, calls in account.calls.items() if calls.made}
    for name in called:
        cells = {id_: account.calls[name] for id_, account in accounts.items() if name in account.calls}
        yield f"  {name}", {id_: _of(calls.made, calls.allowed) for id_, calls in cells.items()}


def _of(one: int, other: int) -> str:
    return f"{grouped(one)} / {grouped(other)}"


def _verdict(report: Report, failed: int) -> Iterator[str]:
    orders = report.orders
    lost = orders.market - orders.stored
    differ = counted(orders.differing, "stored order differs", "stored orders differ")
    broken = [
        f"{counted(lost, 'order')} lost" if lost else "",
        f"{differ} from the market's (in {', '.join(orders.fields)})" if orders.differing else "",
        f"{counted(report.throttled, 'call')} refused for frequency" if report.throttled else "",
        f"{counted(len(order_names(report.oversold_by_us)), 'order')} oversold by us" if report.oversold_by_us else "",
        f"{counted(report.wrong, 'offer')} wrong in the end" if report.wrong else "",
    ]
    yield "\n" + (", ".join(filter(None, broken)) or KEPT) + "."
    if failed:
        yield f"{counted(failed, 'call')} failed: the warnings above say why."
    if report.oversold_by_lag:
        yield "By channel lag: sold on two channels before anybody could know; a buffer makes it rarer."


def _wrong_offers(stage: Home, report: Report) -> Iterator[str]:
    for id_, account in report.accounts.items():
        wrong, offers = account.at_rest.wrong, account.at_rest.offers
        if wrong:
            shows = "shows another number than it should" if wrong == 1 else "show other numbers than they should"
            command = command_line(stage, "offers", "diff", id_)
            yield f"{grouped(wrong)} of {counted(offers, 'offer')} on {id_} {shows}: {command}"


def _open_problems(stage: Home, report: Report) -> str:
    """The last line, so that nobody overlooks it."""
    kinds = ", ".join(f"{kind} {grouped(number)}" for kind, number in sorted(report.problems.items()))
    if not kinds:
        return "No problem is open."
    number = counted(sum(report.problems.values()), "problem is", "problems are")
    return f"{number} open ({kinds}): {command_line(stage, 'problems')}"


def _about(stage: Home, one: Example) -> Iterator[tuple[str, str]]:
    which = ["--account", one.account] if one.shared else []
    yield command_line(stage, "offers", "why", one.offer), f"why does {one.account} show {one.shown}?"
    yield command_line(stage, "orders", "show", one.order, *which), "an order's whole story"


def _print_commands(console: Console, commands: Sequence[tuple[str, str]]) -> None:
    """A command that is cut cannot be pasted: where it leaves no room for its purpose, that stands above."""
    width = max(len(command) for command, _ in commands)
    beside = all(width + len(purpose) + 5 <= console.width for _, purpose in commands)
    for command, purpose in commands:
        text = f"  {command:{width}}   {purpose}" if beside else f"  # {purpose}\n  {command}"
        console.print(text, soft_wrap=True)
