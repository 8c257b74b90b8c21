"""Runs the commands that README.md and the tutorial show, and writes what they print below them: nobody types figures.

Between the marks, each line that begins with `$` is run in turn: the demo, then the others on the database it leaves.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
PAGES = ("README.md", "docs/tutorial/a-day-of-trade.md")
BLOCK = re.compile(r"(<!-- demo:begin[^\n]*-->\n```console\n).*?(```\n<!-- demo:end -->)", re.DOTALL)

DEMO = [".venv/bin/entrepot", "demo", "--seed", "1"]
"""What `make demo` runs, after the installation."""

SHOWN = (0, 1)
"""Exit codes: 1 says that problems are open."""


def main() -> None:
    for name in PAGES:
        page = ROOT / name
        page.write_text(BLOCK.sub(_rerun, page.read_text("utf-8")), "utf-8")


def _rerun(found: re.Match[str]) -> str:
    commands = [line.removeprefix("$ ") for line in found[0].splitlines() if line.startswith("$ ")]
    return found[1] + "\n\n".join("\n".join(_run(command)) for command in commands) + "\n" + found[2]


def _run(command: str) -> Iterator[str]:
    yield f"$ {command}"
    words, environment = (DEMO, _newcomer()) if command == "make demo" else (shlex.split(command), _activated())
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in SHOWN:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    yield from (printed.rstrip() for printed in done.stdout.strip().splitlines())


def _newcomer() -> Mapping[str, str]:
    """A shell in which nothing was activated."""
    return os.environ | {"PATH": os.pathsep.join(_others()), "COLUMNS": "120"}


def _activated() -> Mapping[str, str]:
    """A shell in which the tutorial's first lines were typed."""
    path = os.pathsep.join([str(PROGRAMS), *_others()])
    return os.environ | {"PATH": path, "ENTREPOT_CONFIG": "demo/plugins.toml", "COLUMNS": "118"}


def _others() -> list[str]:
    return [place for place in os.environ["PATH"].split(os.pathsep) if Path(place) != PROGRAMS]


main()
