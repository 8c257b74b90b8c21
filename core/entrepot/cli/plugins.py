"""`plugins list`: what is installed, what of it is enabled, and why."""

import click
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.show import answer, as_format, table
from entrepot.plugins import GROUP, Candidate


@click.group()
def plugins() -> None:
    """Installed and enabled plugins."""


@plugins.command("list")
@click.option("--why", is_flag=True, help="Say of each why it is loaded or not.")
@as_format
@pass_home
def list_plugins(home: Home, form: str, *, why: bool) -> None:
    """Every plugin that is installed or enabled. Works where the rest of plugins.toml is faulty, too."""
    candidates = home.plugins.candidates
    answer(candidates, form, lambda console: _render(console, candidates, why=why))


def _render(console: Console, candidates: tuple[Candidate, ...], *, why: bool) -> None:
    if not candidates:
        console.print(f"No plugin is installed: no distribution here has an entry point of the group {GROUP}.")
        return
    columns = "plugin  state  distribution  version" + ("  why" if why else "")
    rows = [
        (one.name, one.state, one.dist or None, one.version or None, *((one.reason,) if why else ()))
        for one in candidates
    ]
    console.print(table(columns, rows, wrap={"why"}))
