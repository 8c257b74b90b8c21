"""Writes docs/reference from the code. A docs test fails where a page differs from what this would write."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from entrepot import config, plugins
from entrepot.channel import CAPABILITIES, PluginHooks, facts
from entrepot.channel.bind import CODES as CHANNEL_CODES
from entrepot.cli import main as cli
from entrepot.cli.daemon import CODES as RUN_CODES
from entrepot.cli.exits import MEANINGS
from entrepot.model import EventName, ProblemKind

REFERENCE = Path(__file__).parent / "reference"

PROBLEMS: Mapping[ProblemKind, tuple[str, str]] = {
    ProblemKind.RECORD_REFUSED: (
        "A record could not be mapped; it is kept as a dead letter",
        "`problems retry` takes it in",
    ),
    ProblemKind.ORDER_FLAWED: ("An order does not add up; it is stored as it is", "a version that adds up arrives"),
    ProblemKind.OFFER_UNMAPPED: (
        "Orders wait for an offer that no article matches",
        "the catalog has it: restart, or `problems retry`",
    ),
    ProblemKind.SHIPMENT_REVERSED: (
        "A shipped quantity fell; nothing was put back",
        "by hand, once the goods are received or not",
    ),
    ProblemKind.SHIPMENT_TIME_UNCERTAIN: (
        "A count may or may not have seen a unit that left",
        "the next count of the article",
    ),
    ProblemKind.STOCK_SHORT: ("More units are promised than are there", "stock is received, or an order cancelled"),
    ProblemKind.ACCOUNT_PARKED: ("A channel refuses our credentials; only `check` is tried", "a check succeeds"),
    ProblemKind.PERMISSION_MISSING: (
        "A channel does not permit something",
        "it is permitted: at the next check or call",
    ),
    ProblemKind.CLOCK_SKEWED: ("Our clock and the channel's are over 30 s apart", "they agree again"),
    ProblemKind.STREAM_FAILING: ("A stream has failed three times in a row; it is tried on", "it succeeds"),
    ProblemKind.PAGES_REPEAT: ("A list returned the same page again; the pass is read anew", "a pass ends"),
    ProblemKind.PUSH_REJECTED: ("A channel refused a quantity", "a later quantity is accepted"),
    ProblemKind.QUANTITY_DRIFTED: (
        "A channel shows less than was sent and no order explains it",
        "the quantity is read back",
    ),
    ProblemKind.OFFER_MISSING: ("A channel no longer knows an offer", "it is seen again"),
    ProblemKind.BULK_OVERDUE: ("A bulk job has not ended for two hours", "it ends"),
    ProblemKind.OBSERVER_PARKED: ("An observer does not take its events; they wait", "it takes them"),
}


def pages() -> Iterator[tuple[str, str]]:
    """File name and text of every page."""
    yield "commands.md", _page("Commands", "`entrepot COMMAND --help` says the same.", *_commands(cli, "entrepot"))
    yield "errors.md", _page("Error codes", "Stable. Every fault names its path and the next action.", _codes())
    yield "exit-codes.md", _page("Exit codes", "Scripts may rely on them.", _table(("code", "meaning"), _exits()))
    yield "hooks.md", _page("Hooks", "Door 1: implemented by a plugin's module, with `@hookimpl`.", _hooks())
    yield "operations.md", _page("Operations", "Door 2: the public methods of a connector.", *_operations())
    yield "problems.md", _page("Problems", "What needs a person: `entrepot problems`.", _problems())
    yield (
        "events.md",
        _page("Events", "Told to observers after the commit, at least once, in order per subject.", _events()),
    )


def _page(title: str, lead: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", lead, *parts]) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _commands(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    rows = [(_name(parameter), _words(getattr(parameter, "help", None))) for parameter in command.params]
    yield f"## {path}\n\n{_words(command.help)}" + (f"\n\n{_table(('parameter', 'meaning'), rows)}" if rows else "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _commands(found, f"{path} {name}")


def _name(parameter: click.Parameter) -> str:
    return (
        f"`{parameter.human_readable_name}`"
        if isinstance(parameter, click.Argument)
        else f"`{'`, `'.join(parameter.opts)}`"
    )


def _words(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def _codes() -> str:
    tables = (
        config.CODES,
        plugins.CODES,
        CHANNEL_CODES,
        RUN_CODES,
    )
    rows = [(code, meaning) for codes in tables for code, meaning in codes.items()]
    return _table(("code", "meaning"), sorted(rows))


def _exits() -> list[tuple[str, ...]]:
    return [(str(code.value), meaning) for code, meaning in MEANINGS.items()]


def _hooks() -> str:
    methods = inspect.getmembers(PluginHooks, inspect.isfunction)
    rows = [
        (f"`{name}({', '.join(list(inspect.signature(hook).parameters)[1:])})`", _words(hook.__doc__))
        for name, hook in methods
    ]
    return _table(("hook", "when"), rows)


def _operations() -> Iterator[str]:
    for capability in CAPABILITIES:
        rows = []
        for name in capability.operations:
            needed = ", ".join(f"`{fact}`" for fact in facts.REQUIRED_FACTS.get(name, ())) or "none"
            optional = "optional" if name in capability.optional else "required"
            rows.append((f"`{name}`", optional, needed, _words(getattr(capability.spec, name).__doc__)))
        title = f"## {capability.name} (since {capability.since})"
        yield f"{title}\n\n{_table(('operation', 'in the capability', 'facts it must state', 'what it does'), rows)}"
    rows = [(str(status), kind.__name__) for status, kind in facts.STANDARD_ERRORS.items()]
    yield f"## Standard error table\n\n{_table(('status', 'raises'), rows)}"


def _problems() -> str:
    rows = [(f"`{kind}`", f"{what}.", f"{how}.") for kind, (what, how) in PROBLEMS.items()]
    return _table(("kind", "meaning", "closes when"), rows)


def _events() -> str:
    return _table(("event", "when"), [(f"`{name}`", _words(getattr(PluginHooks, name).__doc__)) for name in EventName])


def main() -> None:
    for name, text in pages():
        (REFERENCE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
