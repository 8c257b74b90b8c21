"""Reads golden cases: a page of Markdown with a heading for each, its files, and what the command prints about them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent

CASE = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```\w+(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Command:
    """`prints`: stdout and stderr together, whole."""

    line: str
    prints: str


@frozen
class Step:
    """Files that are written, then commands that are run one after the other."""

    files: Mapping[str, str]
    commands: tuple[Command, ...]


@frozen
class Case:
    title: str
    page: str
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        return "".join(command.prints for step in self.steps for command in step.commands)


def cases() -> Iterator[Case]:
    for path in sorted(HERE.glob("*.md")):
        if path.name != "README.md":
            for title, body in CASE.findall(path.read_text("utf-8")):
                yield Case(title, path.stem, tuple(_steps(body)))


def _steps(body: str) -> Iterator[Step]:
    files: dict[str, str] = {}
    for name, text in BLOCK.findall(body):
        if name:
            files[name] = text
        else:
            yield Step(files, tuple(_commands(text)))
            files = {}


def _commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, prints = part.partition("\n")
        yield Command(line, prints)
