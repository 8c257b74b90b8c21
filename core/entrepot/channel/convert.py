"""From a channel's JSON to typed values, strictly: nothing is coerced, unknown fields are ignored, paths are named.

cattrs alone would turn 1.9 into the integer 1 and an object into a list of its keys, and accept a datetime without an
offset.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin

import cattrs
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory

from entrepot.channel.secret import Secret
from entrepot.errors import EntrepotError
from entrepot.model import utc

Json: TypeAlias = Any
"""Decoded JSON. Numbers with a point are `Decimal`, never float."""

T = TypeVar("T")


class RecordError(EntrepotError):
    """A record is not what the mapper expects; `reasons` name path and cause, e.g.

    `expected int @ $.lines[1].quantity`.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class NoChoiceError(ValueError):
    """A value that an enumeration does not have; `listed` are those that it has."""

    def __init__(self, value: Any, kind: type[Enum]) -> None:
        super().__init__(f"{value!r:.60} is not a choice")
        self.listed = ", ".join(f'"{choice.value}"' for choice in kind)


def structure(record: Json, into: type[T]) -> T:
    """Build `into` (attrs class, list[...], dict[...]) from decoded JSON. Raises RecordError."""
    with suppress(Exception):
        return QUICK_CONVERTER.structure(record, into)
    try:
        return CONVERTER.structure(record, into)
    except Exception as error:
        raise RecordError(transform_error(error, format_exception=_describe)) from error


def strict_converter(*, detailed: bool = True) -> Converter:
    """A converter with the strict hooks, for a boundary that wants hooks of its own beside them.

    Without `detailed` it is faster and does not tell where a record is wrong.
    """
    converter = Converter(detailed_validation=detailed)
    for kind in (int, str, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(Enum, _choice)
    converter.register_structure_hook(float, _float)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(Secret, lambda value, _: Secret(_exactly(str)(value, str)))
    converter.register_structure_hook_factory(_holds_many, _from_a_list)
    converter.register_structure_hook_factory(_may_be_absent, _unless_absent)
    return converter


COLLECTIONS: dict[Any, Any] = {list: list, Sequence: tuple, tuple: tuple, set: set, frozenset: frozenset}


def _holds_many(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    fixed = origin is tuple and get_args(kind) and get_args(kind)[-1] is not Ellipsis
    return origin in COLLECTIONS and not fixed


def _from_a_list(kind: Any, converter: Any) -> Any:
    build, collect = list_structure_factory(kind, converter), COLLECTIONS[get_origin(kind) or kind]

    def check(value: Any, _: Any) -> Any:
        if type(value) not in {list, tuple}:
            msg = f"expected a list, found {_name(value)}"
            raise TypeError(msg)
        return collect(build(value, kind))

    return check


def _may_be_absent(kind: Any) -> bool:
    return isinstance(kind, UnionType) and len(get_args(kind)) == 2 and NoneType in get_args(kind)  # noqa: PLR2004 - T | None


def _unless_absent(kind: Any, converter: Any) -> Any:
    """As cattrs has it, but looked up once, and only for a value: an order of Amazon's has ten such places."""
    (within,) = set(get_args(kind)) - {NoneType}
    build = cache(partial(converter.get_structure_hook, within))
    return lambda value, _: None if value is None else build()(value, within)


def _exactly(kind: type[T]) -> Any:
    """Also called for enumerations of such values: a StrEnum is a str to cattrs."""

    def check(value: Any, wanted: Any) -> Any:
        if wanted is not kind and isinstance(wanted, type) and issubclass(wanted, Enum):
            return _choice(value, wanted)
        if type(value) is not kind:
            msg = f"expected {kind.__name__}, found {_name(value)}"
            raise TypeError(msg)
        return value

    return check


def _choice(value: Any, kind: type[Enum]) -> Enum:
    for choice in kind:
        if type(choice.value) is type(value) and choice.value == value:
            return choice
    raise NoChoiceError(value, kind)


def _float(value: Any, _: Any) -> float:
    if type(value) not in {int, float, Decimal}:
        msg = f"expected a number, found {_name(value)}"
        raise TypeError(msg)
    return float(value)


def _decimal(value: Any, _: Any) -> Decimal:
    if type(value) not in {str, int, Decimal}:
        msg = f"expected a decimal number, found {_name(value)}"
        raise TypeError(msg)
    try:
        number = Decimal(value)
    except InvalidOperation:
        msg = f"expected a decimal number, found {value!r}"
        raise ValueError(msg) from None
    if not number.is_finite():
        msg = f"expected a finite number, found {value!r}"
        raise ValueError(msg)
    return number


def _instant(value: Any, _: Any) -> datetime:
    if type(value) is not str:
        msg = f"expected an ISO 8601 date and time, found {_name(value)}"
        raise TypeError(msg)
    return utc(datetime.fromisoformat(value))


def _name(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r:.60}"


def _describe(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"required field {error} is missing"
    if isinstance(error, cattrs.errors.IterableValidationError):
        return "expected a list"
    if isinstance(error, NoChoiceError):
        return f"{error}, which are {error.listed}"
    return str(error) or type(error).__name__


CONVERTER = strict_converter()
QUICK_CONVERTER = strict_converter(detailed=False)
