from datetime import date

from attrs import evolve
from hypothesis import HealthCheck, example, given, settings

from entrepot.model import DEFAULT_LOCATION, OrderLine, OrderStatus, Sku, Target
from entrepot.store.records import DeadLetter, KnownOrder, LineRow
from tests.store.opened import done
from tests.store.strategies import orders
from tests.store.values import NOON, OTHER, SHOP, minutes, order

DAY = date(2026, 11, 24)


def known(version=1, revision="r1", content_hash="h1"):
    return KnownOrder(version, revision, content_hash, NOON)


def test_the_latest_version_is_the_order_and_the_others_are_kept(write, read):
    """Covers P1."""
    shipped = order(changed=minutes(5), status_text="sent")
    write(lambda tx: tx.orders.save(SHOP, order(), known(), DAY, NOON))
    write(lambda tx: tx.orders.save(SHOP, shipped, known(2, "r2", "h2"), DAY, minutes(6)))
    assert read(lambda tx: tx.orders.load(SHOP, "A1")) == shipped
    assert read(lambda tx: tx.orders.versions(SHOP, "A1")) == [(NOON, order()), (minutes(6), shipped)]
    assert read(lambda tx: tx.orders.known(SHOP, ["A1", "A2"])) == {"A1": KnownOrder(2, "r2", "h2", minutes(5))}
    assert read(lambda tx: tx.orders.counts()) == [(SHOP, 1, minutes(5))]


def test_accounts_do_not_share_order_numbers(write, read):
    write(lambda tx: tx.orders.save(SHOP, order(), known(), DAY, NOON))
    assert read(lambda tx: tx.orders.load(OTHER, "A1")) is None
    assert read(lambda tx: tx.orders.known(OTHER, ["A1"])) == {}
    write(lambda tx: tx.orders.save(OTHER, order(), known(), DAY, NOON))
    assert read(lambda tx: tx.orders.accounts_with("A1")) == [OTHER, SHOP]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_order=orders)
@example(any_order=order(number="nul \x00 and \U0001f600"))
def test_every_order_survives_the_store(store, any_order):
    """Covers R43, P1: amounts to the last digit, absent ones absent."""

    def there_and_back(tx):
        version = len(tx.orders.versions(SHOP, any_order.external_id)) + 1
        tx.orders.save(SHOP, any_order, known(version), DAY, NOON)
        return tx.orders.load(SHOP, any_order.external_id)

    back = done(store.write(there_and_back))
    assert back == any_order
    assert repr(back) == repr(any_order), "1.50 stays 1.50, and no amount becomes a float"


def test_lines_and_targets_come_back(write, read):
    line = OrderLine("1", "SET", ordered=4, shipped=1)
    targets = (Target(Sku("CAP"), DEFAULT_LOCATION, 1, 2), Target(Sku("MUG"), DEFAULT_LOCATION, 2, 2))

    def save(tx):
        tx.orders.save_line(SHOP, order(), line, open_=3, booked=1, mapped=True)
        tx.orders.save_targets(SHOP, "A1", "1", targets)
        tx.orders.save_line(SHOP, order(), line, open_=0, booked=4, mapped=True)

    write(save)
    assert read(lambda tx: tx.orders.lines(SHOP, "A1")) == {"1": LineRow("1", "SET", 0, 4, mapped=True)}
    assert read(lambda tx: tx.orders.targets(SHOP, "A1", "1")) == targets


def test_open_items_of_unmapped_offers_are_found(write, read):
    """Covers P8."""
    for number in ("A2", "A1"):
        line = OrderLine("1", "NEW", ordered=1)
        write(
            lambda tx, number=number, line=line: tx.orders.save_line(
                SHOP, order(number), line, open_=0, booked=0, mapped=False
            )
        )
    assert read(lambda tx: tx.orders.waiting_for(SHOP, "NEW")) == ["A1", "A2"]
    assert read(lambda tx: tx.orders.unmapped_offers()) == [(SHOP, "NEW", 2)]


def test_a_line_that_is_gone_waits_for_nothing(write, read):
    """Covers P8: a problem that nobody can mend is no problem."""
    write(
        lambda tx: tx.orders.save_line(SHOP, order(), OrderLine("1", "NEW", ordered=0), open_=0, booked=0, mapped=False)
    )
    assert read(lambda tx: tx.orders.waiting_for(SHOP, "NEW")) == []
    assert read(lambda tx: tx.orders.unmapped_offers()) == []


def test_sales_are_counted_without_their_start_and_with_their_end(write, read):
    """Covers P5: what explains an observation."""
    for number, placed, ordered in (("A1", 0, 1), ("A2", 5, 2), ("A3", 10, 4)):
        sale = order(number, placed=minutes(placed), ordered=ordered)
        write(lambda tx, sale=sale: tx.orders.save_line(SHOP, sale, sale.lines[0], open_=0, booked=0, mapped=True))
    assert read(lambda tx: tx.orders.sold(SHOP, "MUG", minutes(0), minutes(10))) == 6
    assert read(lambda tx: tx.orders.sold(SHOP, "MUG", minutes(-1), minutes(9))) == 3
    assert read(lambda tx: tx.orders.sold(SHOP, "CAP", minutes(-1), minutes(99))) == 0


def test_a_raw_record_is_kept_once_and_purged_by_age(write):
    for _ in range(2):
        write(lambda tx: tx.orders.save_raw(SHOP, "order", [("A1", "h1", b"{}"), ("A1", "h2", b"[]")], "1", NOON))
    write(lambda tx: tx.orders.save_raw(SHOP, "order", [("A1", "h3", b"[]")], "1", minutes(1)))
    assert write(lambda tx: tx.orders.purge_raw(NOON, 9)) == 0
    assert [write(lambda tx: tx.orders.purge_raw(minutes(1), 1)) for _ in range(3)] == [1, 1, 0]
    assert write(lambda tx: tx.orders.purge_raw(minutes(2), 9)) == 1


def test_the_records_of_present_versions_are_found_in_pieces(write, read):
    id_ = order().external_id
    kept = [(id_, "h0", b"0"), (id_, "h1", b"1"), ("another", "h1", b"2")]
    write(lambda tx: tx.orders.save_raw(SHOP, "order", kept, "1", NOON))
    write(lambda tx: tx.orders.save(SHOP, order(), known(), DAY, NOON))
    (found,) = read(lambda tx: tx.orders.present_raw(SHOP, "order", 0, 9))
    assert (found.external_id, found.body) == (id_, b"1")
    assert read(lambda tx: tx.orders.present_raw(SHOP, "order", found.place, 9)) == []
    assert read(lambda tx: tx.orders.present_raw(SHOP, "stock", 0, 9)) == []


def test_a_dead_letter_is_kept_until_it_is_buried(write, read):
    """Covers P8."""
    letter = DeadLetter(SHOP, "order", "h1", "expected int", b'{"a":1}')
    for reason in ("expected int", "expected int @ $.a"):
        write(lambda tx, reason=reason: tx.orders.save_dead_letter(evolve(letter, reason=reason), NOON))
    assert read(lambda tx: tx.orders.dead_letters()) == [evolve(letter, reason="expected int @ $.a")]
    write(lambda tx: tx.orders.bury(letter))
    assert read(lambda tx: tx.orders.dead_letters()) == []


def test_orders_are_found_by_account_article_and_openness(write, read):
    def save(tx):
        for account, number, placed, open_ in ((SHOP, "A1", 0, 1), (SHOP, "A2", 2, 0), (OTHER, "A3", 1, 1)):
            sale = order(number, placed=minutes(placed))
            tx.orders.save(account, evolve(sale, status=OrderStatus.PENDING), known(), DAY, NOON)
            tx.orders.save_line(account, sale, sale.lines[0], open_=open_, booked=0, mapped=True)
        tx.orders.save_targets(OTHER, "A3", "1", [Target(Sku("MUG"), DEFAULT_LOCATION, 1, 0)])

    write(save)

    def numbers(**wanted):
        return [found.external_id for _, found in read(lambda tx: tx.orders.find(**wanted))]

    assert numbers() == ["A2", "A3", "A1"]
    assert numbers(limit=1) == ["A2"]
    assert numbers(account=SHOP) == ["A2", "A1"]
    assert numbers(open_only=True) == ["A3", "A1"]
    assert numbers(sku=Sku("MUG")) == ["A3"]


def test_units_that_are_open_and_units_that_will_not_be_sent(write, read):
    def fill(tx):
        for number, at, open_, booked in (("A1", 1, 2, 1), ("A2", 5, 0, 0), ("A3", 5, 0, 3)):
            tx.orders.save(SHOP, order(number, changed=minutes(at)), known(), DAY, NOON)
            line = OrderLine("1", "MUG", 3)
            tx.orders.save_line(SHOP, order(number), line, open_=open_, booked=booked, mapped=True)

    write(fill)
    assert read(lambda tx: tx.orders.open_units(SHOP, "MUG")) == 2
    assert read(lambda tx: (tx.orders.has_offer(SHOP, "MUG"), tx.orders.has_offer(SHOP, "CAP"))) == (True, False)
    assert read(lambda tx: tx.orders.cancelled_after(SHOP, "MUG", minutes(4))) == ["A2"]
    assert read(lambda tx: tx.orders.cancelled_after(SHOP, "MUG", minutes(5))) == []
