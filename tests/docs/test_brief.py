"""What the pages claim is true as far as a machine can tell: a capability that works, a test that carries a claim."""

import ast
import re

import pytest

from tests.docs.test_hygiene import ROOT, committed_files
from tests.docs.test_links import LINK
from tests.docs.test_reference import rows

PAGE = ROOT / "docs" / "brief.md"
ARTICLE = ROOT.parent / "shared" / "brief" / "article.txt"

TEST = re.compile(r"`(test_\w+)`")
COMMAND = re.compile(r"`(?:entrepot|make) [^`]+`")
NAMES_OF_AMAZON = re.compile(r"\b(?:(?:get|put|patch|list|create|search)[A-Z]\w+|[A-Z]+(?:_[A-Z0-9]+){2,})\b")


def capabilities(page=None):
    """The cells of each row: capability, state, where."""
    return rows(PAGE.read_text("utf-8") if page is None else page)


def faults(row):
    """What is wrong with a row, in words."""
    _, state, where = row
    if state == "retired":
        return [] if "replaced by" in where else ["does not say what replaced it"]
    if state == "not yet":
        return []
    return list(faults_of_working(where)) if state == "works" else [f"has the state {state!r}"]


def faults_of_working(where):
    files = [(PAGE.parent / link).resolve() for link in LINK.findall(where)]
    tests = [file for file in files if file.name.startswith("test_")]
    code = [file for file in files if file.suffix not in {".md", ""} and file not in tests]
    if not COMMAND.search(where):
        yield "names no command"
    if not code:
        yield "names no module"
    if not tests:
        yield "names no test"
    yield from (f"names {name}, which its test files lack" for name in absent_tests(where, PAGE))


def absent_tests(text, page):
    """Tests that a text of this page names, and that none of the test files that it links to has."""
    links = [link for link in LINK.findall(text) if "/test_" in link or "/contract/" in link]
    defined = {name for link in links for name in functions(page.parent / link)}
    return [name for name in TEST.findall(text) if name not in defined]


def functions(file):
    return {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_every_row_says_where_it_works_or_what_replaced_it():
    found = {row[0]: faults(row) for row in capabilities()}
    assert len(found) == len(capabilities()) > 50
    assert {capability: wrong for capability, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("state", "where", "fault"),
    [
        ("works", "", "names no command"),
        ("works", "`entrepot run`, [a](../tests/docs/test_links.py)", "names no module"),
        ("works", "`entrepot run`, [a](../docs/conf.py)", "names no test"),
        ("works", "`test_gone` in [a](../tests/docs/test_links.py)", "names test_gone, which its test files lack"),
        ("retired", "long ago", "does not say what replaced it"),
        ("soon", "", "has the state 'soon'"),
    ],
)
def test_a_row_that_claims_too_much_is_seen(state, where, fault):
    assert fault in faults(["a capability", state, where])


def test_every_test_that_a_page_names_is_in_a_file_that_it_links_to():
    pages = [path for path in committed_files() if path.suffix == ".md" and "docs" in path.parts]
    assert sum(bool(TEST.search(path.read_text("utf-8"))) for path in pages) > 1
    assert [(path.name, absent) for path in pages if (absent := absent_tests(path.read_text("utf-8"), path))] == []


@pytest.mark.skipif(not ARTICLE.exists(), reason="the brief lies beside the repository (../shared/brief)")
def test_every_operation_and_document_that_the_brief_names_has_its_place():
    page = PAGE.read_text("utf-8")
    named = dict.fromkeys(NAMES_OF_AMAZON.findall(ARTICLE.read_text("utf-8")))
    assert len(named) > 20
    assert [name for name in named if name not in page] == []
