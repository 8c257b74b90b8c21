"""What one installed plugin brings, and what is wrong with it, without plugins.toml and without an account."""

import importlib.metadata
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from typing import Any, get_type_hints

from attrs import frozen
from packaging.specifiers import SpecifierSet

from entrepot.channel import ChannelType, connector_faults
from entrepot.errors import Fault
from entrepot.plugins.discovery import GROUP, Candidate
from entrepot.plugins.load import load
from entrepot.plugins.module import Observer
from entrepot.plugins.sources import RegisteredSource

INSTALLED = "installed"
"""In the place of a file's name in the paths of faults."""


@frozen
class Examination:
    """`unbound` are channels whose connector's class `connect` does not name: only their contract examines it."""

    plugin: Candidate
    channels: tuple[ChannelType, ...]
    observers: tuple[Observer, ...]
    stock_sources: tuple[RegisteredSource, ...]
    unbound: tuple[str, ...]
    faults: tuple[Fault, ...]


def installed() -> tuple[str, ...]:
    """Names of plugins, sorted."""
    return tuple(sorted({offer.name for offer in importlib.metadata.entry_points(group=GROUP)}))


def examine(name: str, *, entry_points: Iterable[EntryPoint] | None = None) -> Examination:
    """Import the plugin, whether it is enabled or not, and check its hooks, its channels' facts and its connectors.

    `entry_points` are those of the running environment unless given.
    """
    offers = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    mine = [offer for offer in offers if offer.name == name]
    loaded = load({name: SpecifierSet()}, entry_points=mine, source=INSTALLED)
    channels = tuple(loaded.channels.values())
    bound = {channel.id: _connector_class(channel) for channel in channels}
    faults = [fault for channel in channels for fault in _bind_faults(channel, bound[channel.id])]
    return Examination(
        plugin=loaded.candidates[0],
        channels=channels,
        observers=loaded.observers,
        stock_sources=loaded.stock_sources,
        unbound=tuple(channel for channel, kind in bound.items() if kind is None),
        faults=(*loaded.faults, *faults),
    )


def _connector_class(channel: ChannelType) -> type[Any] | None:
    """What `connect` says that it returns; None where it does not say a class."""
    if isinstance(channel.connect, type):
        return channel.connect
    try:
        kind = get_type_hints(channel.connect).get("return")
    except Exception:  # noqa: BLE001 - a stranger's annotations
        return None
    return kind if isinstance(kind, type) and kind is not object else None


def _bind_faults(channel: ChannelType, kind: type[Any] | None) -> list[Fault]:
    """An object that was never set up is enough: only its methods are looked at."""
    return [] if kind is None else connector_faults(channel, object.__new__(kind))
