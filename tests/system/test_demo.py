"""`entrepot demo` as a process: ended by signals, short of a library, and on twenty days."""

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.system.processes import Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

ROOT = Path(__file__).parents[2]
DAYS = range(1, 21)


@pytest.fixture
def site(tmp_path):
    return Site.make(tmp_path, scale=500)


def begun(site):
    """A day beside the clock, in which buyers have come; answers on stdout, and tells of sales on stderr."""
    program = Path(sys.executable).with_name("entrepot")
    command = [str(program), "--config", str(site.folder / "plugins.toml"), "demo", "--real-time", "--format", "json"]
    log = site.folder / "demo.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    wait_until(lambda: log.read_text().count(" sold ") > 10, 60)
    return process


def test_a_signal_ends_the_day_with_the_report_so_far(site):
    day = begun(site)
    day.send_signal(signal.SIGINT)
    answer, _ = day.communicate(timeout=30)
    report = json.loads(answer)
    assert day.returncode == 0
    assert report["orders"]["market"] == report["orders"]["stored"] > 0
    assert (site.folder / "demo" / "entrepot.db").exists()


def test_a_second_signal_breaks_it_off(site):
    day = begun(site)
    day.send_signal(signal.SIGTERM)
    day.send_signal(signal.SIGINT)
    answer, _ = day.communicate(timeout=30)
    assert (day.returncode, answer) == (130, b"")
    assert "Traceback" not in (site.folder / "demo.log").read_text()


@pytest.mark.parametrize(
    ("command", "absent"),
    [
        ("demo --seed 3 --format json", "starlette"),
        ("simulator webshop --port 8801", "starlette"),
        ("simulator webshop --port 8801 --demand 3", "uvicorn"),
    ],
)
def test_without_the_simulators_libraries_one_line_says_so(site, command, absent):
    blocked = f"import sys; sys.modules['{absent}'] = None; from entrepot.cli import main; main()"
    words = [sys.executable, "-c", blocked, "--config", str(site.folder / "plugins.toml"), *command.split()]
    told = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr == f"Error: simulators need {absent}. Next: pip install 'entrepot[simulator]'\n"


def test_the_readme_shows_what_this_version_prints(tmp_path):
    """Mended by `make readme`."""
    shown = (ROOT / "README.md").read_text("utf-8").partition("$ make demo\nA day")[2].partition("\n\nThe database")[0]
    _copy_example(tmp_path)
    words = [*_demo(tmp_path), "--seed", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "120"})
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert printed.startswith(f"A day{shown}\n")


def live_through(folder, seed):
    """The example of this repository, on a day of its own: exit code and report."""
    folder.mkdir()
    _copy_example(folder)
    words = [*_demo(folder), "--seed", str(seed), "--format", "json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def _copy_example(folder):
    for name in ("plugins.toml", "skus.csv"):
        shutil.copy(ROOT / name, folder)


def _demo(folder):
    return [str(Path(sys.executable).with_name("entrepot")), "--config", str(folder / "plugins.toml"), "demo"]


@pytest.mark.soak
def test_twenty_days_of_trade(tmp_path, note):
    """Nothing is lost, refused for its frequency or oversold by us. As many days at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        days = list(pool.map(lambda seed: live_through(tmp_path / str(seed), seed), DAYS))
    broken = []
    for seed, (code, report, told) in zip(DAYS, days, strict=True):
        orders, published = report.get("orders", {}), report.get("published", {})
        by_us, by_lag = report.get("oversold_by_us"), report.get("oversold_by_lag", [])
        note(
            f"demo seed {seed:2}: exit {code}, orders {orders.get('market')} / {orders.get('stored')}, "
            f"published {published.get('sent')} / {published.get('effective')}, 429s {report.get('throttled')}, "
            f"oversold by us {by_us}, by lag {len(by_lag)}"
        )
        kept = orders and orders["market"] == orders["stored"] > 0 and by_us == [] and report["throttled"] == 0
        if code or not kept:
            broken.append((seed, code, by_us, told))
    assert broken == []
