"""A further account in a plugins.toml that is there: what was written in it stays as it is."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from entrepot.cli.context import Home
from entrepot.cli.exits import Refused
from entrepot.cli.init.first_file import Answers, account_lines, check, plugin_line
from entrepot.config import Document, read_document
from entrepot.errors import ConfigError

PLUGINS = re.compile(r"^[ \t]*\[[ \t]*plugins[ \t]*\][^\n]*\n", re.MULTILINE)


def accounts_of(document: Document) -> Mapping[str, Any]:
    accounts = document.values.get("accounts")
    return accounts if isinstance(accounts, dict) else {}


def append(home: Home, answers: Answers) -> Path:
    """The file. Raises ConfigError where it or a setting is faulty, Refused where it has no room for another table."""
    with home.path.open(encoding="utf-8", newline="") as file:
        before = file.read()
    target = home.path.resolve()  # a link stays one
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_text(_text(before, home.document, answers), "utf-8", newline="")
    try:
        _check(home, unfinished, answers)
        shutil.copymode(target, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return home.path


def _text(before: str, document: Document, answers: Answers) -> str:
    end = "\r\n" if "\r\n" in before else "\n"
    text = before if before.endswith("\n") else before + end
    lines = list(account_lines(answers))
    if answers.plugin not in document.plugins:
        enabled = plugin_line(answers)
        if "plugins" in document.values:
            text = PLUGINS.sub(lambda header: header[0] + enabled + end, text, count=1)
        else:
            lines = ["\n[plugins]", enabled, *lines]
    return text + "\n".join([*lines, ""]).replace("\n", end)


def _check(home: Home, unfinished: Path, answers: Answers) -> None:
    """Nothing of it may have changed, but for the account and its plugin; and it must load."""
    try:
        written = read_document(unfinished)
    except ConfigError as wrong:
        raise _no_room(home, answers) from wrong
    if answers.plugin not in written.plugins or _others(written, answers) != _others(home.document, answers):
        raise _no_room(home, answers)
    channels = {**home.plugins.channels, answers.channel.id: answers.channel}
    check(evolve(written, path=home.document.path), channels, home.plugins.faults)


def _others(document: Document, answers: Answers) -> dict[str, Any]:
    """All that the file says but of the account and its plugin."""
    new = {"accounts": answers.account, "plugins": answers.plugin}
    values = {name: {} for name in new} | dict(document.values)
    for table, key in new.items():
        values[table] = {name: value for name, value in values[table].items() if name != key}
    return values


def _no_room(home: Home, answers: Answers) -> Refused:
    lines = "\n".join(["[plugins]", plugin_line(answers), *account_lines(answers)])
    return Refused(
        f"{home.path} is written so that nothing can be added at its end. Next: write there yourself\n\n{lines}"
    )
