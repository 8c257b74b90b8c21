import pytest
from attrs import evolve

from entrepot.model import Sku
from entrepot.simulation import run
from entrepot.store.sqlite import migrate
from entrepot.sync import importing
from tests.store.opened import done, open_inline
from tests.store.values import account, offered
from tests.sync.warehouse import Rig, Warehouse


@pytest.fixture
def migrated_shop(tmp_path):
    """A store with two articles and an offer that is mapped by its name, whose account has these bundles."""
    stores = []

    def make(bundles):
        migrate(tmp_path / "entrepot.db")
        stores.append(open_inline(tmp_path / "entrepot.db"))

        def fill(tx):
            tx.accounts.save(evolve(account(), bundles=bundles))
            tx.accounts.save_articles([(Sku("MUG"), "Mug", ""), (Sku("CAP"), "Cap", "")])
            offered(tx, "MUG", shown=1)

        done(stores[0].write(fill))
        return stores[0]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def small_pieces(monkeypatch):
    """Imports of stock are staged, folded and followed three lines at a time."""
    for name in ("STAGED_AT_ONCE", "FOLDED_AT_ONCE", "WISHED_AT_ONCE"):
        monkeypatch.setattr(importing, name, 3)


@pytest.fixture
def live(tmp_path, small_pieces):
    """Live through `story(rig)`, with a warehouse of these counts, in virtual time."""

    def through(counts, story):
        async def main(_):
            rig = Rig(tmp_path, Warehouse(counts))
            try:
                await rig.begin()
                await story(rig)
            finally:
                rig.store.close()

        run(main, 1)

    return through
