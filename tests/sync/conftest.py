import pytest
from attrs import evolve

from entrepot.model import Sku
from entrepot.store.sqlite import migrate
from tests.store.opened import done, open_inline
from tests.store.values import account, offered


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
