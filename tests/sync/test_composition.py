"""What plugins.toml states of bundles, on the way into versions."""

from entrepot.model import Bundle, Sku
from entrepot.sync.mapping import map_stated
from tests.store.opened import done
from tests.store.values import NOON, SHOP
from tests.sync.rig import PAGED, SKU, live

OTHER = Sku("SKU-01")


def test_a_bundle_is_matched_by_its_name_and_goes_before_the_article_of_that_name(tmp_path):
    async def story(rig):
        row = await rig.read(lambda tx: tx.offers.find("shop", SKU))
        made_of = await rig.read(lambda tx: tx.offers.bundle("shop", SKU, row.bundle_version))
        assert made_of == Bundle(1, {OTHER: 2})

    live(tmp_path, story, bundles={SKU: {OTHER: 2}})


def test_the_channel_is_asked_for_bundles_that_are_no_articles(migrated_shop):
    store = migrated_shop({"SET": {Sku("MUG"): 2}})
    assert done(store.write(lambda tx: tx.offers.candidates(SHOP, "", 9))) == ["CAP", "MUG", "SET"]
    assert done(store.write(lambda tx: tx.offers.candidates(SHOP, "MUG", 9))) == ["SET"]


def test_another_composition_is_a_new_version_and_the_same_one_is_not(migrated_shop):
    store = migrated_shop({"MUG": {Sku("CAP"): 2}})

    def state(tx):
        row = tx.accounts.find(SHOP)
        map_stated(tx, row, PAGED, NOON)
        map_stated(tx, row, PAGED, NOON)
        return tx.offers.bundles(SHOP, ["MUG"])

    assert done(store.write(state)) == {"MUG": Bundle(1, {Sku("CAP"): 2})}
