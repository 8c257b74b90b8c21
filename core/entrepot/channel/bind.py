"""Checks a channel's facts and a connector's operations before the first call.

pluggy finds misspelled operations and superfluous arguments. What it lets pass (async generators, a half capability,
two connectors in one manager, other signatures) is refused here. Faults are returned, all of them.
"""

import difflib
import inspect
from collections.abc import Iterator
from typing import Any, cast
from weakref import WeakKeyDictionary, WeakSet

import pluggy
from attrs import fields_dict, frozen, has

from entrepot.channel.capabilities import CAPABILITIES, BulkStock, Orders, Required, Stock
from entrepot.channel.facts import REQUIRED_FACTS, UNDECLARED, ChannelType, Facts
from entrepot.channel.hooks import PROJECT
from entrepot.errors import Fault
from entrepot.model import Order

API_VERSION = "1.0"

CODES = {
    "E301": "A channel was written for another version of the channel API.",
    "E302": "An operation that the connector has states no facts.",
    "E303": "Facts are stated for an operation that does not exist.",
    "E304": "An operation spends from a limit that is not declared.",
    "E305": "A fact is missing; there is no safe default.",
    "E306": "A limit allows nothing.",
    "E307": "A map is not a plain function.",
    "E308": "Nothing is said of the personal data in a kind of record.",
    "E309": "What makes one version of an order newer than another is not said.",
    "E310": "The setting that says whose account it is does not exist.",
    "E311": "Nothing says which application asks, or the setting that is to say it does not exist.",
    "E401": "A public method of the connector is no operation.",
    "E402": "An operation is not a coroutine function.",
    "E403": "An operation does not take (self, request).",
    "E404": "A capability is implemented by half.",
    "E405": "A map that a capability needs is missing.",
    "E406": "pluggy refuses the connector.",
}
"""What each fault of a channel or a connector means."""

KNOWN_OPERATIONS = frozenset(name for capability in CAPABILITIES for name in capability.operations)


@frozen
class Bound:
    """A connector that passed every check; a capability that it lacks is None."""

    channel: ChannelType
    connector: Any
    required: Required
    orders: Orders | None
    stock: Stock | None
    bulk_stock: BulkStock | None


def bind(channel: ChannelType, connector: object) -> Bound:
    """Join a checked connector and its channel. Call `connector_faults` first."""
    offered = operations_of(type(connector))

    def part(name: str) -> Any:
        capability = next(c for c in CAPABILITIES if c.name == name)
        return connector if offered >= set(capability.operations) - capability.optional else None

    return Bound(
        channel,
        connector,
        cast("Required", connector),
        part("orders"),
        part("stock"),
        part("bulk_stock"),
    )


_FOUND: WeakKeyDictionary[type[Any], frozenset[str]] = WeakKeyDictionary()
"""pluggy asks for each attribute of each connector; the answer is the class's."""


def operations_of(kind: type[Any]) -> frozenset[str]:
    """The public methods of a connector class; `aclose` is not one."""
    if kind not in _FOUND:
        _FOUND[kind] = frozenset(_public_methods(kind))
    return _FOUND[kind]


def _public_methods(kind: type[Any]) -> Iterator[str]:
    names = {name for name, member in inspect.getmembers_static(kind) if not name.startswith("_")}
    return (name for name in names if name != "aclose" and callable(inspect.getattr_static(kind, name)))


def connector_faults(channel: ChannelType, connector: object) -> list[Fault]:
    """What is wrong with a connector, each with the method's name."""
    kind: type[Any] = type(connector)
    faults = [*_signature_faults(kind), *_capability_faults(channel, kind)]
    return faults or list(_pluggy_faults(connector))


def _signature_faults(kind: type[Any]) -> Iterator[Fault]:
    for name in sorted(operations_of(kind)):
        where = f"{kind.__module__}.{kind.__qualname__}.{name}"
        method = inspect.getattr_static(kind, name)
        if name not in KNOWN_OPERATIONS:
            next_action = f"{_spelled(name)}, or begin a helper's name with an underscore"
            yield Fault("E401", where, "no such operation", next_action)
        elif not inspect.iscoroutinefunction(method):
            yield Fault(
                "E402", where, "an operation is `async def` and returns one page", "make it a coroutine function"
            )
        elif list(inspect.signature(method).parameters) != ["self", "request"]:
            yield Fault("E403", where, "an operation takes (self, request)", "take everything else from the request")


def _spelled(name: str) -> str:
    close = difflib.get_close_matches(name, sorted(KNOWN_OPERATIONS), n=1)
    return f"write {close[0]}" if close else "take it out"


def _capability_faults(channel: ChannelType, kind: type[Any]) -> Iterator[Fault]:
    offered = operations_of(kind)
    where = f"{kind.__module__}.{kind.__qualname__}"
    for capability in CAPABILITIES:
        needed = set(capability.operations) - capability.optional
        missing = needed - offered
        wanted = capability.name == "required" or offered & set(capability.operations)
        if wanted and missing:
            yield Fault(
                "E404", where, f"capability {capability.name} lacks {', '.join(sorted(missing))}", "implement it whole"
            )
        for record in capability.maps if wanted else ():
            if record not in channel.maps:
                yield Fault("E405", f"{channel.id}.maps", f"no map for {record!r}", f"add maps[{record!r}]")
    for name in sorted(offered & set(REQUIRED_FACTS)):
        if name not in channel.operations:
            yield Fault("E302", f"{channel.id}.operations", f"no facts for {name}", "declare Reads(...) or Writes(...)")


_REGISTERED: WeakSet[type[Any]] = WeakSet()
"""Connectors that pluggy took: what it looks at is the class, and a channel may have a hundred accounts."""


def _pluggy_faults(connector: object) -> Iterator[Fault]:
    if type(connector) in _REGISTERED:
        return
    manager = _OperationManager(PROJECT)
    for capability in CAPABILITIES:
        manager.add_hookspecs(capability.spec)
    try:
        manager.register(connector)
        manager.check_pending()
        _REGISTERED.add(type(connector))
    except pluggy.PluginValidationError as refused:
        where = f"{type(connector).__module__}.{type(connector).__qualname__}"
        reasons = [line for line in str(refused).splitlines() if not line.startswith("Plugin ")]  # a number is no name
        yield Fault("E406", where, "; ".join(reasons), "make the method match its specification")


class _OperationManager(pluggy.PluginManager):
    """Every public method is an implementation, so that authors need no decorators and misspellings are found."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        return {} if name in operations_of(type(plugin)) else None


def channel_faults(channel: ChannelType) -> list[Fault]:
    """What is wrong with a channel's declared facts."""
    return [*_version_faults(channel), *_operation_faults(channel), *_record_faults(channel)]


def _version_faults(channel: ChannelType) -> Iterator[Fault]:
    ours, theirs = (text.partition(".") for text in (API_VERSION, channel.api))
    fits = theirs[0] == ours[0] and theirs[2].isdigit() and int(theirs[2]) <= int(ours[2])
    if not fits:
        yield Fault(
            "E301",
            f"{channel.id}.api",
            f"written for channel API {channel.api}, this Entrepot has {API_VERSION}",
            "install versions of plugin and entrepot that belong together",
        )


def _operation_faults(channel: ChannelType) -> Iterator[Fault]:
    for name, facts in channel.operations.items():
        where = f"{channel.id}.operations.{name}"
        if name not in KNOWN_OPERATIONS:
            yield Fault("E303", where, "facts for an operation that does not exist", _spelled(name))
        for limit in facts.spends:
            if limit not in channel.limits:
                yield Fault("E304", where, f"spends from {limit!r}, which is no limit", f"declare limits[{limit!r}]")
        for fact in REQUIRED_FACTS.get(name, ()):
            if _undeclared(facts, fact):
                yield Fault("E305", where, f"fact {fact} is missing", "state it; there is no safe default")
    for name, declared in channel.limits.items():
        for bucket in (declared, *declared.application.values()):
            if bucket.per_second <= 0 or bucket.burst < 1:
                where = f"{channel.id}.limits.{name}"
                yield Fault("E306", where, "it allows nothing", "give it a rate above 0 and a burst from 1")


def _undeclared(facts: Facts, fact: str) -> bool:
    return getattr(facts, fact, UNDECLARED) is UNDECLARED


def _record_faults(channel: ChannelType) -> Iterator[Fault]:
    for kind, mapper in channel.maps.items():
        if inspect.iscoroutinefunction(mapper):
            yield Fault(
                "E307", f"{channel.id}.maps.{kind}", "it is a coroutine function", "make the map a plain, pure function"
            )
        if kind not in channel.pii_paths:
            yield Fault("E308", f"{channel.id}.pii_paths", f"nothing said of {kind!r}", "name its paths, or say ()")
    if "order" in channel.maps and channel.revision.get("order") not in fields_dict(Order):
        yield Fault(
            "E309",
            f"{channel.id}.revision",
            "it names no field of an Order by which a newer version is told from an older one",
            'say {"order": "changed_at"}, or {"order": "revision"} where the channel numbers its changes',
        )
    yield from _owner_faults(channel)


def _owner_faults(channel: ChannelType) -> Iterator[Fault]:
    """Of the settings that say for whom, and through what, an account's calls are made."""
    named = fields_dict(channel.settings) if has(channel.settings) else ()
    if channel.seller is not None and channel.seller not in named:
        yield Fault("E310", f"{channel.id}.seller", f"the settings have no {channel.seller!r}", "name one of theirs")
    where = f"{channel.id}.application"
    if channel.application is not None and channel.application not in named:
        yield Fault("E311", where, f"the settings have no {channel.application!r}", "name one of theirs")
    if channel.application is None and any(limit.application for limit in channel.limits.values()):
        yield Fault("E311", where, "limits of an application, and nothing says which", "name the setting that says it")
