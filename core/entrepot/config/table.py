"""Reads one table of plugins.toml key by key, and notes what is wrong while it goes on."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from cattrs import Converter

from entrepot.config.convert import faults_of, missing_key, toml_converter, unknown_key
from entrepot.errors import Fault

T = TypeVar("T")
D = TypeVar("D")

_CONVERTER = toml_converter()


class Table:
    """A key that is read is known; `close` refuses the others. `prefix` stands before a key in a fault's path."""

    def __init__(self, values: Mapping[str, Any], prefix: str, faults: list[Fault]) -> None:
        self.values = values
        self.prefix = prefix
        self.faults = faults
        self._known: set[str] = set()

    def read(self, key: str, into: type[T], default: D, *, converter: Converter = _CONVERTER) -> T | D:
        """The value, or `default` where it is absent or faulty."""
        self._known.add(key)
        if key not in self.values:
            return default
        try:
            return converter.structure(self.values[key], into)
        except Exception as error:  # noqa: BLE001 - a plugin's settings class may raise anything
            self.faults.extend(faults_of(error, self.at(key)))
            return default

    def require(self, key: str, into: type[T]) -> T | None:
        """The value, or None where that is noted as a fault."""
        value = self.read(key, into, None)
        if key not in self.values:
            self.faults.append(missing_key(self.at(key)))
        return value

    def whole(self, key: str, *, default: D, least: int) -> int | D:
        """A whole number from `least`."""
        value = self.read(key, int, default)
        if isinstance(value, int) and value < least:
            self.refuse(key, "E105", f"expected a number from {least}, found {value}", f"write {least} or more")
        return value

    def table(self, key: str) -> Self:
        """The table within; empty where it is absent. One that is no table is a fault, and nothing is missed in it."""
        fits = self._is(key, dict, "a table")
        return type(self)(self.values.get(key, {}) if fits else {}, f"{self.at(key)}.", self.faults if fits else [])

    def tables(self, key: str) -> list[Self]:
        """The entries of the array of tables `[[key]]`."""
        entries = self.values.get(key, []) if self._is(key, list, "an array of tables") else []
        if not all(isinstance(entry, dict) for entry in entries):
            self.refuse(key, "E105", "expected an array of tables", f"begin each entry with [[{key}]]")
            return []
        return [type(self)(entry, f"{self.at(key)}[{index}].", self.faults) for index, entry in enumerate(entries)]

    def refuse(self, key: str, code: str, message: str, next_action: str) -> None:
        self.faults.append(Fault(code, self.at(key), message, next_action))

    def at(self, key: str) -> str:
        return self.prefix + key

    def close(self) -> None:
        """Refuse every key that was not read."""
        for key in self.values:
            if key not in self._known:
                self.faults.append(unknown_key(self.at(key), key, self._known))

    def _is(self, key: str, kind: type, name: str) -> bool:
        self._known.add(key)
        value = self.values.get(key)
        if value is None or isinstance(value, kind):
            return True
        self.refuse(key, "E105", f"expected {name}, found {type(value).__name__}", f"write {key!r} as {name}")
        return False
