"""Loads the enabled plugins, all of them examined, however many are broken."""

import importlib.metadata
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint

import pluggy
from attrs import define, field, frozen
from packaging.specifiers import SpecifierSet

from entrepot.channel import ChannelType, PluginHooks
from entrepot.errors import Fault
from entrepot.plugins.discovery import (
    GROUP,
    Candidate,
    CandidateState,
    by_name,
    candidate,
    missing,
    not_enabled,
    source_faults,
)
from entrepot.plugins.module import (
    Implementation,
    Observer,
    channels,
    hook_faults,
    implementations,
    import_plugin,
    observers,
)
from entrepot.plugins.sources import RegisteredSource, stock_sources


@frozen
class Loaded:
    """What works, and the faults of what does not. Nothing may start while there are `faults`.

    `manager` holds the faultless plugins, for `manager.hook.register_commands(cli=...)`.
    """

    manager: pluggy.PluginManager
    channels: dict[str, ChannelType]
    observers: tuple[Observer, ...]
    stock_sources: tuple[RegisteredSource, ...]
    candidates: tuple[Candidate, ...]
    faults: tuple[Fault, ...]


def load(
    enabled: Mapping[str, SpecifierSet],
    *,
    entry_points: Iterable[EntryPoint] | None = None,
    source: str = "plugins.toml",
) -> Loaded:
    """Load what `[plugins]` enables, and nothing else. Raises nothing: faults are in the result.

    `entry_points` are those of the running environment unless given; `source` stands before the path of each fault.
    """
    offers = by_name(importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points)
    loading = _Loading(source)
    for name in sorted({*enabled, *offers}):
        if name not in enabled:
            loading.candidates += [not_enabled(offer) for offer in offers[name]]
        elif name not in offers:
            loading.miss(name, offers)
        else:
            loading.take(name, offers[name], enabled[name])
    return loading.result()


@define
class _Loading:
    """The examination so far."""

    source: str
    manager: pluggy.PluginManager = field(factory=lambda: pluggy.PluginManager("entrepot"))
    channels: dict[str, ChannelType] = field(factory=dict)
    brought_by: dict[str, str] = field(factory=dict)
    observers: list[Observer] = field(factory=list)
    stock_sources: list[RegisteredSource] = field(factory=list)
    candidates: list[Candidate] = field(factory=list)
    faults: list[Fault] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.manager.add_hookspecs(PluginHooks)

    def miss(self, name: str, installed: Iterable[str]) -> None:
        fault = missing(name, self._path(name), installed)
        self.faults.append(fault)
        self.candidates.append(Candidate(name, "", "", CandidateState.MISSING, str(fault)))

    def take(self, name: str, offers: list[EntryPoint], wanted: SpecifierSet) -> None:
        """Load one plugin, or note why not."""
        faults = source_faults(offers, wanted, self._path(name)) or self._examine(name, offers[0])
        state = CandidateState.REFUSED if faults else CandidateState.LOADED
        reason = "; ".join(map(str, faults)) or f"enabled in {self.source}"
        self.candidates += [candidate(offer, state, reason) for offer in offers]
        self.faults += faults

    def result(self) -> Loaded:
        return Loaded(
            self.manager,
            self.channels,
            tuple(self.observers),
            tuple(self.stock_sources),
            tuple(self.candidates),
            tuple(self.faults),
        )

    def _examine(self, name: str, offer: EntryPoint) -> list[Fault]:
        plugin, faults = import_plugin(offer, self._path(name))
        if plugin is None:
            return faults
        found = implementations(self.manager, name, plugin)
        faults = self._module_faults(name, offer, plugin, found)
        brought, wrong = channels(found) if not faults else ([], [])
        sources, also_wrong = stock_sources(found) if not faults else ([], [])
        faults += [*(wrong or self._channel_faults(name, brought)), *also_wrong]
        if not faults:
            self.manager.register(plugin, name)
            self.channels.update({channel.id: channel for channel in brought})
            self.observers.extend(observers(found))
            self.stock_sources.extend(sources)
        return faults

    def _module_faults(self, name: str, offer: EntryPoint, plugin: object, found: list[Implementation]) -> list[Fault]:
        if not found:
            message = f"{offer.value} implements no hook"
            return [Fault("E203", self._path(name), message, "mark its functions with `@entrepot.hookimpl`")]
        if self.manager.is_registered(plugin):
            message = f"{offer.value} is loaded as {self.manager.get_name(plugin)!r} already"
            return [Fault("E211", self._path(name), message, "take one of the two lines out")]
        return [fault for one in found for fault in hook_faults(one)]

    def _channel_faults(self, name: str, brought: list[ChannelType]) -> list[Fault]:
        ids = [channel.id for channel in brought]
        faults = []
        for channel in sorted(set(ids)):
            first = self.brought_by.setdefault(channel, name)
            if first != name or ids.count(channel) > 1:
                how = f"twice by {name!r}" if first == name else f"by {first!r} already"
                message = f"channel {channel!r} is brought {how}"
                faults.append(Fault("E206", self._path(name), message, "enable one of the two, or rename a channel"))
        return faults

    def _path(self, name: str) -> str:
        return f"{self.source}: plugins.{name}"
