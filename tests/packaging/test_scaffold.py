"""What `entrepot new` writes is green, clean and typed, for every set of capabilities."""

import os
import subprocess
import sys
from itertools import product

import pytest

from entrepot.cli.new.command import CHOICES
from entrepot.cli.new.scaffold import LONGEST, Name, scaffold
from tests.packaging.conftest import ROOT

SOURCES = os.pathsep.join(["src", str(ROOT / "core")])
"""Its own, and the core of this repository."""

LONG = "an_extremely_long_name_x"
SETS = [
    [choice for choice, chosen in zip(CHOICES, picks, strict=True) if chosen]
    for picks in product([True, False], repeat=len(CHOICES))
    if any(picks) and (picks[CHOICES.index("stock")] or not picks[CHOICES.index("bulk_stock")])
]


def python(*words, cwd, **environment):
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(folder, name, capabilities):
    for path, text in scaffold(Name(name), capabilities).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


@pytest.mark.parametrize("capabilities", SETS, ids=",".join)
def test_its_contract_is_green(capabilities, tmp_path):
    write(tmp_path / "tiny_shop", "tiny_shop", capabilities)
    words = ["pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    told = python(*words, cwd=tmp_path / "tiny_shop", PYTHONPATH=SOURCES, PYTEST_ADDOPTS="")
    assert " passed" in told
    assert "skipped" not in told


@pytest.fixture(scope="module")
def all_sets(tmp_path_factory):
    """One connector of each set of capabilities, with the shortest and the longest name, beside the core."""
    root = tmp_path_factory.mktemp("generated")
    for place, (capabilities, stem) in enumerate(product(SETS, ["xy", LONG])):
        write(root / "connectors" / f"c{place}", f"{stem[:-1]}{chr(97 + place)}", capabilities)
    (root / "core").symlink_to(ROOT / "core")
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return root


def test_what_it_writes_is_clean_and_formatted(all_sets):
    assert len(LONG) == LONGEST
    python("ruff", "check", "--no-cache", "connectors", cwd=all_sets)
    python("ruff", "format", "--no-cache", "--check", "connectors", cwd=all_sets)


def test_what_it_writes_is_typed(all_sets):
    sources = [str(path) for path in sorted(all_sets.glob("connectors/*/src"))]
    path = os.pathsep.join([str(ROOT / "core"), *sources])
    python("mypy", "--strict", "--config-file=", *sources, cwd=all_sets, MYPYPATH=path)
