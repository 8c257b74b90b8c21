"""`kill -9` in the midst of an import: nothing of it is valid, and the same file is taken afterwards."""

import sqlite3
from contextlib import closing

import pytest

from entrepot.store.sqlite import migrate
from tests.system.processes import Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

ARTICLES = 20_000
CONFIG = """
[entrepot]
store = "sqlite:entrepot.db"
[skus]
catalog = "skus.csv"
"""


def numbers(site, query):
    with closing(sqlite3.connect(site.folder / "entrepot.db")) as database:
        return database.execute(query).fetchone()


def test_killed_while_it_stages(tmp_path):
    """Covers P10."""
    skus = [f"SKU-{number:05d}" for number in range(ARTICLES)]
    (tmp_path / "plugins.toml").write_text(CONFIG)
    (tmp_path / "skus.csv").write_text("sku,title\n" + "".join(f"{sku},An article\n" for sku in skus))
    (tmp_path / "erp.csv").write_text("sku,quantity\n" + "".join(f"{sku},7\n" for sku in skus))
    migrate(tmp_path / "entrepot.db")
    site = Site(tmp_path, {})
    killed = site.start("stock", "import", "erp.csv")
    wait_until(lambda: numbers(site, "SELECT count(*) FROM import_line")[0] > 0, 30, every=0.005)
    killed.kill()
    lines, state = numbers(site, "SELECT count(*), state FROM import_line JOIN stock_import ON id = import")
    assert (0 < lines < ARTICLES, state) == (True, "staging"), "it was quicker than we were"
    assert site.read(lambda tx: (tx.ledger.positions(), tx.ledger.counts(), tx.imports.unfinished())) == ([], [], False)
    assert site.start("stock", "import", "erp.csv").process.wait(60) == 0
    assert numbers(site, "SELECT count(*), sum(on_hand) FROM position") == (ARTICLES, 7 * ARTICLES)
    assert numbers(site, "SELECT count(*) FROM import_line") == (0,), "the lines of the killed one are swept"
