"""What an operator or author reads for each way in which plugins.toml, a catalog or a plugin can be wrong."""

import base64
import importlib.metadata
import logging
import re
import sys
from importlib.metadata import EntryPoint

import pytest
import structlog
from click.testing import CliRunner

from entrepot import config, hookimpl, plugins
from entrepot.channel.bind import CODES as CHANNEL_CODES
from entrepot.cli import main
from entrepot.cli.connecting import CODES as RUN_CODES
from entrepot.cli.exits import Exit
from tests.config.channels import ACME
from tests.golden.book import cases
from tests.plugins.distributions import Dist, offer

CASES = {f"{case.page}: {case.title}": case for case in cases()}
VARIABLES = {"TOKEN": "t0ken", "EMPTY": "", "SIGNS": "whsec_" + base64.b64encode(bytes(24)).decode()}
ELSEWHERE_IN_CODE = re.compile(r"\((?!\w+\.py,)[^()]*, line \d+\)")
"""A line of our own code: it moves."""
OFFERED = re.compile(r"^# plugin (\S+) of the distribution (\S+) (\S+)$", re.MULTILINE)

ELSEWHERE = {"E503": "a daemon must run: tests/system/test_reload.py"}
WARNINGS = {code for code in config.CODES if code.startswith("W")}


@hookimpl
def register_channels():
    return [ACME]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder in which commands run; a plugin is what lies in it, or acme with a channel without faults."""
    root, before = logging.getLogger(), set(sys.modules)
    logged = list(root.handlers), root.level
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ENTREPOT_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    good = offer(monkeypatch, "acme", register_channels=register_channels)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: _installed(tmp_path, group) or [good])
    yield tmp_path
    root.handlers[:], root.level = logged
    structlog.reset_defaults()
    for name in set(sys.modules) - before:
        if (tmp_path / f"{name}.py").exists():
            del sys.modules[name]


def _installed(folder, group):
    found = []
    for module in sorted(folder.glob("*.py")):
        said = OFFERED.findall(module.read_text("utf-8")) or [(module.stem, f"{module.stem}-for-entrepot", "1.0")]
        for name, dist, version in said:
            entry = EntryPoint(name, module.stem, group)
            vars(entry).update(dist=Dist(dist, version))  # as importlib.metadata does
            found.append(entry)
    return found


def run(site, line):
    program, *args = line.split()
    assert program == "entrepot"
    result = CliRunner().invoke(main, args, catch_exceptions=False)
    return result.exit_code, ELSEWHERE_IN_CODE.sub("(…)", result.output.replace(f"{site}/", ""))


@pytest.mark.parametrize("name", CASES)
def test_every_fault_is_told_with_its_place_and_the_next_action(name, site):
    code = None
    for step in CASES[name].steps:
        for file, text in step.files.items():
            (site / file).write_text(text, "utf-8")
        for command in step.commands:
            code, told = run(site, command.line)
            assert told == command.prints
    assert code == Exit.CONFIG


def test_there_are_many_and_each_has_its_own_title():
    """Bad config."""
    assert len(CASES) == len(list(cases())) > 100


@pytest.mark.parametrize("name", CASES)
def test_no_message_shows_a_secret(name):
    """P9."""
    assert "s3cret" not in CASES[name].text


def test_every_code_has_a_case():
    codes = {*config.CODES, *plugins.CODES, *CHANNEL_CODES, *RUN_CODES} - WARNINGS
    told = {code for case in CASES.values() for code in re.findall(r"^(E\d{3}) ", case.text, re.MULTILINE)}
    assert told | ELSEWHERE.keys() == codes
    assert not told & ELSEWHERE.keys()
