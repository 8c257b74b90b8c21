"""The page on the first account is played, command by command, against a simulated shop on a port."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from entrepot.channel import Secret, SimulatorConfig
from entrepot.cli import main
from entrepot.model import Marketplace
from entrepot.runtime import SystemClock, system_rng
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockSettings
from tests.cli.served import Served

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "first-account.md"
BLOCK = re.compile(r"^( *)```(\w+)(?: title=(\S+))?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
STORE = Marketplace("MOCK", "EUR", "Europe/Berlin", "MOCK")


class ShopClock:
    """Behind, until it is put right: what was bought before then is old enough for the lists."""

    behind = timedelta(minutes=5)

    def now(self):
        return SystemClock().now() - self.behind


@pytest.fixture
def shop():
    clock = ShopClock()
    settings = MockSettings("http://webshop.example", Secret("simulated"))
    shown = {"TEA-ASSAM-250": 60, "MUG-BLUE": 31, "GIFT-SET": 4}
    served = Served(MOCK.simulator(SimulatorConfig("webshop", (), settings, shown), clock, system_rng()))
    for units in ({"TEA-ASSAM-250": 2, "MUG-BLUE": 1}, {"GIFT-SET": 1}):
        order = served.app.place(units, STORE)
        served.app.pay(order.external_id, "EUR")
    clock.behind = timedelta()
    root = logging.getLogger()
    logged = list(root.handlers), root.level
    yield served
    served.close()
    root.handlers[:], root.level = logged
    structlog.reset_defaults()


def blocks():
    for found in BLOCK.finditer(PAGE.read_text("utf-8")):
        indent, kind, title, text = found.groups()
        lines = [line.removeprefix(indent) for line in text.splitlines()]
        yield kind, title, "\n".join(lines)


def pattern(text):
    """An ellipsis stands for whatever differs from run to run."""
    return ".*".join(map(re.escape, text.split("…")))


def play(text, url):
    """Run the commands of a console block; each must print what stands below it."""
    for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, expected = command.partition("\n")
        program, *args = line.replace("\\", "").split()
        assert program == "entrepot"
        args = [part.replace("http://127.0.0.1:8801", url) for part in args]
        result = CliRunner().invoke(main, args, catch_exceptions=False)
        shown = "\n".join(one.rstrip() for one in result.stdout.splitlines()).strip()
        assert re.fullmatch(pattern(expected.strip()), shown, re.DOTALL), f"$ {line}\n{result.output}"


def test_the_page_is_what_happens(shop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEBSHOP_TOKEN", "simulated")
    monkeypatch.setenv("COLUMNS", "120")
    played = 0
    for kind, title, text in blocks():
        if title:
            (tmp_path / title).write_text(text + "\n", "utf-8")
        elif kind == "console":
            play(text, shop.url)
            played += 1
        if (tmp_path / "plugins.toml").exists():
            file = tmp_path / "plugins.toml"
            file.write_text(file.read_text("utf-8").replace("http://127.0.0.1:8801", shop.url), "utf-8")
    assert played > 5
    assert {line.split()[0] for line in shop.methods} == {"GET"}  # in shadow nothing is sent
