"""The files of a new connector, from the template beside this module.

The template is a whole connector called shopname, which linters and the type checker read like any other. A comment
`# if CAPABILITY` at the end of a line keeps the statement that begins there to connectors of that capability.
"""

import re
from collections.abc import Collection, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import dropwhile, takewhile

from attrs import frozen

TEMPLATE = "channel-template"
"""The folder. Its name is no module's, so that nothing takes it for a part of this package."""

MARK = re.compile(r"  # if (\w+)$")

SHORTEST, LONGEST = 2, 24
"""Characters of a name; lines of the template have room for so many."""

TEST_OF_TEMPLATE = "contract.py"
"""Called otherwise here, so that nobody takes it for a test of ours."""


@frozen
class Name:
    """`text` in the forms that the files need: `tiny_shop` is also tiny-shop, TinyShop, TINY_SHOP, Tiny shop."""

    text: str

    @property
    def distribution(self) -> str:
        return f"entrepot-{self.dashed}"

    @property
    def package(self) -> str:
        return f"entrepot_{self.text}"

    @property
    def dashed(self) -> str:
        return self.text.replace("_", "-")

    @property
    def words(self) -> str:
        return self.text.replace("_", " ").capitalize()

    @property
    def camel(self) -> str:
        return "".join(word.capitalize() for word in self.text.split("_"))

    @property
    def shop(self) -> str:
        """The class of the double: a shop is not called one twice."""
        return self.camel if self.text.endswith("shop") else f"{self.camel}Shop"


def proper(text: str) -> str:
    """The nearest name that is allowed: a Python name in small letters; "" where there is none."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower())
    name = "_".join(dropwhile(lambda word: word[0].isdigit(), words))[:LONGEST].rstrip("_")
    return name if len(name) >= SHORTEST else ""


def scaffold(name: Name, capabilities: Collection[str]) -> dict[str, str]:
    """Path in the new folder to text."""
    template = files("entrepot.cli.new") / TEMPLATE
    return {
        _named(path, name): _named(_kept(source.read_text("utf-8"), capabilities), name)
        for path, source in sorted(_sources(template, ""))
    }


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        below = f"{path}{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _sources(entry, f"{below}/")
        elif entry.is_file():
            yield ("tests/test_shopname.py" if below == TEST_OF_TEMPLATE else below), entry


def _named(text: str, name: Name) -> str:
    """What is read by people or is a host's name comes first: the rest are names in code."""
    text = re.sub(r"\bentrepot-shopname\b", name.distribution, text)
    text = re.sub(r"\bshopname(?=\.example|-test)", name.dashed, text)
    text = re.sub(r"\bShopname\b", name.words, text)
    text = (
        text.replace("ShopnameShop", name.shop).replace("Shopname", name.camel).replace("SHOPNAME", name.text.upper())
    )
    return text.replace("shopname", name.text)


def _kept(text: str, capabilities: Collection[str]) -> str:
    """Without the statements of other capabilities, and without the marks."""
    kept: list[str] = []
    rest = text.splitlines()
    while rest:
        mark = MARK.search(rest[0])
        if mark and mark[1] not in capabilities:
            end = _end(rest)
            gap = max(_blank(kept), _blank(rest[:end]))
            kept = kept[: len(kept) - _blank(kept)] + [""] * gap
            rest = rest[end:]
        else:
            kept.append(MARK.sub("", rest.pop(0)))
    return re.sub(r"\{\n *\}", "{}", "\n".join(kept).rstrip() + "\n") if kept else ""


def _end(lines: list[str]) -> int:
    """Of the statement that begins first: with its decorators, what is indented below, and the bracket that closes it.

    Blank lines behind it are part of it.
    """
    indent = _indent(lines[0])
    for place, line in enumerate(lines[1:], start=1):
        decorated = lines[place - 1][indent:].startswith("@")
        closes = line[indent:].startswith((")", "}", "]"))
        if line and _indent(line) <= indent and not closes and not decorated:
            return place
    return len(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blank(lines: list[str]) -> int:
    """Blank lines at the end."""
    return sum(1 for _ in takewhile(lambda line: not line, reversed(lines)))
