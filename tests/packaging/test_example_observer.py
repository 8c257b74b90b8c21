"""docs/how-to/observe-events.md: the example is what the page shows, is installed, and is told of a day's trade."""

import json
import re

import pytest

from tests.packaging.conftest import ROOT, Outside

pytestmark = pytest.mark.xdist_group("packaging")

PAGE = ROOT / "docs" / "how-to" / "observe-events.md"
EXAMPLE = ROOT / "docs" / "examples" / "order_log"

PLUGINS = """
[entrepot]
store = "sqlite:shop.db"
[accounts.webshop]
channel     = "mock"
environment = "simulator"
publish     = "live"
settings    = { url = "http://webshop.example", token = "simulated" }
[skus]
catalog = "skus.csv"
[plugins]
mock_channel = "*"
order_log = "*"
"""


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[1]


def test_the_page_shows_the_example():
    source = EXAMPLE / "src" / "entrepot_order_log" / "__init__.py"
    assert block("python") == source.read_text("utf-8")


def test_it_is_told_of_every_order(tmp_path, wheels):
    outside = Outside.make(tmp_path)
    outside.pip(str(wheels["entrepot"]), str(wheels["entrepot_mock_channel"]), str(EXAMPLE))
    assert block("toml").strip().splitlines()[-1] in PLUGINS
    (tmp_path / "plugins.toml").write_text(PLUGINS, "utf-8")
    (tmp_path / "skus.csv").write_text("sku,title\nTEA,Tea\nMUG,Mug\nPOT,Pot\n", "utf-8")
    row = next(line for line in block("console").splitlines() if line.startswith("order_log "))
    assert row in outside.run("entrepot", "plugins", "check", "order_log")
    report = json.loads(outside.run("entrepot", "demo", "--format", "json"))
    lines = [json.loads(line) for line in (tmp_path / "order-log.jsonl").read_text("utf-8").splitlines()]
    told = {line["subject"] for line in lines if line["event"] == "order_changed"}
    assert len(told) == report["orders"]["stored"] > 0
    assert len({line["key"] for line in lines}) == len(lines)
