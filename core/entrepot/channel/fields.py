"""Paths of the fields of a record, as plugins declare them: `lines[].quantity`, where `[]` goes through a list."""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs


def fields_of(document: type) -> tuple[str, ...]:
    """Of an attrs class into which a record is structured, and of the classes within; all that a mapper reads."""
    return tuple(_paths(document, ""))


def _paths(kind: Any, path: str) -> Iterator[str]:
    if isinstance(kind, type) and attrs.has(kind):
        hints = get_type_hints(kind)
        for field in attrs.fields(kind):
            yield from _paths(hints[field.name], f"{path}.{field.alias}".removeprefix("."))
        return
    inner = [one for one in get_args(kind) if one not in {type(None), ...}]
    if get_origin(kind) in {Union, UnionType} and len(inner) == 1:
        yield from _paths(inner[0], path)
    elif get_origin(kind) in {list, tuple, set, frozenset, Sequence} and inner:
        yield from _paths(inner[0], f"{path}[]")
    else:
        yield path
