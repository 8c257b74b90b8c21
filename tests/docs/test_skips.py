"""Where CI is set, a skip that is not on the list turns the run red."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.docs.test_hygiene import ROOT

SKIPS = 'import pytest\n\n@pytest.mark.skip("no reason")\ndef test_absent(): ...\n\ndef test_present(): ...\n'
SKIPS_ITSELF = 'import pytest\n\npytest.skip("no reason", allow_module_level=True)\n'


@pytest.fixture
def run(tmp_path):
    """Runs pytest with the repository's conftest.py on one test file, with two workers, and returns the exit status."""

    def run(source, allowed="", **environment):
        shutil.copy(ROOT / "conftest.py", tmp_path)
        (tmp_path / "tests").mkdir()
        shutil.copy(ROOT / "tests" / "offline.py", tmp_path / "tests")
        (tmp_path / "tests" / "allowed_skips.txt").write_text(allowed)
        (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        (tmp_path / "tests" / "test_some.py").write_text(source)
        outside = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        quiet = {"CI": "", "ENTREPOT_STRICT_SKIPS": ""}
        command = [sys.executable, "-m", "pytest", "-n", "2", "-q", "tests"]
        return subprocess.run(command, cwd=tmp_path, env=outside | quiet | environment, check=False).returncode

    return run


def test_a_skipped_test_fails_in_ci(run):
    assert run(SKIPS, CI="true") == pytest.ExitCode.TESTS_FAILED


def test_a_skipped_module_fails_in_ci(run):
    assert run(SKIPS_ITSELF, CI="true") == pytest.ExitCode.TESTS_FAILED


def test_a_listed_skip_passes(run):
    assert run(SKIPS, "# reasons\ntests/test_some.py::test_abs*  # not here\n", CI="true") == pytest.ExitCode.OK


def test_at_home_a_skip_passes(run):
    assert run(SKIPS) == pytest.ExitCode.OK


def test_at_home_the_rule_can_be_asked_for(run):
    assert run(SKIPS, ENTREPOT_STRICT_SKIPS="1") == pytest.ExitCode.TESTS_FAILED
