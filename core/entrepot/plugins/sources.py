"""The stock sources of a plugin, and what is wrong with them."""

import inspect
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from attrs import frozen

from entrepot.channel import StockSource
from entrepot.errors import Fault
from entrepot.plugins.module import Implementation, told

SHORTEST_PERIOD = timedelta(seconds=10)
ADVICE = "return a list of StockSource"


@frozen
class RegisteredSource:
    """`name` is the same after a restart: plugin and source."""

    name: str
    source: StockSource


def stock_sources(found: Iterable[Implementation]) -> tuple[list[RegisteredSource], list[Fault]]:
    """What `register_stock_sources` returns, and what is wrong with it."""
    brought: list[RegisteredSource] = []
    faults: list[Fault] = []
    for one in found:
        if one.hook == "register_stock_sources":
            sources, wrong = _registered(one)
            brought += sources
            faults += wrong
    return brought, faults or _twice(brought)


def _registered(one: Implementation) -> tuple[list[RegisteredSource], list[Fault]]:
    try:
        returned = one.function()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
        return [], [Fault("E213", one.path, f"failed: {told(error)}", ADVICE)]
    if not isinstance(returned, (list, tuple)):
        return [], [_fault(one, f"returned {type(returned).__name__} {returned!r:.60}", ADVICE)]
    faults = [fault for source in returned for fault in _faults(one, source)]
    return [] if faults else [RegisteredSource(f"{one.plugin}.{source.name}", source) for source in returned], faults


def _faults(one: Implementation, source: Any) -> list[Fault]:
    if not isinstance(source, StockSource):
        return [_fault(one, f"returned {type(source).__name__} {source!r:.60}", ADVICE)]
    name, period = _strange(source.name), _strange(source.period)
    if not isinstance(name, str) or not name.isidentifier():
        return [_fault(one, f"a source is named {name!r:.60}", "name it as a Python variable is named")]
    if not inspect.iscoroutinefunction(source.fetch_counts):
        return [_fault(one, f"fetch_counts of {name} is no coroutine", "write it as `async def`")]
    if not isinstance(period, timedelta) or period < SHORTEST_PERIOD:
        return [_fault(one, f"the period of {name} is {period!r}", "give a timedelta from 10 s")]
    return []


def _strange(value: Any) -> Any:
    """A stranger's value, of any type whatever its field says."""
    return value


def _twice(brought: Iterable[RegisteredSource]) -> list[Fault]:
    times = Counter(one.name for one in brought)
    return [
        Fault("E213", name, f"{number} sources have this name", "rename one")
        for name, number in times.items()
        if number > 1
    ]


def _fault(one: Implementation, message: str, advice: str) -> Fault:
    return Fault("E213", one.path, message, advice)
