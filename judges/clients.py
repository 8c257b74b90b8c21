"""The clients that are judged, each in a process and an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "judges"
PEERS = ROOT / ".judges" / "bin" / "python"


@frozen
class Client:
    """`distribution` is its name on the package index; its driver bears it, with underscores."""

    distribution: str
    python: Path

    @property
    def version(self) -> str:
        program = f"from importlib.metadata import version; print(version({self.distribution!r}))"
        told = subprocess.run([self.python, "-c", program], stdout=subprocess.PIPE, check=True, text=True)
        return told.stdout.strip()

    @contextmanager
    def driven(self, url: str) -> Iterator["Driven"]:
        """Ready to be asked about the sandbox at `url`. Its complaints go where ours go."""
        driver = f"drivers.{self.distribution.replace('-', '_')}"
        with driving([str(self.python), "-m", driver, url]) as driven:
            yield driven


OURS = Client("entrepot-amazon-sp", Path(sys.executable))
PYTHON_AMAZON_SP_API = Client("python-amazon-sp-api", PEERS)
AMZN_SP_API = Client("amzn-sp-api", PEERS)

ALL = (OURS, PYTHON_AMAZON_SP_API, AMZN_SP_API)


@frozen
class Driven:
    process: "subprocess.Popen[str]"

    def ask(self, case: dict[str, Any]) -> dict[str, Any]:
        """What its driver tells (`drivers/talk.py`)."""
        if self.process.stdin is None or self.process.stdout is None:
            raise ValueError("a driver is asked through pipes")
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def driving(command: Sequence[str], **environment: str) -> Iterator[Driven]:
    """A driver's process, its paths beginning here; `environment` is added to ours."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER, env=os.environ | environment
    ) as process:
        try:
            yield Driven(process)
        finally:
            process.terminate()
