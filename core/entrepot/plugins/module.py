"""What a plugin module implements, and what is wrong with it.

pluggy stops at the first mistake, and accepts an observer that is no coroutine. Here each implementation is examined.
"""

import inspect
import traceback
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Any

import attrs
import pluggy
from attrs import frozen

from entrepot.channel import ChannelType, PluginHooks, channel_faults
from entrepot.config.convert import nearest
from entrepot.errors import Fault
from entrepot.model import EventName
from entrepot.quota.overspending import overspending

_SPECS = {name: spec for name, spec in inspect.getmembers(PluginHooks, inspect.isfunction) if not name.startswith("_")}
_AT_LOADING = frozenset(_SPECS) - frozenset(EventName)


@frozen
class Observer:
    """`name` is the same after a restart: plugin and function. `function(event)` returns a coroutine."""

    name: str
    hook: EventName
    function: Callable[..., Any]


@frozen
class Implementation:
    """A function of a plugin, and the hook that it is for."""

    plugin: str
    attribute: str
    hook: str
    function: Callable[..., Any]
    wrapper: bool

    @property
    def path(self) -> str:
        return f"{self.plugin}.{self.attribute}"


def import_plugin(offer: EntryPoint, path: str) -> tuple[object | None, list[Fault]]:
    """The module that an entry point names. Nothing that happens in it stops the examination of the others."""
    if not offer.pattern.match(offer.value):
        message = f"its entry point says {offer.value!r}, which is no module's name"
        return None, [Fault("E202", path, message, "correct the entry point in the plugin's pyproject.toml")]
    try:
        return offer.load(), []
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the module is a stranger's
        message = f"import of {offer.value} failed: {told(error)}"
        return None, [Fault("E202", path, message, "correct the plugin, or install what it needs")]


def implementations(manager: pluggy.PluginManager, name: str, plugin: object) -> list[Implementation]:
    """Every function with the `hookimpl` mark."""
    found = []
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is not None:
            hook = options.get("specname") or attribute
            wrapper = bool(options.get("wrapper") or options.get("hookwrapper"))
            found.append(Implementation(name, attribute, hook, getattr(plugin, attribute), wrapper))
    return found


def hook_faults(implementation: Implementation) -> list[Fault]:
    """An unknown hook, the wrong kind of function, the wrong arguments."""
    hook, path = implementation.hook, implementation.path
    if hook not in _SPECS:
        return [Fault("E208", path, f"there is no hook {hook!r}", nearest(hook, _SPECS))]
    if implementation.wrapper:
        return [
            Fault("E209", path, f"it wraps {hook}, and nothing here may be wrapped", "make it a plain implementation")
        ]
    faults = []
    if inspect.iscoroutinefunction(implementation.function) is (hook in _AT_LOADING):
        at_loading = "runs at loading, and this is a coroutine function", "def"
        kind, written = at_loading if hook in _AT_LOADING else ("is awaited, and this is a plain function", "async def")
        faults.append(Fault("E207", path, f"{hook} {kind}", f"write it as `{written}`"))
    passed = list(inspect.signature(_SPECS[hook]).parameters)[1:]
    try:
        inspect.signature(implementation.function).bind(**dict.fromkeys(passed))
    except TypeError as error:
        faults.append(
            Fault(
                "E209",
                path,
                f"{hook} is called with ({', '.join(passed)}): {error}",
                f"let it take ({', '.join(passed)})",
            )
        )
    return faults


def observers(found: list[Implementation]) -> Iterator[Observer]:
    for one in found:
        if one.hook not in _AT_LOADING:
            yield Observer(one.path, EventName(one.hook), one.function)


def channels(found: list[Implementation]) -> tuple[list[ChannelType], list[Fault]]:
    """What `register_channels` returns, and what is wrong with it."""
    brought: list[ChannelType] = []
    faults: list[Fault] = []
    for one in found:
        if one.hook == "register_channels":
            types, wrong = _registered(one)
            brought += types
            faults += wrong
    return brought, faults


def _registered(one: Implementation) -> tuple[list[ChannelType], list[Fault]]:
    try:
        returned = one.function()
        if not isinstance(returned, (list, tuple)):
            return [], [_stranger(one.path, returned)]
        types = [entry for entry in returned if isinstance(entry, ChannelType)]
        faults = [_stranger(one.path, entry) for entry in returned if not isinstance(entry, ChannelType)]
        for channel in types:
            faults += [*_settings_faults(one.path, channel), *channel_faults(channel), *_quota_faults(channel)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code, and facts of any type
        return [], [Fault("E205", one.path, f"failed: {told(error)}", "return a list of ChannelType, correctly typed")]
    return types, faults


def _stranger(path: str, entry: object) -> Fault:
    message = f"returned {type(entry).__name__} {entry!r:.60}"
    return Fault("E205", path, message, "return a list of ChannelType")


def _settings_faults(path: str, channel: ChannelType) -> list[Fault]:
    if attrs.has(channel.settings):
        return []
    return [Fault("E205", path, f"channel {channel.id!r} has no attrs class as settings", "decorate it with `@frozen`")]


def _quota_faults(channel: ChannelType) -> list[Fault]:
    return [
        Fault(
            "E212", f"{channel.id}.operations.{found.operation}", str(found), "spend less at once, or correct the limit"
        )
        for found in overspending(channel)
    ]


def told(error: BaseException) -> str:
    """Type, text, and the innermost line."""
    frames = traceback.extract_tb(error.__traceback__)
    located = frames and not isinstance(error, SyntaxError)  # which says itself where it is
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if located else ""
    return f"{type(error).__name__}: {error}{where}"
