"""docs/how-to/write-a-channel.md: its code stands in files that run, and the example channel passes its contract."""

import json
import re
import textwrap

import pytest

from tests.packaging.conftest import GUIDE, ROOT, Outside, blocks_of_guide
from tests.packaging.test_scaffold import SOURCES, python
from tests.testing import recipes

pytestmark = pytest.mark.xdist_group("packaging")

EXAMPLE = ROOT / "docs" / "examples" / "kiosk"
WRITTEN = ("list_ends.py", "recipes.py", "shops_words.py", "small_shop.py")
CODE = [*sorted((EXAMPLE / "src").rglob("*.py")), *(ROOT / "tests" / "testing" / name for name in WRITTEN)]

PLUGINS = """
[entrepot]
store = "sqlite:shop.db"
[accounts.kiosk]
channel     = "kiosk"
environment = "simulator"
publish     = "live"
settings    = { url = "https://kiosk.example", api_key = "not-a-secret" }
[skus]
catalog = "skus.csv"
[plugins]
kiosk = "*"
"""


def plain(text):
    """Whatever its indentation."""
    return "\n".join(line.strip() for line in textwrap.dedent(text).strip().splitlines())


@pytest.mark.parametrize("block", blocks_of_guide("python"))
def test_the_code_of_the_guide_stands_in_a_file_that_runs(block):
    sources = [plain(path.read_text("utf-8")) for path in CODE]
    assert any(plain(block) in source for source in sources), f"in none of {CODE}:\n{block}"


def test_the_guide_has_code():
    assert len(re.findall(r"^```python$", GUIDE.read_text("utf-8"), re.MULTILINE)) > 3
    assert recipes.__doc__


def test_the_example_passes_its_contract():
    words = ["pytest", "-q", "-rs", "-p", "no:cacheprovider", "-W", "error"]
    told = python(*words, cwd=EXAMPLE, PYTHONPATH=SOURCES, PYTEST_ADDOPTS="")
    assert " passed, 2 skipped" in told
    assert "`windowed=False`: the list is not cut by time" in told
    assert "`cursor_lifetime=None`: cursors do not expire" in told


def test_the_example_trades(tmp_path, wheels):
    outside = Outside.make(tmp_path)
    outside.pip(str(wheels["entrepot"]), str(EXAMPLE))
    (tmp_path / "plugins.toml").write_text(PLUGINS, "utf-8")
    (tmp_path / "skus.csv").write_text("sku,title\nTEA,Tea\nMUG,Mug\nPOT,Pot\n", "utf-8")
    report = json.loads(outside.run("entrepot", "demo", "--format", "json"))
    assert report["orders"]["market"] == report["orders"]["stored"] > 0
    assert report["published"]["sent"] >= report["published"]["effective"] > 0
