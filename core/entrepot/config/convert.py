"""Values of TOML to typed values, strictly, and conversion errors to faults with paths."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
from cattrs import BaseConverter, Converter
from cattrs.cols import homogenous_tuple_structure_factory, list_structure_factory
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from entrepot.channel import strict_converter
from entrepot.channel.convert import NoChoiceError
from entrepot.errors import Fault
from entrepot.model import utc

_PLAIN: tuple[tuple[type, str, str], ...] = (
    (str, "text", "write text, in quotes"),
    (int, "a whole number", "write digits, without quotes"),
    (bool, "true or false", "write true or false, without quotes"),
)
"""What each type is called, and what to do about a value of another."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class MisfitError(ValueError):
    """A value that cannot be used, and what to do about it."""

    def __init__(self, message: str, next_action: str, code: str = "E105") -> None:
        super().__init__(message)
        self.next_action = next_action
        self.code = code


def toml_converter() -> Converter:
    """The strict converter with what TOML has and JSON has not. Unknown keys are refused at every depth."""
    converter = strict_converter()
    for kind, name, action in _PLAIN:
        converter.register_structure_hook(kind, _in_words(converter.get_structure_hook(kind), name, action))
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook(datetime, lambda value, _: utc(_instant(value)))
    converter.register_structure_hook(timedelta, _duration)
    converter.register_structure_hook(ZoneInfo, _time_zone)
    converter.register_structure_hook(SpecifierSet, _specifier)
    converter.register_structure_hook_factory(_is_table, _only_table)
    converter.register_structure_hook_factory(_is_list, _only_list)
    return converter


def faults_of(error: Exception, path: str) -> Iterator[Fault]:
    """One fault for each leaf of what cattrs raised."""
    if isinstance(error, (ClassValidationError, IterableValidationError)):
        noted, plain = error.group_exceptions()
        for inner, note in noted:
            yield from faults_of(inner, path + _step(note))
        for inner in plain:
            yield from faults_of(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for key in sorted(error.extra_fields):
            yield unknown_key(f"{path}.{key}", key, known)
    elif isinstance(error, KeyError):
        yield missing_key(path)
    elif isinstance(error, MisfitError):
        yield Fault(error.code, path, str(error), error.next_action)
    elif isinstance(error, NoChoiceError):
        yield Fault("E105", path, str(error), f"write one of {error.listed}")
    else:
        yield Fault("E105", path, str(error) or type(error).__name__, "correct this value")


def unknown_key(path: str, key: str, known: Iterable[str]) -> Fault:
    return Fault("E103", path, f"unknown key {key!r}", nearest(key, known) or "take it out")


def missing_key(path: str) -> Fault:
    table, _, key = path.rpartition(": ")[2].rpartition(".")
    entries = re.fullmatch(r"(.+)\[\d+\]", table)
    where = f"[[{entries[1]}]]" if entries else f"[{table}]"
    return Fault("E104", path, "required, but missing", f"add `{key} = ...` under {where}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A question for the operator: what else could have been meant. "" where nothing is known here."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    listed = f"known here: {', '.join(words)}" if words else ""
    return f"did you mean {close[0]!r}? ({listed})" if close else listed


def seconds(duration: timedelta) -> str:
    """As people write it in plugins.toml, but to the millisecond."""
    return f"{round(duration.total_seconds(), 3):g}s"


def _step(note: Any) -> str:
    if hasattr(note, "name"):
        return f".{note.name}"
    return f"[{note.index}]" if isinstance(note.index, int) else f".{note.index}"


def _is_table(kind: Any) -> bool:
    return attrs.has(kind)


def _only_table(kind: type, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    structure: Callable[[Any, Any], Any] = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def check(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise MisfitError(f"expected a table, found {type(value).__name__}", "write { key = value, ... }")
        return structure(value, kind)

    return check


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list or (get_origin(kind) is tuple and get_args(kind)[-1] is ...)


def _only_list(kind: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    """cattrs would take a string for the list of its letters."""
    factory = list_structure_factory if get_origin(kind) is list else homogenous_tuple_structure_factory
    structure = factory(kind, converter)

    def check(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise MisfitError(f"expected a list, found {type(value).__name__}", "put it in brackets: [...]")
        return structure(value, kind)

    return check


def _in_words(strict: Callable[[Any, Any], Any], name: str, action: str) -> Callable[[Any, Any], Any]:
    def check(value: Any, kind: Any) -> Any:
        try:
            return strict(value, kind)
        except TypeError:
            raise MisfitError(f"expected {name}, found {value!r:.60}", action) from None

    return check


def _date(value: Any, _: Any) -> date:
    if isinstance(value, datetime):
        return utc(_instant(value))
    if not isinstance(value, date):
        raise MisfitError(f"expected a date, found {value!r:.60}", "write it without quotes: 2026-09-01")
    return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise MisfitError(
            f"expected a date and time, found {value!r:.60}", "write it without quotes: 2026-09-01T00:00:00Z"
        )
    if value.tzinfo is None:
        raise MisfitError(
            f"{value.isoformat()} has no offset", f"write {value.isoformat()}Z, or the offset that is meant"
        )
    return value


def _duration(value: Any, _: Any) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise MisfitError(
            f"expected a duration, found {value!r:.60}", 'write a whole number and a unit: "15s" "2m" "4h" "1d"'
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _time_zone(value: Any, _: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (OSError, ValueError, TypeError, AttributeError, LookupError):  # ZoneInfo opens the value as a file
        raise MisfitError(f"no time zone {value!r:.60}", 'write an IANA name: "Europe/Berlin"') from None


def _specifier(value: Any, _: Any) -> SpecifierSet:
    try:
        return SpecifierSet("" if value == "*" else value)
    except (InvalidSpecifier, TypeError, AttributeError):
        raise MisfitError(f"no version specifier: {value!r:.60}", 'write "*" for any version, or ">=1,<2"') from None
