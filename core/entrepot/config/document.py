"""plugins.toml as it was written, and which plugins it enables."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import frozen
from packaging.specifiers import SpecifierSet

from entrepot.config.table import Table
from entrepot.errors import ConfigError, Fault


@frozen
class Document:
    """The first half of loading: `plugins` decides which channels the second half can know."""

    path: Path
    values: Mapping[str, Any]
    plugins: Mapping[str, SpecifierSet]
    faults: tuple[Fault, ...]


def read_document(path: Path) -> Document:
    """Read the file. Raises ConfigError where it is unreadable or not TOML; other faults are kept for `build`."""
    values = _parse(path)
    faults: list[Fault] = []
    enabled = Table(values, f"{path.name}: ", faults).table("plugins")
    found = {name: enabled.require(name, SpecifierSet) for name in enabled.values}
    plugins = {name: wanted for name, wanted in found.items() if wanted is not None}
    return Document(path.absolute(), values, plugins, tuple(faults))


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        reason, next_action = error.strerror or str(error), "name the right file, or make it readable"
        if isinstance(error, FileNotFoundError):
            next_action = "entrepot init writes one; or name another: --config FILE"
        raise ConfigError([Fault("E101", str(path), f"cannot be read: {reason}", next_action)]) from error
    except ValueError as error:
        raise ConfigError([Fault("E102", path.name, f"not TOML: {error}", "correct the file there")]) from error
