"""A page of orders, taken in at once: whatever comes of reading several at a time, it is as if they came one by one."""

from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.model import (
    DEFAULT_LOCATION,
    CountMeaning,
    Fulfillment,
    OrderStatus,
    Package,
    Position,
    ProblemKind,
    Sku,
    StockLevel,
)
from entrepot.store.sqlite import migrate
from entrepot.sync.intake import take_in
from entrepot.sync.observing import Look, judge_awaiting, see_levels
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import count
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes, offered, order

MUG = Sku("MUG")
SOURCE = Source(SHOP, MOCK, {})


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    done(store.write(lambda tx: (tx.accounts.save(account()), tx.accounts.save_articles([(MUG, "Mug", "")]))))
    yield lambda work: done(store.write(work))
    store.close()


def version(ordered=3, shipped=0, at=0):
    new = order(ordered=ordered, changed=minutes(at))
    (line,) = new.lines
    return evolve(new, lines=(evolve(line, shipped=shipped),), status=OrderStatus.UNSHIPPED)


def page(*orders):
    return [Mapped(f"hash-{number}-{one.changed_at}", b"{}", one) for number, one in enumerate(orders)]


@pytest.mark.parametrize("in_one_page", [True, False])
@pytest.mark.parametrize("newest_first", [True, False])
def test_two_versions_of_an_order(write, in_one_page, newest_first):
    """Covers P2."""
    records = page(version(at=0), version(shipped=2, at=5))
    records = records[::-1] if newest_first else records
    pages = [records] if in_one_page else [[record] for record in records]
    for one in pages:
        write(lambda tx, one=one: take_in(tx, SOURCE, one, NOON))
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, -2, 1)]
    assert write(lambda tx: tx.ledger.wrong_positions()) == []
    assert len(write(lambda tx: tx.orders.versions(SHOP, "A1"))) == (1 if newest_first else 2)
    assert write(lambda tx: tx.orders.load(SHOP, "A1")).changed_at == minutes(5)


def test_sales_of_a_page_are_taken_off_together(write):
    """Covers P4."""
    sold = [order(f"A{number}", ordered=2, placed=minutes(number - 2)) for number in range(6)]
    write(lambda tx: offered(tx, "MUG", shown=10))
    write(lambda tx: take_in(tx, SOURCE, page(*sold, evolve(sold[5], fulfillment=Fulfillment.CHANNEL)), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 4, "three of them after the look at the channel"
    write(lambda tx: take_in(tx, SOURCE, page(order("B", ordered=9, placed=minutes(9))), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 0


def test_cancelled_units_may_be_on_show_again(write):
    """Covers P4: many channels put them back by themselves, and nobody else would lower them before they are sold."""
    write(lambda tx: offered(tx, "MUG", shown=2, desired=0))
    write(lambda tx: take_in(tx, SOURCE, page(order(ordered=2, placed=minutes(1), changed=minutes(1))), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 0
    cancelled = evolve(order(ordered=2, placed=minutes(1), changed=minutes(5)), status=OrderStatus.CANCELLED)
    write(lambda tx: take_in(tx, SOURCE, page(cancelled), minutes(6)))
    offer = write(lambda tx: tx.offers.find(SHOP, "MUG"))
    assert (offer.believed, offer.verify_due) == (2, minutes(6))
    assert [row.external_id for row in write(lambda tx: tx.offers.to_push(SHOP, None, 9))] == ["MUG"]


def test_an_order_that_is_first_seen_cancelled_may_have_put_units_back(write):
    """Covers P4: ordered before our last write, which knew nothing of it, and cancelled after."""
    write(lambda tx: offered(tx, "MUG", shown=17, desired=17))
    one = evolve(order(ordered=2, placed=minutes(-1), changed=minutes(2)), status=OrderStatus.CANCELLED)
    write(lambda tx: take_in(tx, SOURCE, page(one), minutes(3)))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 19
    two = evolve(order("A2", ordered=2, placed=minutes(1), changed=minutes(2)), status=OrderStatus.CANCELLED)
    write(lambda tx: take_in(tx, SOURCE, page(two), minutes(3)))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 19, "came and went"


def test_a_cancellation_before_the_last_look_changes_no_belief(write):
    write(lambda tx: offered(tx, "MUG", shown=2, desired=0))
    for at, status in ((-5, OrderStatus.UNSHIPPED), (-3, OrderStatus.CANCELLED)):
        one = evolve(order(ordered=2, placed=minutes(-9), changed=minutes(at)), status=status)
        write(lambda tx, one=one: take_in(tx, SOURCE, page(one), NOON))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 2


def test_a_cancellation_after_a_look_that_waited_for_the_orders_is_not_forgotten(write):
    """Covers P4: sold before the look and cancelled after it, and both become known with the pass that explains it."""
    write(lambda tx: offered(tx, "MUG", shown=13, desired=13))
    look = Look(minutes(2), timedelta(minutes=1))
    level = StockLevel("MUG", 11, fulfillment=Fulfillment.MERCHANT)
    write(lambda tx: see_levels(tx, account(), [level], look, minutes(2)))
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).awaiting_pass
    one = evolve(order(ordered=2, placed=minutes(1), changed=minutes(3)), status=OrderStatus.CANCELLED)

    def end_pass(tx):
        take_in(tx, SOURCE, page(one), minutes(4))
        judge_awaiting(tx, account(), minutes(4), minutes(4))

    write(end_pass)
    offer = write(lambda tx: tx.offers.find(SHOP, "MUG"))
    assert (offer.shown, offer.believed, offer.verify_due) == (11, 13, minutes(4))


def test_a_line_without_an_article_waits_and_the_others_do_not(write):
    """Covers P8."""
    write(lambda tx: take_in(tx, SOURCE, page(order("A", offer="CUP"), order("B")), NOON))
    assert write(lambda tx: tx.ledger.positions()) == [Position(MUG, DEFAULT_LOCATION, 0, 1)]
    assert write(lambda tx: tx.orders.unmapped_offers()) == [(SHOP, "CUP", 1)]
    assert [problem.kind for problem in write(lambda tx: tx.problems.all())] == [ProblemKind.OFFER_UNMAPPED]


def test_a_shipped_quantity_that_fell_is_told_until_it_is_back(write):
    """Covers P8: part of the way back is not enough; nothing is put back into stock, nor taken out twice."""
    told = []
    for at, shipped in enumerate([2, 0, 1, 2, 1, 3]):
        write(lambda tx, at=at, shipped=shipped: take_in(tx, SOURCE, page(version(shipped=shipped, at=at)), NOON))
        told.append([problem.kind for problem in write(lambda tx: tx.problems.all())])
    fell = [ProblemKind.SHIPMENT_REVERSED]
    assert told == [[], fell, fell, [], fell, []]
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, -3, 0)]


@pytest.mark.parametrize("known_to_the_counter", [True, False])
def test_an_order_from_before_a_count_of_what_is_available_is_subtracted_and_told(write, known_to_the_counter):
    """Covers P4, P8: one of six units is sold; whoever counted five free ones may not have known of it."""
    counted = 5 if known_to_the_counter else 6
    write(lambda tx: count(tx, MUG, counted, minutes(10), "c1", minutes(10), meaning=CountMeaning.AVAILABLE))
    write(lambda tx: take_in(tx, SOURCE, page(order("A", placed=minutes(9))), minutes(11)))
    assert write(lambda tx: tx.ledger.available([MUG])) == {MUG: counted - 1}, "five in truth: never more"
    (told,) = write(lambda tx: tx.problems.all())
    assert (told.kind, told.subject) == (ProblemKind.ORDER_BEFORE_COUNT, "sku/MUG")
    write(lambda tx: count(tx, MUG, 9, minutes(3), "older", minutes(12), meaning=CountMeaning.AVAILABLE))
    assert write(lambda tx: tx.problems.all()) == [told]
    write(lambda tx: count(tx, MUG, 5, minutes(13), "c2", minutes(13), meaning=CountMeaning.AVAILABLE))
    assert write(lambda tx: tx.ledger.available([MUG])) == {MUG: 5}
    assert write(lambda tx: tx.problems.all()) == []


@pytest.mark.parametrize(
    ("meaning", "placed", "shipped"),
    [(CountMeaning.ON_HAND, 9, 0), (CountMeaning.AVAILABLE, 11, 0), (CountMeaning.AVAILABLE, 9, 1)],
)
def test_a_count_leaves_no_doubt_where_orders_cannot_be_in_it_twice(write, meaning, placed, shipped):
    """All units counted; ordered after it; shipped before it."""
    late = order("A", placed=minutes(placed), changed=minutes(placed))
    late = evolve(late, lines=(evolve(late.lines[0], shipped=shipped),))
    write(lambda tx: count(tx, MUG, 6, minutes(10), "c1", minutes(10), meaning=meaning))
    write(lambda tx: take_in(tx, SOURCE, page(late), minutes(12)))
    assert write(lambda tx: tx.problems.all()) == []


def untold(number="A1", revision=1, **changes):
    return evolve(order(number, **changes), changed_at=None, revision=revision)


TIMELESS = Source(SHOP, evolve(MOCK, revision={"order": "revision"}), {}, ahead=timedelta(minutes=1))


def test_a_change_whose_time_is_not_told_has_that_of_its_first_sight(write):
    """Covers P4: by the channel's clock. It is the latest that is possible: too few are offered, not too many."""
    write(lambda tx: offered(tx, "MUG", shown=2, desired=0))
    write(lambda tx: take_in(tx, TIMELESS, page(untold(ordered=2, placed=minutes(1))), minutes(2)))
    assert write(lambda tx: tx.orders.load(SHOP, "A1")).changed_at == minutes(3)
    cancelled = evolve(untold(revision=2, ordered=2, placed=minutes(1)), status=OrderStatus.CANCELLED)
    write(lambda tx: take_in(tx, TIMELESS, page(cancelled), minutes(6)))
    assert write(lambda tx: tx.orders.load(SHOP, "A1")).changed_at == minutes(7)
    assert write(lambda tx: tx.offers.find(SHOP, "MUG")).believed == 2


def test_numbers_of_changes_say_which_version_is_newer(write):
    """Covers P1, P2: as numbers, and whatever sequence they come in."""
    for revision, units in ((9, 3), (10, 2), (9, 3)):
        one = page(untold(revision=revision, ordered=units))
        write(lambda tx, one=one: take_in(tx, TIMELESS, one, NOON))
    assert write(lambda tx: tx.orders.load(SHOP, "A1")).revision == 10
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, 0, 2)]


def test_units_that_left_nobody_knows_when_are_told(write):
    """Covers P8: between the sight of them and that of the rest, somebody counted."""
    write(lambda tx: take_in(tx, TIMELESS, page(untold(ordered=2, placed=minutes(-9))), minutes(-5)))
    write(lambda tx: count(tx, MUG, 7, minutes(0), "c1", minutes(0)))
    (line,) = order(ordered=2).lines
    sent = evolve(untold(revision=2, placed=minutes(-9)), lines=(evolve(line, shipped=2),), status=OrderStatus.SHIPPED)
    write(lambda tx: take_in(tx, TIMELESS, page(sent), minutes(5)))
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, 5, 0)]
    assert [one.kind for one in write(lambda tx: tx.problems.all())] == [ProblemKind.SHIPMENT_TIME_UNCERTAIN]


@pytest.mark.parametrize(("behind", "left"), [(0, 7), (5, 5)])
def test_a_shipment_and_a_count_are_compared_by_one_clock(write, behind, left):
    """Covers P2: by the channel's clock, which is behind, the units left before the count that still saw them."""
    source = evolve(SOURCE, ahead=-timedelta(minutes=behind))
    write(lambda tx: take_in(tx, source, page(order(ordered=2, placed=minutes(-9), changed=minutes(-9))), minutes(-4)))
    write(lambda tx: count(tx, MUG, 7, minutes(0), "c1", minutes(0)))
    sent = order(ordered=2, placed=minutes(-9), changed=minutes(-2))
    (line,) = sent.lines
    package = Package("p1", shipped_at=minutes(-2), lines={line.external_id: 2})
    sent = evolve(sent, lines=(evolve(line, shipped=2),), status=OrderStatus.SHIPPED, packages=(package,))
    write(lambda tx: take_in(tx, source, page(sent), minutes(5)))
    assert write(lambda tx: tx.ledger.positions(MUG)) == [Position(MUG, DEFAULT_LOCATION, left, 0)]
