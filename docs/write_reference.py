"""Writes docs/reference from the code. A docs test fails where a page differs from what this would write."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import click

from entrepot import channel, config, model, plugins, testing
from entrepot.channel import CAPABILITIES, PluginHooks, facts, operations
from entrepot.channel.bind import API_VERSION
from entrepot.channel.bind import CODES as CHANNEL_CODES
from entrepot.cli import main as cli
from entrepot.cli.connecting import CODES as RUN_CODES
from entrepot.cli.doctor import CODES as DOCTOR_CODES
from entrepot.cli.exits import MEANINGS
from entrepot.errors import NothingListens
from entrepot.model import EventName
from entrepot.testing.trial import Trial

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

NEXT: Mapping[type[channel.ChannelError], str] = {
    channel.AuthError: "The account parks; only `check` is tried, at 5 minutes doubling to hourly. Of several: a wave.",
    channel.ConsentRevoked: "The account parks at once, whatever others do.",
    channel.ApplicationRefused: "All accounts of the application rest, with one problem; one of them tries.",
    channel.ForbiddenError: "A problem names the operation. It is tried on with growing pauses.",
    channel.DataRefused: "The orders are asked for without those data sets, told, and read again once they return.",
    channel.RateLimited: "The bucket counts as empty. The call waits for a little more than its own period.",
    channel.TransientError: "Tried again later, with growing pauses. From a write it becomes `UnknownOutcome`.",
    channel.CursorExpired: "The pass begins again, over half the span.",
    NothingListens: "The simulator does not run; the core raises it. Tried again later; a client on its own tells it.",
    channel.UnknownOutcome: "The write may have been applied: it is read back before it is sent again.",
    channel.RejectedError: "This item is not sent again unchanged. Others go on.",
}


BLOCK = re.compile(r"(<!-- code:begin[^\n]*-->\n).*?(<!-- code:end -->)", re.DOTALL)


def pages() -> Iterator[tuple[str, str]]:
    """File name and text of every page: its own words, and between two marks what the code says."""
    for name, parts in BLOCKS.items():
        page = (REFERENCE / name).read_text("utf-8")
        yield name, filled(page, "\n" + "\n\n".join(parts()) + "\n\n")


def filled(page: str, block: str) -> str:
    return BLOCK.sub(lambda found: found[1] + block + found[2], page)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _words(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


# Commands


def _commands(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    rows = [(_name(one), _values(one), _default(one), _words(getattr(one, "help", None))) for one in command.params]
    head = ("parameter", "value", "default", "meaning")
    yield f"## {path}\n\n{_words(command.help)}" + (f"\n\n{table(head, rows)}" if rows else "")
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


# Codes


def _codes() -> str:
    tables = (config.CODES, plugins.CODES, CHANNEL_CODES, RUN_CODES, DOCTOR_CODES)
    rows = [(code, meaning) for codes in tables for code, meaning in codes.items()]
    return table(("code", "meaning"), sorted(rows))


def _exits() -> list[tuple[str, ...]]:
    return [(str(code.value), meaning) for code, meaning in MEANINGS.items()]


# Doors


def _hooks() -> Iterator[str]:
    methods = inspect.getmembers(PluginHooks, inspect.isfunction)
    rows = [
        (f"`{name}({', '.join(list(inspect.signature(hook).parameters)[1:])})`", _kind(hook), _words(hook.__doc__))
        for name, hook in methods
    ]
    yield table(("hook", "kind", "when"), rows)
    yield "## What commands are lent"
    yield from map(_protocol, (channel.Accounts, channel.OpenAccount))
    yield _class(channel.ConfiguredAccount)
    yield "## Stock sources"
    yield from map(_class, (channel.StockSource, channel.FetchCounts, channel.CountPage, channel.StockCount))


def _kind(hook: Any) -> str:
    return "observer" if inspect.iscoroutinefunction(hook) else "at loading"


def _versions() -> Iterator[str]:
    yield f'This Entrepot has the channel API {API_VERSION}: write `api = "{API_VERSION}"`.'
    rows = [
        (f"`{one.name}`", one.since, _listed(set(one.operations) - one.optional, one), _listed(one.optional, one))
        for one in CAPABILITIES
    ]
    yield table(("capability", "since", "operations", "optional ones"), rows)


def _listed(names: Iterable[str], capability: channel.Capability) -> str:
    return ", ".join(f"`{name}`" for name in capability.operations if name in names)


def _operations() -> Iterator[str]:
    yield f'The channel API is {API_VERSION}; a plugin states `api = "{API_VERSION}"`.'
    yield "## Operations\n\nA capability is implemented whole, but for its optional operations, or not at all."
    used: dict[Any, None] = {}
    for capability in CAPABILITIES:
        rows = []
        for name in capability.operations:
            method = getattr(capability.spec, name)
            hints = get_type_hints(method)
            used |= dict.fromkeys(hints.values())
            optional = " (optional)" if name in capability.optional else ""
            shown = (f"`{hints['request'].__name__}`", f"`{hints['return'].__name__}`")
            rows.append((f"`{name}`{optional}", *shown, _words(method.__doc__).removeprefix("Optional. ")))
        maps = f", maps: {', '.join(f'`{kind}`' for kind in capability.maps)}" if capability.maps else ""
        title = f"### {capability.name} (since {capability.since}{maps})"
        yield f"{title}\n\n{table(('operation', 'request', 'result', 'what it does'), rows)}"
    yield "## Requests and results"
    inner = (operations.StockItem, operations.BulkState, operations.CredentialWarning)
    yield from map(_class, (*used, *inner))
    yield "## Facts\n\nWhat a channel declares, and the core obeys. A fact that an operation must state has no default."
    needed = [(f"`{name}`", ", ".join(f"`{fact}`" for fact in stated)) for name, stated in facts.REQUIRED_FACTS.items()]
    yield table(("operation", "facts it must state"), needed)
    declared = (channel.ChannelType, channel.Limit, channel.Reads, channel.Writes, channel.SimulatorConfig)
    yield from map(_class, declared)
    yield "## What the core lends"
    yield _class(channel.Ports)
    yield from map(_protocol, (channel.Http, channel.HttpFactory, channel.Authorization, channel.Vault))
    yield _class(channel.Reply)
    yield _class(channel.TokenAnswer)
    yield from _errors()


def _class(shape: Any) -> str:
    """Its docstring, and its fields with types and defaults."""
    lines = [f"### {shape.__name__}"]
    if shape.__doc__ and not shape.__doc__.startswith(f"Method generated by attrs for class {shape.__name__}"):
        lines.append(_words(shape.__doc__))
    if attrs.has(shape):
        fields = [one for one in attrs.fields(shape) if one.init]
        rows = [(f"`{one.name.lstrip('_')}`", f"`{_type(one.type)}`", _field_default(one)) for one in fields]
        lines += [table(("field", "type", "default"), rows)] if rows else []
    else:
        lines.append(", ".join(f"`{member}`" for member in shape))
    return "\n\n".join(lines)


def _protocol(shape: Any) -> str:
    """Its docstring, and its methods with their parameters."""
    lines = [f"### {shape.__name__}", _words(shape.__doc__), *_calls(shape)]
    return "\n\n".join(line for line in lines if line)


def _calls(shape: Any, names: Iterable[str] = ()) -> Iterator[str]:
    """A table of methods and properties: the named ones, else all that are public."""
    found = {name: member for kind in reversed(shape.__mro__) for name, member in vars(kind).items()}
    public = [name for name in found if not name.startswith("_")]
    called = ["__call__"] if _is_protocol(shape) and "__call__" in found else []
    chosen = names or [*called, *public]
    rows = [row for name in chosen for row in _call(name, found[name])]
    if rows:
        yield table(("call", "meaning"), rows)


def _call(name: str, member: Any) -> Iterator[tuple[str, ...]]:
    function = inspect.unwrap(member) if callable(member) else member
    if isinstance(member, property):
        yield f"`{name}`", _words(member.__doc__)
    elif inspect.isfunction(function):
        shown = "" if name == "__call__" else name
        told = inspect.signature(function).return_annotation
        result = "" if told in (None, inspect.Signature.empty) else f" -> {_type(told)}"
        waited = "await " if inspect.iscoroutinefunction(function) else ""
        words = _words(inspect.getdoc(function)) if shown else ""
        yield f"`{waited}{shown}({_parameters(function)}){result}`", words


def _is_protocol(shape: Any) -> bool:
    return bool(getattr(shape, "_is_protocol", False))


def _parameters(function: Any) -> str:
    """With types, without `self`. A default that is no plain value is shown as dots."""
    shown: list[str] = []
    for one in list(inspect.signature(function).parameters.values()):
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and "*" not in shown and not any(word.startswith("*") for word in shown):
            shown.append("*")
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        plain = one.default is None or isinstance(one.default, str | int | Decimal)
        default = "" if one.default is one.empty else f" = {one.default!r}" if plain else " = ..."
        shown.append(f"{stars}{one.name}: {_type(one.annotation)}{default}")
    return ", ".join(shown)


def _type(kind: Any) -> str:
    """As an author writes it, without the modules."""
    text = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z~])|\bdatetime\.(?=[a-z])|~|'", "", text)


def _field_default(one: "attrs.Attribute[Any]") -> str:
    if one.default is attrs.NOTHING:
        return "required"
    if one.default is facts.UNDECLARED:
        return "not stated"
    if isinstance(one.default, attrs.Factory):  # type: ignore[arg-type]  # a class, typed as a function
        return "empty"
    if isinstance(one.default, Enum):
        return f"`{type(one.default).__name__}.{one.default.name}`"
    default = getattr(one.default, "__name__", None) or repr(one.default)
    return f"`{default}`"


def _errors() -> Iterator[str]:
    yield (
        "## Errors\n\nA channel maps a status, or (status, its own code), to what the core does next. Anything that "
        "is not listed is `RejectedError` for 4xx and `TransientError` for the rest."
    )
    yield f"`ChannelError`, of which all of them are: {_words(channel.ChannelError.__doc__)}"
    yield table(("error", "what the core does next"), [(f"`{kind.__name__}`", text) for kind, text in NEXT.items()])
    rows = [(str(status), f"`{kind.__name__}`") for status, kind in facts.STANDARD_ERRORS.items()]
    yield f"### STANDARD_ERRORS\n\n{table(('status', 'error'), rows)}"


# What authors write and test with


def _model() -> Iterator[str]:
    kinds = [getattr(model, name) for name in model.__all__]
    written = [kind for kind in kinds if kind in OF_CHANNELS]
    yield "## Values"
    yield from map(_class, written)
    yield "## Functions"
    helpers = (model.utc, model.total, model.minor_digits, model.order_flaws)
    rows = [row for helper in helpers for row in _call(helper.__name__, helper)]
    yield table(("call", "meaning"), rows)


def _testing() -> Iterator[str]:
    yield f"## The contract\n\n{_words((testing.ConnectorContract.__doc__ or '').partition('    class')[0])}"
    yield table(("attribute", "meaning"), [(f"`{name}`", meaning) for name, meaning in ATTRIBUTES.items()])
    yield from _calls(testing.ConnectorContract, ("simulate",))
    yield "### Its cases"
    cases = inspect.getmembers(testing.ConnectorContract, inspect.isfunction)
    found = [(name, case) for name, case in cases if name.startswith("test_")]
    rows = [(f"`{name}`", _source(case), _words(case.__doc__), _left_out(case)) for name, case in found]
    yield table(("case", "in", "what it asks", "skipped where"), sorted(rows, key=lambda row: row[1]))
    yield f"## The shop's double\n\n`ShopDouble`: {_words(testing.ShopDouble.__doc__)}"
    yield from _calls(testing.ShopDouble)
    yield table(("call", "meaning"), list(_call("route", testing.route)))
    yield from map(_class, (testing.Answer, testing.Found, testing.PageFault, testing.Call))
    yield from _calls(testing.Call)
    yield f"`Refusal({_parameters(testing.Refusal.__init__)})`: {_words(testing.Refusal.__doc__)}"
    yield f"`CursorError`: {_words(testing.CursorError.__doc__)}"
    yield f"## One trial\n\n{_words(Trial.__doc__)}"
    yield from _calls(Trial)


def _left_out(case: Any) -> str:
    """By what the channel or its double declares. Cases of capabilities that it has not are not there at all."""
    return "; ".join(unless for _, unless in getattr(case, "concerns", ()) if unless)


def _source(function: Any) -> str:
    path = Path(*function.__module__.split(".")).with_suffix(".py")
    return f"[{path.stem}](../../core/{path.as_posix()})"


ATTRIBUTES: Mapping[str, str] = {
    "channel": "The `ChannelType`.",
    "shop": "The class of its double.",
    "settings": "An account's `settings` table, as in plugins.toml.",
    "marketplaces": "As in plugins.toml; left out: all that the account has.",
}

OF_CHANNELS = frozenset(
    {
        model.Address,
        model.Alias,
        model.Buyer,
        model.Cancellation,
        model.DataSet,
        model.DataSetState,
        model.Fulfillment,
        model.Marketplace,
        model.Money,
        model.Order,
        model.OrderLine,
        model.OrderStatus,
        model.Package,
        model.PackageStatus,
        model.Payment,
        model.Recipient,
        model.RelatedOrder,
        model.StockLevel,
        model.TaxCollection,
        model.TimeRange,
        model.Window,
    }
)
"""What a map returns, a request holds or a description names."""


# What happens


def _events() -> str:
    rows = [
        (
            f"`{name}`",
            f"`{subject}`",
            ", ".join(f"`{one}`" for one in details),
            _words(getattr(PluginHooks, name).__doc__),
        )
        for name, (subject, details) in EVENTS.items()
    ]
    return table(("event", "subject", "details", "when"), rows)


BLOCKS: Mapping[str, Callable[[], Iterable[str]]] = {
    "channel-api.md": _versions,
    "commands.md": lambda: _commands(cli, "entrepot"),
    "errors.md": lambda: [_codes()],
    "events.md": lambda: [_events()],
    "exit-codes.md": lambda: [table(("code", "meaning"), _exits())],
    "hooks.md": _hooks,
    "model.md": _model,
    "operations.md": _operations,
    "testing.md": _testing,
}


def main() -> None:
    for name, text in pages():
        (REFERENCE / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
