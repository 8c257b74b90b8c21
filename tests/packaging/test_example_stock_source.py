"""docs/how-to/connect-a-warehouse.md: the example is what the page shows, is installed, and its counts become stock."""

import json
import os
import re
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.packaging.conftest import ROOT, Outside

pytestmark = pytest.mark.xdist_group("packaging")

PAGE = ROOT / "docs" / "how-to" / "connect-a-warehouse.md"
EXAMPLE = ROOT / "docs" / "examples" / "warehouse_counts"

PLUGINS = """
[entrepot]
store = "sqlite:shop.db"
[skus]
catalog = "skus.csv"
[plugins]
warehouse_counts = "*"
"""
PAGES = {"1": ([("TEA", 64), ("GONE", 1)], "2"), "2": ([("MUG", 33)], None)}


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)[1]


class Warehouse(BaseHTTPRequestHandler):
    def do_GET(self):
        lines, following = PAGES[parse_qs(urlsplit(self.path).query)["page"][0]]
        told = {
            "stocktaking": "2026-11-24",
            "counted_at": "2026-11-24T06:00:00+01:00",
            "lines": [{"article": article, "units": units} for article, units in lines],
            "next": following,
        }
        self.send_response(200 if self.headers["Authorization"] == "Bearer sesame" else 401)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def warehouse():
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Warehouse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def running(outside, warehouse):
    """`entrepot run`, with what the plugin reads of the environment."""
    program = outside.folder / ".venv" / "bin" / "entrepot"
    environment = {"PATH": os.environ["PATH"], "WAREHOUSE_URL": warehouse, "WAREHOUSE_TOKEN": "sesame"}
    daemon = subprocess.Popen([str(program), "run"], cwd=outside.folder, env=environment, stderr=subprocess.PIPE)
    try:
        yield daemon
    finally:
        daemon.terminate()
        daemon.communicate(timeout=30)


def test_the_page_shows_the_example():
    source = EXAMPLE / "src" / "entrepot_warehouse_counts" / "__init__.py"
    assert block("python") == source.read_text("utf-8")


def test_what_the_warehouse_counted_becomes_stock(tmp_path, wheels, warehouse):
    outside = Outside.make(tmp_path)
    outside.pip(str(wheels["entrepot"]), str(EXAMPLE))
    assert block("toml").strip().splitlines()[-1] in PLUGINS
    (tmp_path / "plugins.toml").write_text(PLUGINS, "utf-8")
    (tmp_path / "skus.csv").write_text("sku,title\nTEA,Tea\nMUG,Mug\n", "utf-8")
    row = next(line for line in block("console").splitlines() if line.startswith("warehouse_counts "))
    assert row in outside.run("entrepot", "plugins", "check", "warehouse_counts")
    outside.run("entrepot", "store", "migrate")
    with running(outside, warehouse) as daemon:
        imports = []
        while not (imports and imports[0]["state"] == "done"):
            assert daemon.poll() is None, daemon.stderr.read()
            imports = json.loads(outside.run("entrepot", "stock", "imports", "--format", "json"))
    assert (imports[0]["source"], imports[0]["figures"]["refused"]) == ("warehouse_counts.main", 1)
    shown = json.loads(outside.run("entrepot", "stock", "show", "--format", "json"))
    assert {one["sku"]: one["on_hand"] for one in shown} == {"TEA": 64, "MUG": 33}
