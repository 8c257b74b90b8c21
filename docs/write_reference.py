"""Writes docs/reference from the code. A docs test fails where a page differs from what this would write.

Run from the root: python -m docs.write_reference
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click

from docs.channel_pages import hooks_page, model_page, operations_page, testing_page, versions_page
from docs.shapes import table, words
from entrepot import config, plugins
from entrepot.channel import PluginHooks
from entrepot.channel.bind import CODES as CHANNEL_CODES
from entrepot.cli import main as cli
from entrepot.cli.connecting import CODES as RUN_CODES
from entrepot.cli.doctor import CODES as DOCTOR_CODES
from entrepot.cli.exits import MEANINGS
from entrepot.model import EventName

REFERENCE = Path(__file__).parent / "reference"

EVENTS: Mapping[EventName, tuple[str, tuple[str, ...]]] = {
    EventName.ORDER_CHANGED: ("order/ID", ("status", "first")),
    EventName.STOCK_CHANGED: ("sku/SKU", ("available",)),
    EventName.OVERSELL_RISK_DETECTED: ("sku/SKU", ("shortage",)),
    EventName.QUANTITY_PUBLISHED: ("offer/OFFER", ("sent", "seen")),
    EventName.PUSH_FAILED: ("offer/OFFER", ("quantity", "reason")),
    EventName.OFFER_DRIFTED: ("offer/OFFER", ("seen", "expected", "corrected")),
    EventName.STREAM_HEALTH_CHANGED: ("stream/KIND", ("healthy",)),
    EventName.PROBLEM_OPENED: ("KIND/SUBJECT", ("kind", "message", "next_action")),
    EventName.PROBLEM_CLOSED: ("KIND/SUBJECT", ("kind",)),
}

BLOCK = re.compile(r"(<!-- code:begin[^\n]*-->\n).*?(<!-- code:end -->)", re.DOTALL)


def pages() -> Iterator[tuple[str, str]]:
    """File name and text of every page: its own words, and between two marks what the code says."""
    for name, parts in BLOCKS.items():
        page = (REFERENCE / name).read_text("utf-8")
        yield name, filled(page, "\n" + "\n\n".join(parts()) + "\n\n")


def filled(page: str, block: str) -> str:
    return BLOCK.sub(lambda found: found[1] + block + found[2], page)


def _commands(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    rows = [(_name(one), _values(one), _default(one), words(getattr(one, "help", None))) for one in command.params]
    head = ("parameter", "value", "default", "meaning")
    yield f"## {path}\n\n{words(command.help)}" + (f"\n\n{table(head, rows)}" if rows else "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _commands(found, f"{path} {name}")


def _name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return f"`{parameter.make_metavar(click.Context(click.Command('')))}`"
    return f"`{'`, `'.join(parameter.opts)}`"


def _values(parameter: click.Parameter) -> str:
    if getattr(parameter, "is_flag", False):
        return "flag"
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return ", ".join(f"`{choice}`" for choice in kind.choices)
    if isinstance(kind, click.IntRange | click.FloatRange):
        least = f"above {kind.min}" if kind.min_open else f"from {kind.min}"
        return f"number {least}" + (f" to {kind.max}" if kind.max is not None else "")
    return kind.name


def _default(parameter: click.Parameter) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    known = isinstance(default, str | int | float) and not getattr(parameter, "is_flag", False)
    variable = f", or `${parameter.envvar}`" if parameter.envvar else ""
    return f"`{default}`{variable}" if known else ""


def _codes() -> str:
    tables = (config.CODES, plugins.CODES, CHANNEL_CODES, RUN_CODES, DOCTOR_CODES)
    rows = [(code, meaning) for codes in tables for code, meaning in codes.items()]
    return table(("code", "meaning"), sorted(rows))


def _exits() -> list[tuple[str, ...]]:
    return [(str(code.value), meaning) for code, meaning in MEANINGS.items()]


def _events() -> str:
    rows = [
        (
            f"`{name}`",
            f"`{subject}`",
            ", ".join(f"`{one}`" for one in details),
            words(getattr(PluginHooks, name).__doc__),
        )
        for name, (subject, details) in EVENTS.items()
    ]
    return table(("event", "subject", "details", "when"), rows)


BLOCKS: Mapping[str, Callable[[], Iterable[str]]] = {
    "channel-api.md": versions_page,
    "commands.md": lambda: _commands(cli, "entrepot"),
    "errors.md": lambda: [_codes()],
    "events.md": lambda: [_events()],
    "exit-codes.md": lambda: [table(("code", "meaning"), _exits())],
    "hooks.md": hooks_page,
    "model.md": model_page,
    "operations.md": operations_page,
    "testing.md": testing_page,
}


def main() -> None:
    for name, text in pages():
        (REFERENCE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
