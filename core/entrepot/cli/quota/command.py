"""`quota`: as tables, as one document, or as lines for a spreadsheet."""

import csv
import io
from collections.abc import Iterable

import click
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.quota.figures import OBJECTS, Allowance, Spending, Told, told
from entrepot.cli.show import Times, answer, grouped, table
from entrepot.store.records import CallCount


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="json: one document for programs. csv: the calls of each stored day.",
)
@pass_home
def quota(home: Home, form: str) -> None:
    """Calls made today and this month, and the limits they spend from."""
    now = home.clock.now()
    found = home.read(lambda tx: told(tx, home.config, now))
    if form == "csv":
        click.echo(_csv(found.days), nl=False)
    else:
        answer(found, form, lambda console: _render(console, found, Times(now, home.config.time_zone)))


def _csv(counts: Iterable[CallCount]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["day", "account", "operation", "about", "calls", "refused", "gets", "records"])
    for one in sorted(counts, key=lambda one: (one.day, one.account, one.operation)):
        about = OBJECTS.get(one.operation, "")
        writer.writerow([one.day, one.account, one.operation, about, one.made, one.throttled, one.gets, one.records])
    return out.getvalue()


def _render(console: Console, found: Told, times: Times) -> None:
    console.print(table(CALLS, [_call_row(one) for one in found.calls]))
    console.print()
    console.print(table(LIMITS, [_limit_row(one, times) for one in found.limits]))
    console.print(f"\nDays are those of {found.time_zone}; the month is {found.month}.")
    for budget in found.budgets:
        share, names = budget.used / budget.allowed, ", ".join(budget.accounts)
        used = f"{grouped(budget.used)} of {grouped(budget.allowed)} GET requests ({share:.0%})"
        console.print(f"{names}: {used} are used of this month's.")


CALLS = "account  operation  >calls today  >refused (429)  >this month  >GET  >records  of  >calls per 1000  spends"
WHOLE = 1000
"""From here on the rest of a request does not matter."""
LIMITS = "owner  limit  rate  state  >burst  >tokens now  >waiting"


def _call_row(one: Spending) -> tuple[object, ...]:
    month = one.month
    calls = one.today.made, one.today.refused, grouped(month.made), grouped(month.gets)
    records = None if one.about == "account" else grouped(month.records)
    about = records, f"{one.about}s", one.calls_per_1000
    return one.account, one.operation, *calls, *about, ", ".join(one.spends) or None


def _limit_row(one: Allowance, times: Times) -> tuple[object, ...]:
    waiting = ", ".join(one.waiting) or None
    return one.owner, one.limit, _rate(one.in_force), _state(one, times), one.burst, one.tokens, waiting


def _state(one: Allowance, times: Times) -> str:
    """Why the rate is what it is."""
    closed = one.closed_until is not None and one.closed_until > times.now
    words = [
        "told by the channel" if one.told is not None else "as published",
        f"slowed to {one.share:.0%} by refusals" if one.share < 1 else "",
        f"closed until {times.at(one.closed_until)}" if closed else "",
    ]
    return ", ".join(filter(None, words))


def _rate(per_second: float) -> str:
    if per_second < 1:
        return f"1 in {1 / per_second:.4g} s"
    return f"{grouped(round(per_second)) if per_second >= WHOLE else f'{per_second:.4g}'} a second"
