"""Counts of many articles at once: staged in pieces, valid from one moment, followed in pieces."""

import pytest
from attrs import evolve

from entrepot.model import DEFAULT_LOCATION, CountMeaning, Movement, MovementKind, Position, Sku
from entrepot.stock.mass_change import Figures
from entrepot.stock.sheet import Refusal, ToldCount
from entrepot.store.records import ImportState, StagedCount
from tests.store.test_ledger import counted, received, shipped
from tests.store.values import NOON, minutes

MUG, CUP, POT = Sku("MUG"), Sku("CUP"), Sku("POT")
ON_HAND = CountMeaning.ON_HAND


def line(sku, units, at=0):
    return StagedCount(sku, DEFAULT_LOCATION, units, units, minutes(at))


def told(sku, units, at=0):
    return ToldCount(2, sku, DEFAULT_LOCATION, units, minutes(at))


def staged(tx, *lines, reference="import-1", refusals=()):
    id_ = tx.imports.begin("erp", "erp.csv", reference, ON_HAND, NOON)
    assert tx.imports.stage(id_, lines, refusals, NOON)
    return id_


def applied(tx, *lines, reference="import-1", at=NOON):
    id_ = staged(tx, *lines, reference=reference)
    assert tx.imports.move(id_, ImportState.STAGING, ImportState.APPLIED, at, Figures(lines=len(lines)))
    return id_


def follow(tx, limit=100):
    """Everything, in pieces; the articles whose positions changed."""
    changed = []
    while True:
        changed += tx.imports.take_changed(limit)
        if tx.imports.fold(limit, NOON) is None:
            return changed


def units(tx, sku=MUG):
    return tx.ledger.available([sku]).get(sku)


def test_what_is_staged_or_held_is_seen_by_nobody(write, read):
    """Covers P10."""
    id_ = write(lambda tx: staged(tx, line(MUG, 5)))
    for state in (ImportState.STAGING, ImportState.HELD):
        assert read(lambda tx: (units(tx), tx.ledger.positions(), tx.ledger.counts())) == (None, [], [])
        assert not read(lambda tx: tx.imports.unfinished())
        assert write(lambda tx: tx.imports.fold(10, NOON)) is None
        write(lambda tx, state=state: tx.imports.move(id_, state, ImportState.HELD, NOON))


def test_every_read_sees_an_import_from_its_mark_on(write, read):
    """Covers P2, P4: before any position has followed."""
    write(lambda tx: tx.ledger.book(received(3, at=-10), NOON))
    write(lambda tx: tx.ledger.book(shipped(1, 5, "s1"), NOON))
    write(lambda tx: applied(tx, line(MUG, 9), line(CUP, 4)))

    def seen(tx):
        return (
            tx.ledger.position(MUG, DEFAULT_LOCATION),
            tx.ledger.positions(),
            tx.ledger.available([MUG, CUP]),
            [
                (count.sku, count.quantity, on_hand)
                for count, on_hand in sorted(tx.ledger.counts(), key=lambda p: p[0].sku)
            ],
        )

    before = read(seen)
    assert before == (
        (Position(MUG, DEFAULT_LOCATION, 8, 0), minutes(0)),
        [Position(CUP, DEFAULT_LOCATION, 4, 0), Position(MUG, DEFAULT_LOCATION, 8, 0)],
        {MUG: 8, CUP: 4},
        [(CUP, 4, 4), (MUG, 9, 9)],
    )
    assert write(follow) == [CUP, MUG]
    assert read(seen) == before


def test_positions_follow_in_pieces_and_what_did_not_change_is_not_told(write, read):
    write(lambda tx: tx.ledger.count(counted(5, at=-5), NOON))
    write(lambda tx: applied(tx, line(CUP, 4), line(MUG, 5), line(POT, 0)))
    assert [one.sku for one in write(lambda tx: tx.imports.fold(2, NOON))] == [CUP, MUG]
    assert read(lambda tx: tx.imports.unfinished())
    assert write(lambda tx: tx.imports.take_changed(5)) == [CUP]
    assert [one.sku for one in write(lambda tx: tx.imports.fold(2, NOON))] == [POT]
    assert write(lambda tx: tx.imports.take_changed(5)) == [POT], "never counted is not zero"
    assert write(lambda tx: tx.imports.fold(2, NOON)) == []
    assert not read(lambda tx: tx.imports.unfinished())
    assert read(lambda tx: tx.imports.all()[0].state) is ImportState.DONE


@pytest.mark.parametrize("early", [True, False])
def test_a_movement_after_the_mark_stands_on_the_import(write, read, early):
    """Covers P2: whether or not its piece came first."""
    write(lambda tx: tx.ledger.book(received(3, at=-10), NOON))
    write(lambda tx: applied(tx, line(MUG, 9)))
    if not early:
        write(follow)
    write(lambda tx: tx.ledger.book(shipped(2, 7, "s1"), NOON))
    assert read(units) == 7
    changed = write(follow)
    assert changed == ([MUG] if early else [])
    assert read(units) == 7


def test_a_count_that_is_told_after_the_mark_corrects_the_import_at_the_same_instant(write, read):
    write(lambda tx: applied(tx, line(MUG, 9)))
    write(lambda tx: tx.ledger.count(counted(6), NOON))
    assert read(units) == 6
    write(follow)
    assert read(units) == 6


def test_an_older_count_changes_nothing(write, read):
    write(lambda tx: tx.ledger.count(counted(5, at=5), NOON))
    write(lambda tx: applied(tx, line(MUG, 9, at=1)))
    assert read(units) == 5
    assert write(follow) == []
    assert read(units) == 5


def test_of_two_imports_the_one_that_was_applied_later_corrects_the_other(write, read):
    held = write(lambda tx: staged(tx, line(MUG, 1), reference="import-1"))
    write(lambda tx: applied(tx, line(MUG, 2), reference="import-2", at=minutes(1)))
    write(lambda tx: tx.imports.move(held, ImportState.STAGING, ImportState.APPLIED, minutes(2)))
    assert read(units) == 1
    write(follow)
    assert read(units) == 1


def test_the_same_content_twice_records_its_counts_once(write, read):
    """Covers P2."""
    write(lambda tx: applied(tx, line(MUG, 9)))
    write(lambda tx: applied(tx, line(MUG, 9), line(CUP, 1), at=minutes(1)))
    assert write(follow) == [MUG, CUP]
    assert [count.sku for count, _ in read(lambda tx: tx.ledger.counts())] == [MUG, CUP]
    weighed = read(lambda tx: tx.imports.weigh([told(MUG, 9), told(POT, 9)], "import-1", ON_HAND))
    assert [one.recorded for one in weighed] == [True, False]


def test_counts_are_weighed_against_what_is_there(write, read):
    write(lambda tx: tx.accounts.save_articles([(POT, "Pot", "")]))
    write(lambda tx: tx.ledger.count(counted(5, at=-5), NOON))
    write(lambda tx: tx.ledger.book(Movement(MUG, -2, MovementKind.SHIPMENT, minutes(3), "s"), NOON))
    mug, pot, cup, late = read(
        lambda tx: tx.imports.weigh([told(MUG, 7), told(POT, 1), told(CUP, 1), told(MUG, 7, at=-9)], "x", ON_HAND)
    )
    assert (mug.before, mug.after, mug.exists) == (3, 5, True)
    assert (pot.before, pot.after, pot.exists) == (None, 1, True)
    assert not cup.exists
    assert (late.before, late.after) == (3, 3)
    assert mug.staged == line(MUG, 7)


def test_an_import_that_was_given_up_takes_no_more_lines_and_is_swept(write, read):
    """Covers P10: what a killed import left never becomes valid."""
    first = write(lambda tx: staged(tx, line(MUG, 9), line(CUP, 9)))
    write(lambda tx: tx.imports.give_up("another", minutes(-1)))
    assert not read(lambda tx: tx.imports.unfinished()), "one of other content that goes on is left alone"
    write(lambda tx: tx.imports.give_up("import-1", minutes(-1)))
    assert not write(lambda tx: tx.imports.stage(first, [line(POT, 1)], [], NOON))
    assert not write(lambda tx: tx.imports.move(first, ImportState.STAGING, ImportState.APPLIED, NOON))
    assert read(lambda tx: tx.imports.unfinished())
    assert [write(lambda tx: tx.imports.sweep(1)) for _ in range(3)] == [1, 1, 0]
    assert not read(lambda tx: tx.imports.unfinished())
    assert read(lambda tx: tx.imports.of_reference("import-1")) is None


def test_one_that_stages_nothing_for_long_is_given_up(write, read):
    first = write(lambda tx: staged(tx, line(MUG, 9)))
    write(lambda tx: tx.imports.give_up("another", minutes(1)))
    assert read(lambda tx: tx.imports.find(first).state) is ImportState.DISCARDED


def test_refused_lines_stay_listed(write, read):
    refused = [Refusal(9, "X", "unknown SKU"), Refusal(2, "", "the SKU is empty")]
    id_ = write(lambda tx: staged(tx, refusals=refused))
    write(lambda tx: tx.imports.move(id_, ImportState.STAGING, ImportState.HELD, NOON, Figures(refused=2)))
    assert read(lambda tx: tx.imports.refusals(id_)) == refused[::-1]
    assert read(lambda tx: tx.imports.refusals(id_, limit=1)) == refused[1:]
    found = read(lambda tx: tx.imports.of_reference("import-1"))
    assert (found.figures, found.state, found.applied_at) == (Figures(refused=2), ImportState.HELD, None)


def test_figures_are_kept(write, read):
    figures = Figures(lines=3, raised=1, counted_from=minutes(0), counted_until=minutes(1))
    id_ = write(lambda tx: staged(tx, line(MUG, 1)))
    write(lambda tx: tx.imports.move(id_, ImportState.STAGING, ImportState.APPLIED, minutes(2), figures))
    found = read(lambda tx: tx.imports.find(id_))
    assert (found.figures, found.applied_at) == (figures, minutes(2))
    assert read(lambda tx: tx.imports.find(99)) is None


def test_known_positions_are_those_that_somebody_told_of(write, read):
    write(lambda tx: tx.ledger.count(counted(5), NOON))
    write(lambda tx: tx.ledger.book(evolve(shipped(1, 1, "s"), sku=CUP), NOON))
    assert read(lambda tx: tx.imports.known_positions({DEFAULT_LOCATION})) == 1
    assert read(lambda tx: tx.imports.known_positions({"venlo"})) == 0


def test_doubt_about_a_shipment_is_told_with_the_piece(write):
    write(lambda tx: tx.ledger.book(shipped(1, 5, "s", not_before=minutes(-5)), NOON))
    write(lambda tx: applied(tx, line(CUP, 1), line(MUG, 9)))
    assert [one.in_doubt for one in write(lambda tx: tx.imports.fold(5, NOON))] == [False, True]


def test_a_decided_import_is_found_by_its_content_unless_it_was_killed(write, read):
    def fill(tx):
        for place, state in enumerate((ImportState.HELD, None)):
            id_ = staged(tx, line(MUG, 5), reference=f"import-{place}")
            if state:
                tx.imports.move(id_, ImportState.STAGING, state, NOON, Figures(lines=1))
                tx.imports.move(id_, state, ImportState.DISCARDED, NOON)
            else:
                tx.imports.give_up("import-1", NOON)

    write(fill)
    assert read(lambda tx: tx.imports.decided("import-0")).state is ImportState.DISCARDED
    assert read(lambda tx: tx.imports.decided("import-1")) is None
