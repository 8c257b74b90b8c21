"""The text of a first plugins.toml, and the questions that its settings ask."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import attrs
from attrs import evolve, frozen
from packaging.version import InvalidVersion, Version

from entrepot.channel import ChannelType, Environment, Secret
from entrepot.cli.exits import Guarded, Refused
from entrepot.config import Document, build, read_document
from entrepot.config.codes import NOT_IN_PLACE
from entrepot.errors import ConfigError, Fault

CATALOG = "skus.csv"

HEAD = "sku,title\n"

ARTICLES = f"""\
{HEAD}TEA-ASSAM-250,"Assam tea, 250 g"
MUG-BLUE,"Mug, blue"
POT-RUST,"Teapot, rust"
"""
"""For an account at a simulator, which shows an offer of each."""

COMMENTS_FROM = 40
"""Columns."""


@frozen
class Question:
    """One field of a channel's settings class. `kind` is its type, without None.

    `may_be_written`: also where it is a secret, as nothing real opens with it.
    """

    name: str
    kind: Any
    required: bool
    default: Any
    suggestion: str
    may_be_written: bool = False

    @property
    def is_secret(self) -> bool:
        return self.kind is Secret

    @property
    def default_text(self) -> str:
        made = isinstance(self.default, attrs.Factory)  # type: ignore[arg-type]  # a class, typed as a function
        return "empty" if made or self.default in {None, ""} else str(self.default)

    @property
    def text(self) -> str:
        how = " (a secret: env:NAME or file:PATH)" if self.is_secret else "" if self.kind is str else " (as TOML)"
        return f"{self.name}{how}"

    def toml(self, value: str) -> str:
        """Raises Refused."""
        named = self.is_secret and not self.may_be_written
        if named and not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*", value):
            raise Refused(f"{self.name} is a secret, and is never written into the file. Next: env:NAME or file:PATH")
        if self.is_secret or self.kind is str:
            return json.dumps(value, ensure_ascii=False)  # its escapes are TOML's
        try:
            tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError as wrong:
            raise Refused(f"{self.name}: {value!r} is not TOML: {wrong}") from wrong
        return value


@frozen
class Answers:
    """`settings` as TOML. `simulator` is the port of one, where the account is at one."""

    plugin: str
    version: str
    channel: ChannelType
    account: str
    environment: Environment
    simulator: int
    marketplaces: tuple[str, ...]
    settings: Mapping[str, str]
    time_zone: str


def questions(channel: ChannelType, account: str, environment: Environment) -> list[Question]:
    hints = get_type_hints(channel.settings)
    asked = [_question(field, hints[field.name], account) for field in attrs.fields(channel.settings) if field.init]
    return [evolve(one, may_be_written=environment is Environment.SIMULATOR) for one in asked]


def _question(field: "attrs.Attribute[Any]", hint: Any, account: str) -> Question:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] if NoneType in get_args(hint) else [hint]
    name = field.alias or field.name
    kind = kinds[0] if len(kinds) == 1 else hint
    variable = re.sub(r"\W", "_", f"{account}_{name}").upper()
    suggestion = f"env:{variable if not variable[0].isdigit() else f'_{variable}'}" if kind is Secret else ""
    return Question(name, kind, field.default is attrs.NOTHING, field.default, suggestion)


def write(path: Path, answers: Answers) -> list[Path]:
    """The new files. Raises Guarded, and ConfigError where a setting does not fit; then nothing is left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = path.parent / CATALOG
    new = [] if catalog.exists() else [catalog]
    _create(path, "\n".join(_lines(answers)) + "\n")
    for one in new:
        _create(one, ARTICLES if answers.environment is Environment.SIMULATOR else HEAD)
    try:
        check(read_document(path), {answers.channel.id: answers.channel})
    except ConfigError:
        for one in [path, *new]:
            one.unlink()
        raise
    return [path, *new]


def _create(path: Path, text: str) -> None:
    """Whoever made it in the meantime keeps it."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as there:
        raise Guarded(f"{path} is there already, and is never overwritten. Next: entrepot doctor") from there


def check(document: Document, channels: Mapping[str, ChannelType], plugin_faults: Sequence[Fault] = ()) -> None:
    """Raises ConfigError. A secret that is not in its place yet is no fault of what was just written."""
    try:
        build(document, channels, {}, plugin_faults=plugin_faults)
    except ConfigError as wrong:
        raise ConfigError([fault for fault in wrong.faults if fault.code != NOT_IN_PLACE]) from wrong


def _lines(answers: Answers) -> Iterator[str]:
    yield "# Written by `entrepot init`. Every key: docs/reference/configuration.md. Check it: entrepot doctor"
    yield "\n[entrepot]"
    yield _row('store     = "sqlite:entrepot.db"', "relative to this file, on a local disk")
    yield _row(f"time_zone = {json.dumps(answers.time_zone)}", "of dates in this file and in reports; data is UTC")
    yield _row("\n[plugins]", "what is listed is loaded; what is merely installed is not")
    yield plugin_line(answers)
    yield from account_lines(answers)
    yield "\n[skus]"
    yield _row(f'catalog = "{CATALOG}"', "sku,title; an offer of the same SKU matches by itself")
    yield "\n[[rules]]"
    yield _row("buffer = 0", "units of every article that are never published")


def plugin_line(answers: Answers) -> str:
    return f'{answers.plugin} = "{_versions(answers.version)}"'


def account_lines(answers: Answers) -> Iterator[str]:
    """The account's two tables."""
    yield _row(f"\n[accounts.{answers.account}]", "the id is permanent: orders and stock are stored under it")
    yield from _account(answers)
    about = f"the channel's own: entrepot plugins show {answers.channel.id}"
    yield _row(f"\n[accounts.{answers.account}.settings]", about)
    yield from _settings(answers)


def _row(text: str, comment: str) -> str:
    return f"{text:<{len(text) - len(text.lstrip()) + COMMENTS_FROM}} # {comment}"


def _account(answers: Answers) -> Iterator[str]:
    yield f'channel = "{answers.channel.id}"'
    if answers.marketplaces:
        yield f"marketplaces = {json.dumps(list(answers.marketplaces))}"
    yield _row('publish = "shadow"', 'compute and compare; "live" sends, "off" only reads')
    if answers.environment is not Environment.PRODUCTION:
        yield f'environment = "{answers.environment}"'
    if answers.environment is Environment.SIMULATOR:
        port = answers.simulator
        yield _row(f'simulator = "http://127.0.0.1:{port}"', f"entrepot simulator {answers.account} --port {port}")


def _settings(answers: Answers) -> Iterator[str]:
    for question in questions(answers.channel, answers.account, answers.environment):
        if question.name in answers.settings:
            yield f"{question.name} = {answers.settings[question.name]}"
        else:
            yield _row(f"# {question.name} =", f"left out: {question.default_text}")


def _versions(version: str) -> str:
    """This version and what is compatible with it. Below 1.0, the second number tells what is."""
    try:
        major, minor = Version(version).major, Version(version).minor
    except InvalidVersion:
        return "*"
    return f">={major}.{minor},<{major + 1}" if major else f">=0.{minor},<0.{minor + 1}"
