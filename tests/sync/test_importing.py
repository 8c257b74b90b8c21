"""Imports of stock: all or nothing, once, and held where they change too much."""

import asyncio
import random

import pytest

from entrepot.model import Bundle, Fulfillment, ProblemKind, Sku
from entrepot.runtime import RandomIds
from entrepot.stock.mass_change import HoldIf
from entrepot.stock.sheet import SheetError
from entrepot.store.records import ImportState, StreamKind
from entrepot.sync import importing
from entrepot.sync.csv_delivery import source_of
from entrepot.sync.daemon import Daemon
from entrepot.sync.runtime import Worker
from tests.store.opened import done
from tests.store.values import NOON, SHOP, account, minutes
from tests.sync.sheets import ARTICLES, CUP, FULL, TEA, Standing, Store, bring, delivery, write_sheet

pytestmark = pytest.mark.usefixtures("small_pieces")


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    yield made
    made.opened.close()


def test_an_import_counts_every_article(store):
    imported, new = bring(store, write_sheet(store, FULL))
    assert (new, imported.figures.new, store.units()) == (True, 12, [5] * 12)


def test_the_same_file_twice_changes_nothing(store):
    """Covers P2."""
    path = write_sheet(store, FULL)
    first, _ = bring(store, path)
    before = done(store.read(lambda tx: (tx.outbox.last_id(), tx.ledger.counts())))
    again, new = bring(store, path.rename(path.with_name("renamed.csv")))
    assert (again.id, new) == (first.id, False)
    assert done(store.read(lambda tx: (tx.outbox.last_id(), tx.ledger.counts()))) == before


def test_a_refused_line_is_taken_once_its_cause_is_mended(tmp_path):
    """Covers R47: nothing is marked done that was not stored; the same file again takes what was refused."""
    store = Store(tmp_path)
    path = write_sheet(store, FULL | {"NEW-1": 7})
    imported, _ = bring(store, path)
    refused = done(store.read(lambda tx: tx.imports.refusals(imported.id)))
    assert [(one.line, one.sku, one.reason) for one in refused] == [(14, "NEW-1", "unknown SKU")]
    (problem,) = store.problems(ProblemKind.IMPORT_LINES_REFUSED)
    assert (problem.subject, f"entrepot stock imports {imported.id}" in problem.next_action) == ("import/erp", True)
    _, new = bring(store, path, articles=ARTICLES | {"NEW-1": None})
    assert (new, store.units("NEW-1"), store.units()) == (True, [7], [5] * 12), "the retry takes what was refused"
    assert store.problems(ProblemKind.IMPORT_LINES_REFUSED) == []
    assert len(done(store.read(lambda tx: tx.ledger.counts()))) == 13, "and nothing twice"
    store.opened.close()


@pytest.mark.parametrize("survived", range(17))
def test_killed_at_any_transaction_nothing_or_everything_is_valid(store, survived):
    """Covers P10: and the next import, of whatever content, goes on."""
    bring(store, write_sheet(store, dict.fromkeys(ARTICLES, 3), "opening.csv"))
    store.left = survived
    path = write_sheet(store, {sku: 3 + place % 2 for place, sku in enumerate(ARTICLES)})
    try:
        bring(store, path)
        died = False
    except KeyboardInterrupt:
        died = True
    assert died == (survived < 15)
    store.left = None
    assert store.units() == ([3] * 12 if survived < 6 else [3, 4] * 6)
    bring(store, write_sheet(store, {TEA: 9}, "next.csv"))
    assert store.units()[:2] == ([9, 3] if survived < 6 else [9, 4])
    done(store.write(lambda tx: tx.imports.give_up("", minutes(1))))
    done(importing.follow_all(store, Standing()))
    assert done(store.read(lambda tx: tx.imports.sweep(1))) == 0


def test_wishes_follow_what_changed(store):
    def open_shop(tx):
        tx.accounts.save(account())
        tx.streams.ensure(SHOP, StreamKind.PUSH, NOON)
        for sku in ARTICLES:
            tx.offers.see(SHOP, sku, Fulfillment.MERCHANT, 0, NOON)
            tx.offers.map(SHOP, sku, Bundle(0, {Sku(sku): 1}))

    done(store.write(open_shop))
    bring(store, write_sheet(store, FULL))
    before = done(store.read(lambda tx: tx.outbox.last_id()))
    bring(store, write_sheet(store, FULL | {TEA: 4, CUP: 0}), counted_at=minutes(1))
    wishes = done(
        store.read(lambda tx: {one.external_id: (one.desired, one.desired_version) for one in tx.offers.all()})
    )
    assert (wishes[TEA], wishes[CUP], wishes["SKU-2"]) == ((4, 2), (0, 2), (5, 1))
    told = done(store.read(lambda tx: [event.subject for event in tx.outbox.after(before, 99)]))
    assert told == [f"sku/{TEA}", f"sku/{CUP}"]


def test_a_daemon_follows_what_a_killed_import_left(store):
    """Covers P10."""
    told = delivery(write_sheet(store, FULL))
    done(importing.import_counts(store, told, HoldIf(), Standing()))
    assert done(store.read(lambda tx: tx.imports.unfinished()))
    asyncio.run(Daemon(Worker("d1", store, Standing(), random.Random(1), RandomIds(), {})).run_until_idle())
    assert not done(store.read(lambda tx: tx.imports.unfinished()))
    assert done(store.read(lambda tx: tx.outbox.last_id())) == 12


def test_thirty_percent_to_zero_is_held_until_it_is_approved(store):
    """Covers P8: a mass change waits for a person."""
    bring(store, write_sheet(store, FULL))
    emptied = {sku: 0 if place < 4 else 5 for place, sku in enumerate(ARTICLES)}
    held, _ = bring(store, write_sheet(store, emptied))
    assert (held.state, held.figures.zeroed, held.figures.known) == (ImportState.HELD, 4, 12)
    assert store.units() == [5] * 12
    (problem,) = store.problems(ProblemKind.IMPORT_HELD)
    assert f"entrepot stock approve {held.id}" in problem.next_action
    again, new = bring(store, write_sheet(store, emptied))
    assert (again.id, new) == (held.id, False), "the same file again is the one that waits"
    done(store.write(lambda tx: importing.approve(tx, held, NOON)))
    assert store.units() == [0] * 4 + [5] * 8, "valid before anything has followed"
    done(importing.follow_all(store, Standing()))
    assert store.problems(ProblemKind.IMPORT_HELD) == []


def test_what_is_discarded_never_becomes_valid(store):
    bring(store, write_sheet(store, FULL))
    held, _ = bring(store, write_sheet(store, dict.fromkeys(ARTICLES, 0)))
    done(store.write(lambda tx: importing.discard(tx, held, NOON)))
    done(importing.follow_all(store, Standing()))
    assert (store.units(), store.problems(ProblemKind.IMPORT_HELD)) == ([5] * 12, [])
    again, new = bring(store, write_sheet(store, dict.fromkeys(ARTICLES, 0)))
    assert (again.state, new, again.id != held.id) == (ImportState.HELD, True, True)


def test_a_preview_tells_what_the_import_will_tell_and_writes_nothing(store):
    bring(store, write_sheet(store, FULL))
    path = write_sheet(store, FULL | {TEA: 1, "NEW-1": 3})
    store.left = 0
    figures, refused = done(importing.preview(store, delivery(path)))
    store.left = None
    imported, _ = bring(store, path)
    assert (figures, refused) == (imported.figures, done(store.read(lambda tx: tx.imports.refusals(imported.id))))
    assert (figures.lowered, figures.unchanged, figures.refused) == (1, 11, 1)


def test_lines_that_name_the_same_article_are_all_refused(store):
    path = store.path.parent / "erp.csv"
    path.write_text(f"sku,quantity\n{TEA},1\n{CUP},2\n{TEA},3\n")
    imported, _ = bring(store, path)
    assert [one.line for one in done(store.read(lambda tx: tx.imports.refusals(imported.id)))] == [2, 4]
    assert store.units(TEA, CUP) == [None, 2]


def test_of_two_at_once_of_the_same_content_the_first_gives_way(store):
    one = delivery(write_sheet(store, FULL))
    first = done(store.write(lambda tx: importing._begin(tx, one, NOON)))
    bring(store, write_sheet(store, FULL))
    piece = list(one.lines())[:2]
    with pytest.raises(importing.SupersededError, match=r"another import of erp\.csv"):
        done(store.write(lambda tx: importing._stage(tx, first, one, piece, NOON)))
    with pytest.raises(importing.SupersededError):
        done(store.write(lambda tx: importing._decide(tx, first, importing.Figures(), HoldIf(), NOON)))


def test_a_file_that_changes_while_it_is_read_is_not_imported(store):
    path = write_sheet(store, FULL)
    told = delivery(path)
    write_sheet(store, FULL | {TEA: 6})
    with pytest.raises(SheetError, match="changed while it was read"):
        done(importing.import_counts(store, told, HoldIf(), Standing()))
    assert store.units() == [None] * 12


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        ("sku,quantity\nT\u00c9,1\n".encode("latin-1"), "line 2 is not UTF-8"),
        ("sku,quantity\nTEA,1\n".encode("utf-16"), "line 1 is not UTF-8"),
        (b"sku,quantity\n" + b"x" * 2_000_000, "line 2 does not end"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_whole(store, content, message):
    path = store.path.parent / "erp.csv"
    path.write_bytes(content)
    with pytest.raises(SheetError, match=f"{message}.*Next: "):
        delivery(path)


def test_a_byte_order_mark_is_no_part_of_the_first_name(store):
    path = store.path.parent / "erp.csv"
    path.write_bytes(f"sku;quantity\r\n{TEA};4\r\n".encode("utf-8-sig"))
    bring(store, path)
    assert store.units(TEA) == [4]


def test_a_source_is_a_file_name_without_its_digits(tmp_path):
    names = ["erp-2026-11-23.csv", "20261124_erp.csv", "ERP.csv", "hamburg.csv", "1.csv"]
    assert [source_of(tmp_path / name) for name in names] == ["erp", "erp", "erp", "hamburg", "csv"]
