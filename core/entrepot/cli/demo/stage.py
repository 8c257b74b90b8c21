"""Where the demo takes place: a plugins.toml of its own, beside its database, so that every command works on them."""

import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from entrepot.channel import Environment
from entrepot.cli.context import Home
from entrepot.cli.exits import Refused
from entrepot.errors import ConfigError

FOLDER = "demo"
"""Beside the plugins.toml that is tried out. Git ignores it."""

DATABASE = "entrepot.db"

HEAD = "# Made by `entrepot demo` of {source}: its accounts that have simulators, on the demo's own database.\n"

OF_THE_OUTSIDE = {"simulator", "time_scale"}
"""Keys of an account that are about simulators on a port; the demo's run inside the process, in virtual time."""


def set_stage(home: Home) -> Home:
    """Make the folder anew. Raises ConfigError, and Refused where there is nothing to trade with."""
    source = home.document.path
    path = source.parent / FOLDER / "plugins.toml"
    path.parent.mkdir(exist_ok=True)
    values = _staged(home.document.values)
    path.write_text(HEAD.format(source=source.name) + "\n".join(_toml(values)) + "\n", "utf-8")
    stage = Home(path)
    try:
        _check(stage, source)
    except (ConfigError, Refused):
        path.unlink()  # nothing was played on it, so no command is to find it
        raise
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (path.parent / name).unlink(missing_ok=True)
    return stage


def time_scale(values: Mapping[str, Any]) -> int:
    """The greatest of the accounts that trade: they have one day in common."""
    accounts = filter(_is_simulated, _table(values, "accounts").values())
    return max((account["time_scale"] for account in accounts if _has_scale(account)), default=1)


def command_line(stage: Home, *words: str) -> str:
    """A command on the demo's database, ready to be pasted where the demo was started."""
    program = "entrepot" if shutil.which("entrepot") else sys.argv[0]
    return shlex.join([program, "--config", relative(stage.path), *words])


def relative(path: Path) -> str:
    """As short as it can be named from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _check(stage: Home, source: Path) -> None:
    config = stage.config
    if config.missing:
        raise ConfigError(config.missing)
    if not config.accounts:
        raise Refused(f'{source.name} has no account with environment = "simulator". Next: add one for the demo')
    if not config.articles:
        raise Refused(f"{source.name} names no articles. Next: add [skus] catalog with some")
    for account in config.accounts.values():
        if account.channel.simulator is None:
            raise Refused(
                f"channel {account.channel.id} of {account.id} brings no simulator. Next: leave {account.id} out, "
                "or ask the plugin's author for one"
            )


def _staged(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same configuration seen from the folder below. What is faulty stays so, and is told when it is read."""
    staged = dict(values)
    staged["entrepot"] = _table(values, "entrepot") | {"store": f"sqlite:{DATABASE}"}
    accounts = _table(values, "accounts")
    staged["accounts"] = {name: _inside(table) for name, table in accounts.items() if _is_simulated(table)}
    catalog = _table(values, "skus").get("catalog")
    if isinstance(catalog, str):
        staged["skus"] = _table(values, "skus") | {"catalog": str(Path("..") / catalog)}
    return staged


def _table(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = values.get(name)
    return table if isinstance(table, dict) else {}


def _is_simulated(account: Any) -> bool:
    return isinstance(account, dict) and account.get("environment") == Environment.SIMULATOR


def _inside(account: dict[str, Any]) -> dict[str, Any]:
    outside = OF_THE_OUTSIDE if _has_scale(account) else OF_THE_OUTSIDE - {"time_scale"}
    inside = {key: value for key, value in account.items() if key not in outside}
    offers = account.get("offers")
    return inside | {"offers": str(Path("..") / offers)} if isinstance(offers, str) else inside


def _has_scale(account: Mapping[str, Any]) -> bool:
    scale = account.get("time_scale")
    return isinstance(scale, int) and not isinstance(scale, bool) and scale > 0


def _toml(values: Mapping[str, Any]) -> Iterator[str]:
    """Lines of TOML. The standard library reads it, and does not write it."""
    yield from (_entry(key, value) for key, value in values.items() if not isinstance(value, dict))
    for name, table in values.items():
        if isinstance(table, dict):
            yield from _section(_key(name), table)


def _section(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    if table and all(isinstance(value, dict) for value in table.values()):
        for key, inner in table.items():
            yield from _section(f"{name}.{_key(key)}", inner)
        return
    yield f"\n[{name}]"
    yield from (_entry(key, value) for key, value in table.items())


def _entry(key: str, value: Any) -> str:
    return f"{_key(key)} = {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(_entry(key, inner) for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(inner) for inner in value) + "]"
    if isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)  # its escapes are TOML's
    return str(value)  # numbers and dates


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
