"""Commands and options that the pages name exist."""

import re
import shlex

import click
import pytest

from entrepot.cli import main
from tests.docs.test_hygiene import committed_files

SPAN = re.compile(r"`(entrepot [^`]+)`")
LINE = re.compile(r"^\$ (?:\S*/)?(entrepot [^|&\n]+)", re.MULTILINE)
COMMENT = re.compile(r"\s+#.*")


def named_commands(text):
    return [COMMENT.sub("", found) for found in (*SPAN.findall(text.replace("\n", " ")), *LINE.findall(text))]


def unknown(line):
    """The first word of a command line that does not exist; None where all do. `a|b` names two commands."""
    words = shlex.split(line.replace("\\", ""))[1:]
    places = [(main, click.Context(main))]
    for word in words:
        if word.startswith("-"):
            known = {option for command, _ in places for one in command.params for option in one.opts}
            if word.split("=")[0] not in known | {"--help"}:
                return word
            continue
        command, context = places[-1]
        if not isinstance(command, click.Group) or _is_value(word, line):
            continue
        if word == "COMMAND":
            return None
        for name in word.split("|"):
            inner = command.get_command(context, name)
            if inner is None:
                return None if command.invoke_without_command else name
        places.append((inner, click.Context(inner, parent=context)))
    return None


def _is_value(word, line):
    """Of a global option, which stands before the command."""
    return re.search(rf"--(?:config|log-level|log-format) {re.escape(word)}", line) is not None


def test_pages_name_no_command_that_does_not_exist():
    pages = [path for path in committed_files() if path.suffix == ".md"]
    lines = [(path.name, line) for path in pages for line in named_commands(path.read_text("utf-8"))]
    assert len(lines) > 50
    assert [(*named, word) for named in lines if (word := unknown(named[1]))] == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("entrepot stock recieve MUG 5", "recieve"),
        ("entrepot offers diff webshop --dry", "--dry"),
        ("entrepot --log-format json run", None),
        ("entrepot orders list|shw", "shw"),
        ("entrepot problems retry P1", None),
    ],
)
def test_an_unknown_command_or_option_is_seen(line, word):
    assert unknown(line) == word


def test_commands_are_found_in_text_and_in_consoles():
    text = "Then `entrepot offers\nlist`.\n\n```console\n$ .venv/bin/entrepot run   # the daemon\n```\n"
    assert named_commands(text) == ["entrepot offers list", "entrepot run"]
