"""What the reference says to authors of channels and plugins, from the doors that the code has for them."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from docs.shapes import call_rows, calls_table, class_section, parameters, protocol_section, table, words
from entrepot import channel, model, testing
from entrepot.channel import CAPABILITIES, PluginHooks, facts, operations
from entrepot.channel.bind import API_VERSION
from entrepot.errors import NothingListens
from entrepot.testing.trial import Trial

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


def hooks_page() -> Iterator[str]:
    methods = inspect.getmembers(PluginHooks, inspect.isfunction)
    rows = [
        (f"`{name}({', '.join(list(inspect.signature(hook).parameters)[1:])})`", _kind(hook), words(hook.__doc__))
        for name, hook in methods
    ]
    yield table(("hook", "kind", "when"), rows)
    yield "## What commands are lent"
    yield from map(protocol_section, (channel.Accounts, channel.OpenAccount))
    yield class_section(channel.ConfiguredAccount)
    yield "## Stock sources"
    yield from map(class_section, (channel.StockSource, channel.FetchCounts, channel.CountPage, channel.StockCount))


def _kind(hook: Any) -> str:
    return "observer" if inspect.iscoroutinefunction(hook) else "at loading"


def versions_page() -> Iterator[str]:
    yield f'This Entrepot has the channel API {API_VERSION}: write `api = "{API_VERSION}"`.'
    rows = [
        (f"`{one.name}`", one.since, _listed(set(one.operations) - one.optional, one), _listed(one.optional, one))
        for one in CAPABILITIES
    ]
    yield table(("capability", "since", "operations", "optional ones"), rows)


def _listed(names: Iterable[str], capability: channel.Capability) -> str:
    return ", ".join(f"`{name}`" for name in capability.operations if name in names)


def operations_page() -> Iterator[str]:
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
            rows.append((f"`{name}`{optional}", *shown, words(method.__doc__).removeprefix("Optional. ")))
        maps = f", maps: {', '.join(f'`{kind}`' for kind in capability.maps)}" if capability.maps else ""
        title = f"### {capability.name} (since {capability.since}{maps})"
        yield f"{title}\n\n{table(('operation', 'request', 'result', 'what it does'), rows)}"
    yield "## Requests and results"
    inner = (operations.StockItem, operations.BulkState, operations.CredentialWarning)
    yield from map(class_section, (*used, *inner))
    yield "## Facts\n\nWhat a channel declares, and the core obeys. A fact that an operation must state has no default."
    needed = [(f"`{name}`", ", ".join(f"`{fact}`" for fact in stated)) for name, stated in facts.REQUIRED_FACTS.items()]
    yield table(("operation", "facts it must state"), needed)
    declared = (channel.ChannelType, channel.Limit, channel.Reads, channel.Writes, channel.SimulatorConfig)
    yield from map(class_section, declared)
    yield "## What the core lends"
    yield class_section(channel.Ports)
    yield from map(protocol_section, (channel.Http, channel.HttpFactory, channel.Authorization, channel.Vault))
    yield class_section(channel.Reply)
    yield class_section(channel.TokenAnswer)
    yield from _errors()


def _errors() -> Iterator[str]:
    yield (
        "## Errors\n\nA channel maps a status, or (status, its own code), to what the core does next. Anything that "
        "is not listed is `RejectedError` for 4xx and `TransientError` for the rest."
    )
    yield f"`ChannelError`, of which all of them are: {words(channel.ChannelError.__doc__)}"
    yield table(("error", "what the core does next"), [(f"`{kind.__name__}`", text) for kind, text in NEXT.items()])
    rows = [(str(status), f"`{kind.__name__}`") for status, kind in facts.STANDARD_ERRORS.items()]
    yield f"### STANDARD_ERRORS\n\n{table(('status', 'error'), rows)}"


def model_page() -> Iterator[str]:
    kinds = [getattr(model, name) for name in model.__all__]
    written = [kind for kind in kinds if kind in OF_CHANNELS]
    yield "## Values"
    yield from map(class_section, written)
    yield "## Functions"
    helpers = (model.utc, model.total, model.minor_digits, model.order_flaws)
    rows = [row for helper in helpers for row in call_rows(helper.__name__, helper)]
    yield table(("call", "meaning"), rows)


def testing_page() -> Iterator[str]:
    yield f"## The contract\n\n{words((testing.ConnectorContract.__doc__ or '').partition('    class')[0])}"
    yield table(("attribute", "meaning"), [(f"`{name}`", meaning) for name, meaning in ATTRIBUTES.items()])
    yield from calls_table(testing.ConnectorContract, ("simulate",))
    yield "### Its cases"
    cases = inspect.getmembers(testing.ConnectorContract, inspect.isfunction)
    found = [(name, case) for name, case in cases if name.startswith("test_")]
    rows = [(f"`{name}`", _source(case), words(case.__doc__), _left_out(case)) for name, case in found]
    yield table(("case", "in", "what it asks", "skipped where"), sorted(rows, key=lambda row: row[1]))
    yield f"## The shop's double\n\n`ShopDouble`: {words(testing.ShopDouble.__doc__)}"
    yield from calls_table(testing.ShopDouble)
    yield table(("call", "meaning"), list(call_rows("route", testing.route)))
    yield from map(class_section, (testing.Answer, testing.Found, testing.PageFault, testing.Call))
    yield from calls_table(testing.Call)
    yield f"`Refusal({parameters(testing.Refusal.__init__)})`: {words(testing.Refusal.__doc__)}"
    yield f"`CursorError`: {words(testing.CursorError.__doc__)}"
    yield f"## One trial\n\n{words(Trial.__doc__)}"
    yield from calls_table(Trial)


def _left_out(case: Any) -> str:
    """By what the channel or its double declares. Cases of capabilities that it has not are not there at all."""
    return "; ".join(unless for _, unless in getattr(case, "concerns", ()) if unless)


def _source(function: Any) -> str:
    path = Path(*function.__module__.split(".")).with_suffix(".py")
    return f"[{path.stem}](../../core/{path.as_posix()})"
