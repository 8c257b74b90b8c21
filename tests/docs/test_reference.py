"""The reference says what the code says: nothing is missing, nothing is superfluous."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from docs import channel_pages
from docs import write_reference as written
from entrepot.channel import ChannelError
from entrepot.config import load_config
from entrepot.config.schema import schema
from entrepot.config.table import Table
from entrepot.model import EventName, ProblemKind
from entrepot.sync.retry import RETRIED
from entrepot.testing.trial import QUANTITIES, UNKNOWN_OFFER
from entrepot_mock_channel import MOCK

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core" / "entrepot"
REFERENCE = ROOT / "docs" / "reference"

EVERY_TABLE = """
[entrepot]
store = "sqlite:entrepot.db"
[plugins]
mock_channel = "*"
[accounts.ID]
channel = "mock"
environment = "simulator"
credentials = "NAME"
settings = { url = "https://shop.example" }
[credentials.NAME]
token = "token"
[skus]
catalog = "skus.csv"
[mail]
server = "mail.example"
from = "entrepot@shop.example"
[[alerts]]
to = "mailto:ops@shop.example"
[[rules]]
buffer = 1
[locations.NAME]
"""


def page(name):
    return (REFERENCE / name).read_text("utf-8")


def rows(text):
    """The cells of every table's rows, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    split = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {place - 1 for place, cells in enumerate(split) if set(cells) == {"---"}}
    return [cells for place, cells in enumerate(split) if place not in heads and set(cells) != {"---"}]


def documented_keys():
    keys = set()
    for part in page("configuration.md").split("\n## ")[1:]:
        table = re.match(r"`\[+([\w.]+)\]+`", part)[1]
        keys |= {f"{table}.{cells[0].strip('`')}" for cells in rows(part) if cells[0].startswith("`")}
        keys.add(table.partition(".")[0])
    return keys


@pytest.fixture
def known_keys(monkeypatch, tmp_path):
    """Every key that is asked for while a file with every table is read."""
    keys = set()
    close = Table.close

    def note(table):
        keys.update(table.at(key) for key in table._known)
        close(table)

    monkeypatch.setattr(Table, "close", note)
    (tmp_path / "skus.csv").write_text("sku,title\nMUG,Mug\n", "utf-8")
    (tmp_path / "plugins.toml").write_text(EVERY_TABLE, "utf-8")
    load_config(tmp_path / "plugins.toml", {"mock": MOCK}, {})
    return {re.sub(r"\[\d+\]", "", key.removeprefix("plugins.toml: ")) for key in keys}


def told_details():
    """Event to the names of its details, wherever the core tells one with names."""
    found = defaultdict(set)
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"announce", "event"}:
                name = next((ast.unparse(one) for one in node.args if "EventName." in ast.unparse(one)), "")
                found[name.rpartition(".")[2]] |= {word.arg for word in node.keywords if word.arg}
    return found


@pytest.mark.parametrize("name", written.BLOCKS)
def test_pages_are_what_the_code_would_write(name):
    assert page(name) == dict(written.pages())[name], "run: make reference"


@pytest.mark.parametrize("name", written.BLOCKS)
def test_pages_have_a_place_for_what_the_code_writes(name):
    assert len(written.BLOCK.findall(page(name))) == 1


def test_every_kind_of_problem_is_explained_in_the_order_of_the_model():
    """Covers P8."""
    assert [cells[0] for cells in rows(page("problems.md"))] == [f"`{kind}`" for kind in ProblemKind]


def test_problems_that_a_retry_closes_say_so():
    assert {cells[0] for cells in rows(page("problems.md")) if "problems retry" in cells[3]} == {
        f"`{kind}`" for kind in RETRIED
    }


def test_every_event_is_explained():
    assert set(written.EVENTS) == set(EventName)


def test_details_of_events_are_those_that_are_told():
    told = {name: words for name, words in told_details().items() if words}
    assert len(told) >= len(EventName) - 1  # one is told with its words in a dictionary
    assert told == {name: set(written.EVENTS[EventName[name]][1]) for name in told}


def test_every_fault_that_is_raised_has_a_meaning_and_every_code_is_raised():
    meanings = [cells[0] for cells in rows(page("errors.md"))]
    sources = [path.read_text("utf-8") for path in CORE.rglob("*.py")]
    raised = re.findall(r'^(?!\s*"[DEW]\d{3}":|CODES).*?"([DEW]\d{3})"', "\n".join(sources), re.MULTILINE)
    assert sorted(set(raised)) == meanings


def test_every_error_says_what_comes_next():
    def below(kind):
        return {kind, *(inner for child in kind.__subclasses__() for inner in below(child))}

    ours = {kind for kind in below(ChannelError) if kind.__module__.startswith("entrepot.")}
    assert set(channel_pages.NEXT) == ours - {ChannelError}


def test_every_offer_of_a_trial_is_named_with_its_quantity():
    page = (REFERENCE / "testing.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (`.*`) \| ([\d,]+|none) \|", page, re.MULTILINE))
    shown = {offer: told.replace(",", "") for offers, told in told.items() for offer in re.findall(r"`(.*?)`", offers)}
    assert shown == {**{offer: str(units) for offer, units in QUANTITIES.items()}, UNKNOWN_OFFER: "none"}


def test_every_key_of_the_configuration_is_explained_and_no_other(known_keys):
    assert known_keys == documented_keys()


def test_the_schema_for_editors_has_every_key(known_keys):
    for key in known_keys:
        node = schema({"mock": MOCK})
        for part in key.split("."):
            node = node.get("items", node)
            channels = node.get("allOf", ())
            theirs = {} if "mock" not in str(channels) else channels[0]["then"]["properties"]
            node = {**node.get("properties", {}), **theirs}.get(part) or node["additionalProperties"]
        assert isinstance(node, dict), key
