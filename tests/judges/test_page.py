"""The programs on the simulator's page for clients of several makes are run as they stand there."""

import os
import re
import subprocess
import sys

import pytest

from entrepot.channel import SimulatorConfig, strict_converter
from entrepot.runtime import SystemClock
from entrepot.simulation import stream
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.simulator import AmazonDouble
from judges.clients import PEERS, ROOT
from judges.serving import served

PAGE = (ROOT / "docs" / "how-to" / "simulator.md").read_text("utf-8")
MODULES = ROOT / ".judges" / "node_modules"


@pytest.fixture
def run(tmp_path):
    """What a program of the page prints, at a seller's who has the account that `init` invents."""
    settings = strict_converter().structure(AMAZON.simulator_settings, AmazonSettings)
    config = SimulatorConfig("amazon", ("DE",), settings, {"TEA": 9})
    amazon = AmazonDouble(AMAZON, config, SystemClock(), stream(1, "amazon"))

    def play(client, *words):
        (program,) = (each for each in re.findall(r"```(?:python|js)\n(.*?)```", PAGE, re.DOTALL) if client in each)
        with served(amazon) as url:
            text = program.replace("8801", url.rpartition(":")[2])
            environment = {"PATH": os.environ["PATH"], "NODE_PATH": str(MODULES), "HOME": str(tmp_path)}
            environment["PYTHONPATH"] = os.pathsep.join(sys.path) if words[0] == sys.executable else ""
            return subprocess.run(  # noqa: S603 - a program of ours
                [*words, text], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
            ).stdout

    return play


@pytest.mark.xdist_group("system")
def test_our_program_is_let_in(run):
    assert "'countryCode': 'DE'" in run("entrepot_amazon_sp", sys.executable, "-c")


@pytest.mark.skipif(not PEERS.exists(), reason="other people's clients are not here (make judges)")
@pytest.mark.xdist_group("system")
def test_the_program_for_python_amazon_sp_api_is_let_in(run):
    assert run("sp_api", str(PEERS), "-c") == "[]\n"  # it has not sold anything


@pytest.mark.skipif(not MODULES.exists(), reason="other people's clients are not here (make judges)")
@pytest.mark.xdist_group("system")
def test_the_program_for_node_is_let_in(run):
    assert "countryCode: 'DE'" in run("'amazon-sp-api'", "node", "-e")
