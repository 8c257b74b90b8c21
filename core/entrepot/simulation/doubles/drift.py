"""Answers as a channel words them after a release that nobody announced."""

from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from entrepot.channel import Json
from entrepot.runtime import Rng
from entrepot.simulation.doubles.shop_faults import ShopFault

NEW_KEY, NEW_WORD = "addedByARelease", "BRAND_NEW"

Change = Callable[[], object]


def drifted(body: Json, fault: ShopFault, words: Collection[str], rng: Rng) -> Json:
    """The body with one change at a place that chance chooses, or as it is where there is none.

    `words` are the keys whose values are words of a list that may grow.
    """
    changed = deepcopy(body)
    changes = list(_changes(changed, fault, words))
    if changes:
        rng.choice(changes)()
    return changed


def texts(body: Json) -> Iterator[str]:
    """All that may be an id."""
    if isinstance(body, str):
        yield body
    for inner in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from texts(inner)


def _changes(value: Any, fault: ShopFault, words: Collection[str]) -> Iterator[Change]:
    if isinstance(value, dict):
        if fault is ShopFault.NEW_KEY:
            yield partial(value.__setitem__, NEW_KEY, {"value": 1})
        for key, inner in value.items():
            if fault is ShopFault.NEW_WORD and key in words:
                yield partial(value.__setitem__, key, NEW_WORD)
            if fault is ShopFault.OTHER_TYPE and isinstance(inner, str | int):
                yield partial(value.__setitem__, key, {"value": inner} if isinstance(inner, str) else str(inner))
            yield from _changes(inner, fault, words)
    elif isinstance(value, list):
        for inner in value:
            yield from _changes(inner, fault, words)
