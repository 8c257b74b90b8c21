"""Plays the merchant's week of docs/tutorial/week-one.md in real processes, and writes what they print into the page.

Between the marks, each line that begins with `$` is run in turn, in a folder with the files of docs/examples/week_one;
one that ends with `&` goes on beside the others. A test compares the page with what `play` brings.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "tutorial" / "week-one.md"
FILES = ROOT / "docs" / "examples" / "week_one"
BLOCK = re.compile(r"(<!-- week:begin[^\n]*-->\n```console\n)(.*?)(```\n<!-- week:end -->)", re.DOTALL)

PORTS = ("8801", "8802")
"""Of the page and its files; a run has its own."""

SHOWN = (0, 1)
"""Exit codes: 1 says that problems are open."""

CHANGES = ("entrepot reload", "entrepot stock", "entrepot offers map", "sed", "touch")
"""What these change is waited for once the next command looks at it."""

LISTED_AFTER = timedelta(seconds=2)
"""Amazon's two minutes, 200 times as fast, and time to spare."""

PATIENCE = 60
"""Seconds until what runs in the background must have come as far as the next command needs."""


class Week:
    """A folder in which the commands are run. What is `due` must have come before the next command looks at it."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self._folder = folder
        self._running = running
        self._ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self._live = False
        self._due: list[Callable[[], object]] = []
        shutil.copytree(FILES, folder)
        config = folder / "plugins.toml"
        config.write_text(self._moved(config.read_text("utf-8")), "utf-8")

    def play(self, block: str) -> str:
        """The same commands, each with what it printed."""
        commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
        told = [(command, self._run(command)) for command in commands]
        return re.sub(r"&\n\n(?=\$)", "&\n", "\n".join(f"$ {command}\n{printed}" for command, printed in told))

    def _run(self, command: str) -> str:
        if command.endswith(" &"):
            self._begin(self._moved(command).removesuffix(" &"))
            return ""
        changes = command.startswith(CHANGES)
        while self._due and not changes:
            _wait_until(self._due.pop())
        code, printed = self._result(command)
        if code not in SHOWN:
            sys.exit(f"{command}: exit code {code}\n{printed}")
        self._live = self._live or command == "entrepot reload"
        if changes and self._live:
            self._due = [self._settled]
        return self._as_at_nordlicht(printed)

    def _result(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            shlex.split(command), cwd=self._folder, env=_environment(), capture_output=True, text=True, check=False
        )
        printed = "".join(f"{line.rstrip()}\n" for line in done.stdout.strip().splitlines())
        return done.returncode, printed if done.returncode in SHOWN else done.stderr

    def _begin(self, command: str) -> None:
        words = shlex.split(command)
        with (self._folder / "background.log").open("ab") as log:
            process = subprocess.Popen(words, cwd=self._folder, env=_environment(), stdout=log, stderr=log)
        self._running.callback(_end, process)
        if "--port" in words:
            port = words[words.index("--port") + 1]
            self._due.append(lambda: _has_traded(port))
        else:
            self._due.append(lambda: self._asked("status")["daemons"])

    def _settled(self) -> bool:
        """Was every quantity sent, and read back?"""
        wished = [one for one in self._asked("offers list") if one["desired"] is not None]
        return all(
            (one["believed"], one["effective_version"]) == (one["desired"], one["sent_version"]) for one in wished
        )

    def _asked(self, question: str) -> Any:
        return json.loads(self._result(f"entrepot {question} --format json")[1])

    def _moved(self, text: str) -> str:
        for shown, ours in self._ports.items():
            text = text.replace(shown, ours)
        return text

    def _as_at_nordlicht(self, printed: str) -> str:
        """Without the names of the machine on which the page is written."""
        printed = printed.replace(str(self._folder), "nordlicht")
        return re.sub(rf"\b{re.escape(socket.gethostname())}:\d+", "nordlicht:4711", printed)


@contextmanager
def week() -> Iterator[Week]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        yield Week(Path(folder).resolve() / "week", running)


def blocks(page: str) -> list[str]:
    return [found[1] for found in BLOCK.findall(page)]


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "COLUMNS": "118"}


def _has_traded(port: str) -> bool:
    """Have buyers come and gone, and is their last order old enough for Amazon's list of orders?"""
    try:
        truth = httpx.get(f"http://127.0.0.1:{port}/_simulator/truth").json()
    except httpx.TransportError:
        return False
    changes = [datetime.fromisoformat(order["changed_at"]) for order in truth["orders"].values()]
    return bool(changes) and not truth["trading"] and datetime.now(UTC) - max(changes) > LISTED_AFTER


def _wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(holds)
        time.sleep(0.2)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(PATIENCE)


def _free_ports(number: int) -> list[str]:
    with ExitStack() as probes:
        found = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [str(probe.getsockname()[1]) for probe in found]


def main() -> None:
    with week() as played:
        page = BLOCK.sub(lambda found: found[1] + played.play(found[2]) + found[3], PAGE.read_text("utf-8"))
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
