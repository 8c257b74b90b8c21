"""What authors and users install: wheels, built and installed without an index, away from the repository."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "write-a-channel.md"
PIP = ("--disable-pip-version-check", "--quiet", "--no-index", "--no-deps", "--no-build-isolation")
"""What is built needs hatchling, which requirements/dev.txt brings; pip itself may be older than the build."""


@frozen
class Outside:
    """An empty folder outside the repository, with a virtual environment of its own.

    The libraries are those of the environment that runs the tests. Its editable installs are not: the file that names
    their sources is read in the site-packages of its own environment only. `entrepot` here is the wheel, and there is
    no mock channel to fall back on.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Outside":
        venv.create(folder / ".venv", with_pip=False)
        made = cls(folder)
        site = Path(made.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
        return made

    def run(self, program: str, *words: str, cwd: str = ".", code: int = 0) -> str:
        """What a program of the environment prints."""
        return self._run([str(self.folder / ".venv" / "bin" / program), *words], cwd, code)

    def pip(self, *words: str) -> None:
        python = self.folder / ".venv" / "bin" / "python"
        self._run([sys.executable, "-m", "pip", "--python", str(python), "install", *PIP, *words], ".", 0)

    def shell(self, script: str) -> None:
        self._run(["sh", "-eu", "-c", script], ".", 0)

    def _run(self, command: list[str], cwd: str, code: int) -> str:
        path = os.pathsep.join([str(self.folder / ".venv" / "bin"), os.environ["PATH"]])
        environment = {"HOME": str(self.folder), "PATH": path, "COLUMNS": "200"}
        done = subprocess.run(
            command, cwd=self.folder / cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


def blocks_of_guide(language: str) -> list[str]:
    """The code of docs/how-to/write-a-channel.md, without prompts."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(r"(?m)^\$ ", "", block) for block in found]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """Distribution to its wheel."""
    folder = tmp_path_factory.mktemp("wheels")
    projects = [ROOT, *(path.parent for path in sorted(ROOT.glob("connectors/*/pyproject.toml")))]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *PIP, "-w", str(folder), *map(str, projects)], check=True)
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def outside(tmp_path_factory, wheels):
    outside = Outside.make(tmp_path_factory.mktemp("outside"))
    outside.pip(str(wheels["entrepot"]))
    return outside
