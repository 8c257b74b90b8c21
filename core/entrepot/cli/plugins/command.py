"""`plugins list`, `show` and `check`: what is installed, what of it is enabled, what it brings, and what is wrong."""

from collections import defaultdict
from collections.abc import Sequence

import click
from attrs import evolve, frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Exit
from entrepot.cli.plugins.page import PluginPage, page, render
from entrepot.cli.show import answer, as_format, counted, fault_text, table
from entrepot.errors import ConfigError, Fault
from entrepot.plugins import GROUP, Candidate, Examination, examine, installed

OF_THE_FILE = {"E201", "E204"}
"""Faults of a line in [plugins], whatever the plugin itself is like: not installed, another version."""

NOTHING_INSTALLED = f"No plugin is installed: no distribution here has an entry point of the group {GROUP}."


@click.group()
def plugins() -> None:
    """Installed and enabled plugins."""


@plugins.command("list")
@click.option("--why", is_flag=True, help="Say of each why it is loaded or not.")
@as_format
@pass_home
@click.pass_context
def list_plugins(ctx: click.Context, home: Home, form: str, *, why: bool) -> None:
    """Every plugin that is installed or enabled. Works where the rest of plugins.toml is faulty, too.

    Exit code 78: one that is enabled is not installed, or in another version.
    """
    candidates = home.plugins.candidates
    answer(candidates, form, lambda console: _render_list(console, candidates, why=why))
    ctx.exit(Exit.CONFIG if _faults_of_file(home) else Exit.FINE)


@plugins.command()
@click.argument("name", metavar="ID")
@as_format
@pass_home
def show(home: Home, name: str, form: str) -> None:
    """What a channel has: its settings, capabilities, limits and facts.

    ID is a channel of an enabled plugin, or any installed plugin. Needs no account.
    """
    shown = _page(home, name)
    answer(shown, form, lambda console: render(console, shown))


@plugins.command()
@click.argument("name", metavar="[ID]", required=False)
@as_format
@pass_home
@click.pass_context
def check(ctx: click.Context, home: Home, name: str | None, form: str) -> None:
    """Import every plugin that is installed or enabled, or one, and tell all of its faults, without an account.

    Examined are hooks, facts and operations, and whether what plugins.toml enables is there. What a plugin does is
    examined by its contract: pytest in its folder. Exit code 78: there are faults.
    """
    of_file = _faults_of_file(home)
    known = sorted({*installed(), *of_file})
    if name is not None and name not in known:
        raise unknown("installed plugin", name, known)
    found = [_examine(one, of_file.get(one, [])) for one in ([name] if name else known)]
    answer([_checked(one) for one in found], form, lambda console: _render_check(console, found))
    ctx.exit(Exit.CONFIG if any(one.faults for one in found) else Exit.FINE)


@frozen
class Checked:
    """`unbound` are channels whose `connect` names no class: their operations were not examined."""

    plugin: str
    channels: Sequence[str]
    observers: Sequence[str]
    stock_sources: Sequence[str]
    unbound: Sequence[str]
    faults: Sequence[Fault]


def _page(home: Home, name: str) -> PluginPage:
    """Imports only what plugins.toml enables and what is named. Raises Refused, and ConfigError with its faults."""
    here = installed()
    enabled = home.document.plugins if home.path.exists() else {}
    found = {one: examine(one) for one in here if one in enabled or one == name}
    brought = {channel.id: one for one in found.values() for channel in one.channels}
    if name not in found and name not in brought:
        raise unknown("channel of an enabled plugin, nor installed plugin,", name, {*here, *brought})
    chosen = found.get(name) or brought[name]
    if chosen.faults:
        raise ConfigError(chosen.faults)
    return page(chosen, "" if name in found else name)


def _faults_of_file(home: Home) -> dict[str, list[Fault]]:
    """By the plugin that they are about. Raises ConfigError where [plugins] cannot be read."""
    faults = home.plugins.faults if home.path.exists() else ()
    told = defaultdict[str, list[Fault]](list)
    for fault in faults:
        if fault.code in OF_THE_FILE:
            told[fault.path.rpartition(".")[2]].append(fault)
    return told


def _examine(name: str, of_file: Sequence[Fault]) -> Examination:
    found = examine(name)
    return evolve(found, faults=(*of_file, *(fault for fault in found.faults if fault.code not in OF_THE_FILE)))


def _checked(found: Examination) -> Checked:
    return Checked(
        plugin=found.plugin.name,
        channels=[channel.id for channel in found.channels],
        observers=[observer.name for observer in found.observers],
        stock_sources=[source.name for source in found.stock_sources],
        unbound=found.unbound,
        faults=found.faults,
    )


def _render_list(console: Console, candidates: tuple[Candidate, ...], *, why: bool) -> None:
    if not candidates:
        console.print(NOTHING_INSTALLED)
        return
    columns = "plugin  state  distribution  version" + ("  why" if why else "")
    rows = [
        (one.name, one.state, one.dist or None, one.version or None, *((one.reason,) if why else ()))
        for one in candidates
    ]
    console.print(table(columns, rows, wrap={"why"}))


def _render_check(console: Console, found: Sequence[Examination]) -> None:
    if not found:
        console.print(NOTHING_INSTALLED)
        return
    rows = [(one.plugin.name, one.plugin.dist or None, _brings(one), _result(one)) for one in found]
    console.print(table("plugin  distribution  brings  result", rows, wrap={"result"}))
    for fault in (fault for one in found for fault in one.faults):
        console.print(f"\n{fault_text(fault)}")


def _brings(found: Examination) -> str | None:
    channels = [f"channel {channel.id}" for channel in found.channels]
    observers = [counted(len(found.observers), "observer")] if found.observers else []
    sources = [counted(len(found.stock_sources), "stock source")] if found.stock_sources else []
    return ", ".join(channels + observers + sources) or None


def _result(found: Examination) -> str:
    if found.faults:
        return counted(len(found.faults), "fault")
    if found.unbound:
        return f"fine, but for the operations of {', '.join(found.unbound)}: its connect names no class"
    return "fine"
