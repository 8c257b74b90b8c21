"""A channel made as docs/how-to/write-a-channel.md says, by its very commands, in a folder outside the repository."""

import json
import sys

import pytest

from tests.packaging.conftest import ROOT, blocks_of_guide

pytestmark = pytest.mark.xdist_group("packaging")


PLUGINS = """
[entrepot]
store = "sqlite:acme.db"

[plugins]
acme = "*"

[accounts.acme-test]
channel     = "acme"
environment = "simulator"
publish     = "live"
settings    = { url = "https://acme.example", token = "not-a-secret" }

[skus]
catalog = "skus.csv"
"""


@pytest.fixture(scope="module")
def acme(outside):
    """Copied, renamed, installed and enabled."""
    copy_and_rename = blocks_of_guide("console")[0]
    if sys.platform == "darwin":
        copy_and_rename = copy_and_rename.replace("sed -i", "sed -i ''")
    (outside.folder / "entrepot").symlink_to(ROOT)
    outside.shell(copy_and_rename)
    outside.pip("./acme")
    (outside.folder / "entrepot").unlink()
    (outside.folder / "plugins.toml").write_text(PLUGINS, "utf-8")
    (outside.folder / "skus.csv").write_text("sku,title\nTEA,Tea\nMUG,Mug\nPOT,Pot\nCUP,Cup\nJUG,Jug\n", "utf-8")
    return outside


def test_nothing_of_the_mock_channel_is_left(acme):
    written = [path for path in (acme.folder / "acme").rglob("*") if path.suffix in {".py", ".toml", ".md"}]
    assert len(written) > 5
    assert [path for path in written if "mock" in (path.read_text("utf-8") + path.name).lower()] == []
    where = "import entrepot, entrepot_acme; print(entrepot.__file__, entrepot_acme.__file__)"
    assert acme.run("python", "-c", where).count(str(acme.folder / ".venv")) == 2


def test_it_is_loaded(acme):
    plugins = {one["name"]: one for one in json.loads(acme.run("entrepot", "plugins", "list", "--format", "json"))}
    assert plugins["acme"]["state"] == "loaded"
    assert plugins["acme"]["dist"] == "entrepot-acme"


def test_it_trades(acme):
    report = json.loads(acme.run("entrepot", "demo", "--format", "json"))
    assert report["orders"]["market"] == report["orders"]["stored"] > 0
    assert report["published"]["sent"] > 0
    stored = json.loads(acme.run("entrepot", "--config", "demo/plugins.toml", "orders", "list", "--format", "json"))
    assert {order["account"] for order in stored} == {"acme-test"}


def test_it_passes_its_contract(acme):
    told = acme.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd="acme")
    assert " passed" in told
    assert "skipped" not in told
