"""What `plugins show` tells of a plugin: its channels with their settings, capabilities, limits and facts."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import attrs
from attrs import frozen
from rich.console import Console

from entrepot.channel import CAPABILITIES, ChannelType, Facts, Limit, Secret
from entrepot.channel.facts import UNDECLARED
from entrepot.cli.show import span, table
from entrepot.plugins import Examination

APART = {"spends", "writes"}
"""Fields of an operation's facts that have a place of their own."""


@frozen
class Setting:
    """`default` is None where the setting is required."""

    name: str
    type: str
    required: bool
    default: str | None


@frozen
class Operation:
    """`facts` by name; spans of time in seconds."""

    name: str
    writes: bool
    spends: Mapping[str, int]
    facts: Mapping[str, Any]


@frozen
class ChannelPage:
    """`marketplaces` that an account may name, each with its region. `stock_pools`: of each that shares a number."""

    id: str
    api: str
    mapper_version: str
    simulator: bool
    capabilities: Sequence[str]
    settings: Sequence[Setting]
    limits: Mapping[str, Limit]
    operations: Sequence[Operation]
    marketplaces: Mapping[str, str]
    stock_pools: Mapping[str, str]
    personal_data: Mapping[str, Sequence[str]]


@frozen
class PluginPage:
    plugin: str
    distribution: str
    version: str
    channels: Sequence[ChannelPage]
    observers: Sequence[str]
    stock_sources: Sequence[str]


def page(found: Examination, channel: str = "") -> PluginPage:
    """Of the whole plugin, or of one of its channels."""
    channels = [one for one in found.channels if channel in {"", one.id}]
    return PluginPage(
        plugin=found.plugin.name,
        distribution=found.plugin.dist,
        version=found.plugin.version,
        channels=[_channel(one) for one in channels],
        observers=[] if channel else [one.name for one in found.observers],
        stock_sources=[] if channel else [one.name for one in found.stock_sources],
    )


def _channel(channel: ChannelType) -> ChannelPage:
    return ChannelPage(
        id=channel.id,
        api=channel.api,
        mapper_version=channel.mapper_version,
        simulator=channel.simulator is not None,
        capabilities=_capabilities(channel),
        settings=[_setting(field) for field in attrs.fields(channel.settings) if field.init],
        limits=channel.limits,
        operations=[
            Operation(name, facts.writes, facts.spends, {key: _number(value) for key, value in _stated(facts)})
            for name, facts in channel.operations.items()
        ],
        marketplaces=channel.marketplaces,
        stock_pools=channel.stock_pools,
        personal_data=channel.pii_paths,
    )


def _capabilities(channel: ChannelType) -> list[str]:
    offered = channel.operations.keys()
    return [one.name for one in CAPABILITIES[1:] if set(one.operations) - one.optional <= offered]


def _setting(field: "attrs.Attribute[Any]") -> Setting:
    required = field.default is attrs.NOTHING
    default = None if required or isinstance(field.default, attrs.Factory) else str(field.default)  # type: ignore[arg-type]  # a class, typed as a function
    return Setting(field.alias or field.name, _kind(field.type), required, default)


def _kind(kind: Any) -> str:
    """As plugins.toml has it where that is plain, else as Python writes it."""
    plain = {str: "text", int: "number", bool: "true or false", Secret: "secret"}
    written = kind if isinstance(kind, str) else inspect.formatannotation(kind)
    return plain.get(kind) or re.sub(r"\b(?:[a-z_]+\.)+(?=\w)", "", written)


def _stated(facts: Facts) -> Iterator[tuple[str, Any]]:
    for field in attrs.fields(type(facts)):
        value = getattr(facts, field.name)
        absent = value is UNDECLARED or value == field.default
        if field.name not in APART and not absent:
            yield field.name, value


def _number(value: Any) -> Any:
    return value.total_seconds() if isinstance(value, timedelta) else value


def render(console: Console, shown: PluginPage) -> None:
    source = f"{shown.distribution} {shown.version}".strip() or "no distribution"
    console.print(f"Plugin {shown.plugin}, from {source}.")
    if shown.observers:
        console.print(f"Observers: {', '.join(shown.observers)}.")
    if shown.stock_sources:
        console.print(f"Stock sources: {', '.join(shown.stock_sources)}.")
    for channel in shown.channels:
        _render_channel(console, channel)


def _render_channel(console: Console, channel: ChannelPage) -> None:
    console.print(f"\nChannel {channel.id}: {', '.join(channel.capabilities) or 'no capabilities'}.")
    simulator = "with a simulator" if channel.simulator else "without a simulator"
    console.print(f"Channel API {channel.api}, mapper version {channel.mapper_version}, {simulator}.\n")
    settings = [(one.name, one.type, "required" if one.required else one.default) for one in channel.settings]
    console.print(table("setting  type  default", settings))
    limits = [row for name, limit in channel.limits.items() for row in _limit_rows(name, limit)]
    console.print()
    console.print(table("limit  >per second  >burst", limits))
    console.print()
    console.print(table("operation  spends  facts", map(_row, channel.operations), wrap={"facts"}))
    if channel.marketplaces:
        console.print()
        places = [(name, region, channel.stock_pools.get(name)) for name, region in channel.marketplaces.items()]
        console.print(table("marketplace  region  stock pool", places))
    paths = [(kind, ", ".join(paths) or "none") for kind, paths in channel.personal_data.items()]
    console.print()
    console.print(table("record  personal data", paths, wrap={"personal data"}))


def _limit_rows(name: str, limit: Limit) -> Iterator[tuple[str, str, int]]:
    yield name, f"{limit.per_second:g}", limit.burst
    for within, bucket in limit.application.items():
        yield f"{name}/{within}, of all accounts", f"{bucket.per_second:g}", bucket.burst


def _row(operation: Operation) -> tuple[str, str, str]:
    spends = ", ".join(f"{count} {limit}" for limit, count in operation.spends.items())
    kind = ["writes"] if operation.writes else []
    facts = [f"{name} {_told(name, value)}" for name, value in operation.facts.items()]
    return operation.name, spends or "nothing", ", ".join(kind + facts) or "reads"


def _told(name: str, value: Any) -> str:
    if value is None:
        return "none"
    in_time = name.endswith(("_lag", "_horizon", "_lifetime"))
    return span(timedelta(seconds=value)) if in_time else str(value).lower()
