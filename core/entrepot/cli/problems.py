"""`problems`: what needs a person, with what to do about it."""

import json
from collections.abc import Sequence

import click
import orjson
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Refused
from entrepot.cli.show import Times, answer, as_format, counted, facts, table
from entrepot.model import Problem, ProblemKind
from entrepot.store import Tx
from entrepot.sync.assembly import catalog
from entrepot.sync.retry import RETRIED, Retried, retry


@frozen
class ProblemDetails:
    """A problem; `record` is the refused record as it came, without personal data."""

    problem: Problem
    open: bool
    record: str | None


def problem_id(text: str) -> int:
    """`P31`, or 31."""
    number = text.upper().removeprefix("P")
    if not number.isdecimal():
        raise click.BadParameter(f"{text} is no problem's id; they look like P31")
    return int(number)


@click.group(invoke_without_command=True)
@as_format
@pass_home
@click.pass_context
def problems(ctx: click.Context, home: Home, form: str) -> None:
    """What needs a person. Exits with 1 while something does."""
    if ctx.invoked_subcommand is not None:
        return
    found = home.read(lambda tx: tx.problems.all())
    times = Times(home.clock.now(), home.config.time_zone)
    answer(found, form, lambda console: _render(console, found, times))
    ctx.exit(Exit.PROBLEMS if found else Exit.FINE)


@problems.command()
@click.argument("id_", metavar="ID", type=problem_id)
@as_format
@pass_home
def show(home: Home, id_: int, form: str) -> None:
    """One problem, open or closed, with the record it is about."""
    details = home.read(lambda tx: _details(tx, id_))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(details, form, lambda console: _render_details(console, details, times))


@problems.command("retry")
@click.argument("id_", metavar="[ID]", type=problem_id, required=False)
@as_format
@pass_home
def retry_problems(home: Home, id_: int | None, form: str) -> None:
    """Take in what could not be read or mapped, after the plugin or the catalog was mended."""
    now = home.clock.now()
    channels = {account.id: account.channel for account in home.config.accounts.values()}

    def work(tx: Tx) -> Retried:
        return retry(tx, channels, catalog(home.config), now, _retriable(tx, id_))

    done = home.write(work)
    answer(done, form, lambda console: _render_retried(console, done))


def _find(tx: Tx, id_: int) -> Problem:
    problem = tx.problems.find(id_)
    if problem is None:
        raise Refused(f"there is no problem P{id_}. Next: entrepot problems")
    return problem


def _retriable(tx: Tx, id_: int | None) -> Problem | None:
    if id_ is None:
        return None
    problem = _find(tx, id_)
    if problem.kind not in RETRIED:
        message = f"P{id_} ({problem.kind}) closes by itself once its cause is gone"
        raise Refused(f"{message}. Next: {problem.next_action}")
    return problem


def _details(tx: Tx, id_: int) -> ProblemDetails:
    problem = _find(tx, id_)
    bodies = [
        letter.body.decode()
        for letter in tx.orders.dead_letters()
        if (letter.account, f"{letter.kind}/{letter.content_hash}") == (problem.account, problem.subject)
    ]
    refused = problem.kind is ProblemKind.RECORD_REFUSED
    still_open = any(one.id == id_ for one in tx.problems.all())
    return ProblemDetails(problem, still_open, bodies[0] if refused and bodies else None)


def _render(console: Console, found: Sequence[Problem], times: Times) -> None:
    if not found:
        console.print("Nothing needs a person.")
        return
    rows = [(f"P{one.id}", times.at(one.since), one.account, one.message, one.next_action) for one in reversed(found)]
    console.print(table("id  since  account  problem  next", rows, wrap={"problem", "next"}))
    console.print(f"\n{len(found)} open.")


def _render_details(console: Console, details: ProblemDetails, times: Times) -> None:
    problem = details.problem
    state = "open" if details.open else "closed"
    console.print(f"P{problem.id} {problem.kind}, {problem.severity}, {state}")
    rows = [
        ("since", "", f"{times.full(problem.since)}, {times.ago(problem.since)} ago"),
        ("account", "", problem.account or "-"),
        ("about", "", problem.subject),
        ("problem", "", problem.message),
        ("next", "", problem.next_action),
    ]
    console.print(facts(rows))
    if details.record is not None:
        console.print("\nThe record as it came:")
        as_told = json.loads(details.record, parse_float=orjson.Fragment)  # 19.990 stays 19.990
        console.print(orjson.dumps(as_told, option=orjson.OPT_INDENT_2).decode(), soft_wrap=True)


def _render_retried(console: Console, done: Retried) -> None:
    if done == Retried():
        console.print("There was nothing to retry.")
        return
    told = [
        (done.taken_in, "record was taken in", "records were taken in"),
        (done.refused, "record is refused again: entrepot problems", "records are refused again: entrepot problems"),
        (done.read_anew, "offer is looked at again", "offers are looked at again"),
        (len(done.mapped), "offer has its article now", "offers have their articles now"),
        (
            done.left,
            "record waits: its account is not in plugins.toml",
            "records wait: their accounts are not in plugins.toml",
        ),
    ]
    for number, one, many in told:
        if number:
            console.print(counted(number, one, many))
