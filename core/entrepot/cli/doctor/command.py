"""The command, and its report."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrepot.cli.context import Home, pass_home
from entrepot.cli.doctor.account import examine
from entrepot.cli.doctor.finding import Finding, State, Subject
from entrepot.cli.doctor.machine import configuration, database, told_faults
from entrepot.cli.doctor.refused import Patient
from entrepot.cli.doctor.vault import vault
from entrepot.cli.exits import Exit
from entrepot.cli.show import answer, as_format, counted
from entrepot.config import AccountConfig
from entrepot.errors import ConfigError, StoreError


@click.command()
@click.argument("account", required=False)
@as_format
@pass_home
@click.pass_context
def doctor(ctx: click.Context, home: Home, account: str | None, form: str) -> None:
    """Prove the configuration, the database, and each account with its channel. With ACCOUNT: of these that one.

    Only reads are sent. Their calls are counted in the database, which is made where it is absent. Exit code 1:
    something is wrong; a warning alone is none.
    """
    findings = _examine_all(home, account)
    answer(findings, form, lambda console: _render(console, findings))
    ctx.exit(Exit.PROBLEMS if any(one.state is State.ERROR for one in findings) else Exit.FINE)


def _examine_all(home: Home, only: str | None) -> list[Finding]:
    try:
        home.config  # noqa: B018 - reads plugins.toml
    except ConfigError as wrong:
        return told_faults(home, wrong.faults)
    accounts = [home.account(only)] if only else list(home.config.accounts.values())
    found = list(configuration(home))
    try:
        return found + asyncio.run(_examine(home, accounts))
    except StoreError as refused:
        message, _, action = str(refused).partition(". Next: ")
        return [*found, Subject("store").wrong("D030", message, action or "entrepot store check")]


async def _examine(home: Home, accounts: Sequence[AccountConfig]) -> list[Finding]:
    """One account after the other: some channels count the calls of all together."""
    async with home.store(make=True) as store:
        found = list(database(home)) + await vault(home, store)
        for account in accounts:
            found += [] if account.missing else await examine(Patient(home, store, account))
        return found


def _render(console: Console, findings: Sequence[Finding]) -> None:
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    before = ""
    for one in findings:
        name = _name(one)
        code = f" ({one.code})" if one.code else ""
        grid.add_row(Text("" if name == before else name), Text(one.state.value), Text(one.message + code))
        if one.next:
            grid.add_row("", "", Text(f"Next: {one.next}"))
        before = name
    console.print(grid)
    states = Counter(one.state for one in findings)
    totals = f"{counted(states[State.WARN], 'warning')}, {counted(states[State.ERROR], 'error')}"
    console.print(f"{totals}. Nothing was changed on any channel.")


def _name(one: Finding) -> str:
    """An account's own line bears its id; what belongs to it stands below."""
    if not one.account:
        return one.subject
    return one.account if one.subject == "account" else f"  {one.subject}"
