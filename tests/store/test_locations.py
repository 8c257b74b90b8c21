from entrepot.model import DEFAULT_LOCATION, Count, CountMeaning, LocationId, Movement, MovementKind, Sku, held_by
from entrepot.store.records import ImportState, StagedCount
from tests.store.values import NOON, SHOP, minutes

MUG, CUP = Sku("MUG"), Sku("CUP")
HERE, THERE = LocationId("here"), LocationId("there")


def counted(units, location, sku=MUG):
    return Count(sku, units, NOON, f"c-{location}", location)


def test_locations_keep_their_order_and_are_as_they_were_saved_last(write, read):
    assert read(lambda tx: tx.accounts.locations()) == (DEFAULT_LOCATION,)
    for own in ((THERE, HERE), (HERE, THERE), (THERE,)):
        write(lambda tx, own=own: tx.accounts.save_locations(own))
        assert read(lambda tx: tx.accounts.locations()) == own


def test_a_count_replaces_that_of_its_location_only(write, read):
    """Covers P2."""
    write(lambda tx: [tx.ledger.count(counted(units, place), NOON) for place, units in ((HERE, 40), (THERE, 24))])
    write(lambda tx: tx.ledger.count(Count(MUG, 30, minutes(5), "later", HERE), NOON))
    found = {one.location: one.on_hand for one in read(lambda tx: tx.ledger.positions(MUG))}
    assert found == {HERE: 30, THERE: 24}
    assert read(lambda tx: tx.ledger.available([MUG])) == {MUG: 54}


def test_free_is_told_where_it_is_known_and_ours(write, read):
    """Covers P4: what a channel holds, and what nobody counted, is not free to be promised."""

    def fill(tx):
        tx.ledger.count(counted(9, HERE), NOON)
        tx.ledger.reserve(MUG, HERE, 2)
        tx.ledger.reserve(MUG, THERE, 1)
        tx.ledger.count(counted(7, held_by(SHOP)), NOON)

    write(fill)
    assert read(lambda tx: tx.ledger.free([MUG, CUP])) == {(MUG, HERE): 7}


def test_articles_elsewhere_have_units_or_owe_some_where_no_location_is_known(write, read):
    """Covers P8."""

    def fill(tx):
        tx.ledger.count(counted(9, HERE), NOON)
        tx.ledger.count(counted(0, THERE), NOON)
        tx.ledger.count(counted(5, held_by(SHOP)), NOON)

    write(fill)
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE, THERE])) == {}
    assert read(lambda tx: tx.ledger.articles_elsewhere([THERE])) == {HERE: 1}
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE])) == {}, "empty"
    write(lambda tx: tx.ledger.reserve(CUP, THERE, 1))
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE])) == {THERE: 1}
    moved = Movement(MUG, 2, MovementKind.RECEIPT, minutes(1), "r", THERE)
    write(lambda tx: tx.ledger.book(moved, NOON))
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE])) == {THERE: 2}


def test_what_an_import_will_put_there_is_not_overlooked(write, read):
    """Covers P8: it is held, or its positions have not followed."""

    def hold(tx):
        id_ = tx.imports.begin("erp", "erp.csv", "import-1", CountMeaning.ON_HAND, NOON)
        tx.imports.stage(id_, [StagedCount(MUG, THERE, 5, 5, NOON)], [], NOON)
        tx.imports.move(id_, ImportState.STAGING, ImportState.HELD, NOON)
        return id_

    id_ = write(hold)
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE])) == {THERE: 1}
    write(lambda tx: tx.imports.move(id_, ImportState.HELD, ImportState.DISCARDED, NOON))
    assert read(lambda tx: tx.ledger.articles_elsewhere([HERE])) == {}
