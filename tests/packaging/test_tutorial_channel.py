"""docs/tutorial/a-channel-in-a-day.md, from its first command to its last, in a folder outside the repository.

Blocks run in the page's order. One that begins with `# PATH` is a file, or a change of one (`diff`); a change after the
heading "What the contract is for" is taken back once its command has failed. Of a command's output, each line that the
page shows must occur, in that order; `...` stands for anything, and numbers may differ, but not how many tests passed.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import textwrap
from itertools import groupby

import pytest
from attrs import define, field

from tests.packaging.conftest import ROOT, Outside

pytestmark = pytest.mark.xdist_group("packaging")

PAGE = ROOT / "docs" / "tutorial" / "a-channel-in-a-day.md"
NUMBER = re.compile(r"\d++(?:\.\d++)?+(?! (?:passed|failed|deselected|skipped)\b)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MISTAKES = "What the contract is for"
PORT = "8801"


@define
class Reader:
    """Somebody who does what the page says."""

    outside: Outside
    port: str
    mistakes: bool = False
    undo: dict = field(factory=dict)
    seen: list = field(factory=list)
    started: list = field(factory=list)

    def write(self, path, text):
        file = self.outside.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.replace(PORT, self.port), "utf-8")

    def change(self, path, text):
        file = self.outside.folder / path
        before = file.read_text("utf-8")
        after = before
        for blank, lines in groupby(text.splitlines(), key=lambda line: not line):
            if not blank:
                hunk = list(lines)
                old = "".join(f"{line[1:]}\n" for line in hunk if line[0] in " -")
                new = "".join(f"{line[1:]}\n" for line in hunk if line[0] in " +")
                assert after.count(old) == 1, f"{path} does not have once:\n{old}"
                after = after.replace(old, new)
        file.write_text(after, "utf-8")
        if self.mistakes:
            self.undo.setdefault(file, before)

    def type(self, block):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            told = self.run(shlex.split(command.replace(PORT, self.port)))
            assert_shown(shown, told, command)
        for file, text in self.undo.items():
            file.write_text(text, "utf-8")
        self.undo.clear()

    def run(self, words):
        match words:
            case ["python3", "-m", "venv", _] | [".", _]:
                return ""  # this folder has its environment
            case ["pip", "install", "-e", project]:
                path = project.partition("[")[0]
                if path != "../entrepot":  # installed as a wheel
                    self.outside.pip("-e", path)
                return ""
            case ["entrepot", "simulator", *_]:
                return self.start(words)
            case ["pytest", *rest]:
                code = pytest.ExitCode.TESTS_FAILED if self.mistakes else pytest.ExitCode.OK
                return self.outside.run("python", "-m", "pytest", "-p", "no:cacheprovider", *rest, code=code)
        return self.outside.run(*words)

    def start(self, words):
        """Until it says that it listens."""
        program = self.outside.folder / ".venv" / "bin" / words[0]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.outside.folder)}
        process = subprocess.Popen(
            [str(program), *words[1:]], cwd=self.outside.folder, env=environment, stderr=subprocess.PIPE, text=True
        )
        self.started.append(process)
        for line in process.stderr:
            if "simulating" in line:
                return ""
        pytest.fail("the simulator ended")


def assert_shown(shown, told, command):
    """Each line, in that order, perhaps with others between."""
    rest = without_numbers(told)
    for line in shown.splitlines():
        for piece in filter(str.strip, without_numbers(line).split("...")):
            assert piece.strip() in rest, f"$ {command}\nprints no (more) {piece!r}:\n{told}"
            rest = rest.partition(piece.strip())[2]


def without_numbers(text):
    """Those that may differ are N."""
    return NUMBER.sub("N", re.sub(r"[ \t]+", " ", text))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


@pytest.fixture
def reader(tmp_path, wheels):
    outside = Outside.make(tmp_path)
    outside.pip(str(wheels["entrepot"]))
    reader = Reader(outside, free_port())
    yield reader
    for process in reader.started:
        process.terminate()
        process.communicate(timeout=30)


def follow(reader, text):
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        reader.mistakes = section.startswith(MISTAKES)
        for language, block in BLOCK.findall(section):
            reader.seen.append(language)
            path = re.match(r"# (\S+)\n", block)
            if language == "console":
                reader.type(block)
            elif path and language == "diff":
                reader.change(path[1], block[path.end() :])
            elif path:
                reader.write(path[1], block[path.end() :])


def test_the_page_is_true(reader):
    follow(reader, PAGE.read_text("utf-8"))
    assert reader.seen.count("diff") >= 5
    types = ["--strict", "--config-file=", str(reader.outside.folder / "teahouse" / "src")]
    core = {"MYPYPATH": os.pathsep.join([str(ROOT / "core"), types[-1]])}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *types], cwd=reader.outside.folder, env=os.environ | core, check=False
    )
    assert done.returncode == 0


def test_doctor_finds_no_fault_in_the_account_that_new_prints(reader):
    printed = reader.run(["entrepot", "new", "shop"]).partition("in plugins.toml:")[2].partition("Start its shop")[0]
    reader.outside.pip("-e", "shop")
    head = '[entrepot]\nstore = "sqlite:shop.db"\n[skus]\ncatalog = "skus.csv"\n'
    reader.write("plugins.toml", head + textwrap.dedent(printed))
    reader.write("skus.csv", "sku,title\nTEA,Tea\n")
    reader.run(["entrepot", "simulator", "shop-test", "--port", reader.port])
    assert "shop-test" in reader.run(["entrepot", "doctor"])


@pytest.mark.parametrize("shown", ["47 failed", "46 passed", "one\nthree\ntwo"])
def test_what_is_not_printed_is_noticed(shown):
    with pytest.raises(AssertionError):
        assert_shown(shown, "one\ntwo\nthree\n47 passed in 3.1s", "pytest")


def test_a_time_may_be_another_one():
    assert_shown("47 passed in 9.31s", "47 passed in 12.5s", "pytest")
