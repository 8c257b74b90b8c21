"""The reference says what the code says."""

import importlib.util
import re
from pathlib import Path

import pytest

from entrepot.model import ProblemKind

ROOT = Path(__file__).parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load(ROOT / "docs" / "write_reference.py")


@pytest.mark.parametrize(("name", "text"), list(reference.pages()), ids=lambda value: value[:20].strip("# \n"))
def test_pages_are_what_the_code_would_write(name, text):
    assert (reference.REFERENCE / name).read_text("utf-8") == text, "run: make reference"


def test_every_kind_of_problem_is_explained():
    assert set(reference.PROBLEMS) == set(ProblemKind)


def test_every_fault_that_is_raised_has_a_meaning():
    page = (reference.REFERENCE / "errors.md").read_text("utf-8")
    raised = {
        code
        for path in (ROOT / "core").rglob("*.py")
        for code in re.findall(r'"([EW][1-5]\d\d)"', path.read_text("utf-8"))
    }
    assert raised == set(re.findall(r"^\| ([EW]\d+) ", page, re.MULTILINE))


def test_every_key_of_the_configuration_is_explained():
    page = (reference.REFERENCE / "configuration.md").read_text("utf-8")
    keys = {
        key
        for path in (ROOT / "core" / "entrepot" / "config").glob("*.py")
        for key in re.findall(r'\.(?:read|require|table|tables|seconds|text)\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    assert keys
    assert {key for key in keys if f"`{key}`" not in page} == set()
