"""Most of a short command's time is imports."""

import subprocess
import sys

import pytest

from tests.cli.shop import morning

UNUSED = {"httpx", "entrepot.sync.daemon", "uvicorn", "starlette"}
PROGRAM = f"""
import sys
from entrepot.cli import main
main(sys.argv[1:], standalone_mode=False)
assert not (found := {UNUSED} & set(sys.modules)), found
"""


@pytest.mark.parametrize("words", [("accounts", "list"), ("status",), ("orders", "list")])
def test_a_command_that_shows_what_is_stored_brings_no_network(folder, fill, words):
    fill(morning)
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout
