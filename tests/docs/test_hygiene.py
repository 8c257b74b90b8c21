"""What is committed works on any machine: it names no package registry and no path of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Put together from pieces: this file is checked as well.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("golang", "org"),
        ("rubygems", "org"),
        ("maven", "org"),
        ("debian", "org"),
        ("ubuntu", "com"),
    )
]
FOLDERS = ["work", "tmp", "root", "opt"]
UNWANTED = re.compile(
    "|".join(
        [
            *(re.escape(host) for host in REGISTRIES),
            rf"(?<![\w.$*}})/-])/(?:{'|'.join(FOLDERS)})(?:/|\b(?![-.\w]))",
            r"/(?:home|Users)/\w+/",
            "file:" + "///",
        ]
    )
)


def committed_files():
    """Tracked files and new ones that no ignore rule covers: what the next commit would hold."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in sorted(set(listing.split("\0"))) if name and (ROOT / name).is_file()]


def unwanted_lines(path):
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    lines = enumerate(text.splitlines(), start=1)
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return [f"{name}:{number}: {found[0]}" for number, line in lines if (found := UNWANTED.search(line))]


def test_no_committed_file_names_a_registry_or_a_machine_path():
    files = committed_files()
    assert ROOT / "pyproject.toml" in files
    assert [line for path in files for line in unwanted_lines(path)] == []


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://" + REGISTRIES[0] + "/simple",
        "entrepot @ file:" + "///somewhere",
        '"' + "/" + FOLDERS[0] + '/main"',
        "cd " + "/" + FOLDERS[1],
        "in /home" + "/ana/entrepot",
    ],
)
def test_the_check_sees(text, tmp_path):
    written = tmp_path / "notes.md"
    written.write_text(f"first\n{text}\n")
    assert len(unwanted_lines(written)) == 1


@pytest.mark.parametrize("text", ["docs/work/flow.md", "https://shop.example/tmp", "a rework/root cause"])
def test_the_check_leaves_alone(text):
    assert UNWANTED.search(text) is None


def test_every_pin_has_its_hash():
    text = (ROOT / "requirements" / "dev.txt").read_text().replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.match(r"[a-z0-9.-]+==\S+ +--hash=sha256:[0-9a-f]{64}", pin)] == []
