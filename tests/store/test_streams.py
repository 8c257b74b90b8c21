import pytest
from attrs import evolve

from entrepot.errors import LeaseLost
from entrepot.model import Window
from entrepot.store.records import StreamKind
from tests.store.values import NOON, OTHER, SHOP, account, minutes, order


@pytest.fixture
def stream(write):
    """The order stream of an account, due at noon."""

    def ensure(tx):
        tx.accounts.save(account())
        tx.streams.ensure(SHOP, StreamKind.ORDERS, NOON, watermark=minutes(-60))
        return tx.streams.of_account(SHOP)[0]

    return write(ensure)


def claim(stream, owner, at, until):
    return lambda tx: tx.streams.claim(stream.id, owner, minutes(at), minutes(until))


def due_at(read, minute):
    return [row.kind for row in read(lambda tx: tx.streams.due(minutes(minute)))]


def test_a_stream_has_one_holder_until_its_lease_ends(write, read, stream):
    """Covers P2."""
    assert write(claim(stream, "a", -1, 5)) is None, "not due yet"
    assert write(claim(stream, "a", 0, 5)).epoch == stream.epoch + 1
    assert write(claim(stream, "b", 4, 9)) is None
    assert due_at(read, 4) == []
    assert read(lambda tx: tx.streams.next_due(minutes(4))) == minutes(5)
    assert due_at(read, 5) == [StreamKind.ORDERS]
    assert write(claim(stream, "b", 5, 9)).epoch == stream.epoch + 2, "from the instant that was named"


def test_who_lost_the_lease_commits_nothing(write, read, stream):
    """Covers P3: the fence, and everything with it."""
    first = write(claim(stream, "a", 0, 5))
    second = write(claim(stream, "b", 6, 11))

    def late(tx):
        tx.accounts.park(SHOP, NOON)
        tx.streams.release(evolve(first, watermark=minutes(0)))

    with pytest.raises(LeaseLost, match="epoch 1 is over"):
        write(late)
    assert read(lambda tx: tx.accounts.find(SHOP).parked_since) is None
    assert read(lambda tx: tx.streams.find(stream.id).watermark) == minutes(-60)
    for fenced in ("assert_epoch", "hold"):
        with pytest.raises(LeaseLost):
            write(lambda tx, name=fenced: getattr(tx.streams, name)(first))
    write(lambda tx: tx.streams.release(second))


def test_progress_comes_back_as_it_was_written(write, read, stream):
    """Covers P1, R103: a pass resumes with its own bounds."""
    held = write(claim(stream, "a", 0, 5))
    progress = evolve(
        held,
        next_due=minutes(1),
        watermark=minutes(-50),
        window=Window(minutes(-60), minutes(-2)),
        cursor="page 2",
        complete_until=minutes(-3),
        seen_pages=("x", "y"),
        records=7,
        window_cap=90.5,
        failures=2,
        failing_since=minutes(-1),
        last_error="502",
    )
    write(lambda tx: tx.streams.release(progress))
    assert read(lambda tx: tx.streams.find(stream.id)) == progress
    assert write(claim(stream, "b", 1, 9)) == evolve(progress, epoch=progress.epoch + 1), "released at once"


def test_holding_writes_the_window_and_keeps_the_lease(write, read, stream):
    """Covers R102: the bounds are fixed before the first call."""
    held = write(claim(stream, "a", 0, 5))
    window = Window(minutes(-60), minutes(-2))
    write(lambda tx: tx.streams.hold(evolve(held, window=window, watermark=minutes(0))))
    assert read(lambda tx: tx.streams.find(stream.id)) == evolve(held, window=window)
    assert write(claim(stream, "b", 1, 9)) is None


def test_ensuring_a_stream_again_keeps_its_progress(write, read, stream):
    write(lambda tx: tx.streams.ensure(SHOP, StreamKind.ORDERS, minutes(9), watermark=minutes(9)))
    assert read(lambda tx: tx.streams.all()) == [stream]


def test_a_parked_account_is_only_checked(write, read, stream):
    """Covers P11."""
    write(lambda tx: tx.streams.ensure(SHOP, StreamKind.HEALTH, minutes(3)))
    write(lambda tx: tx.accounts.park(SHOP, NOON))
    assert due_at(read, 3) == [StreamKind.HEALTH]
    assert (due_at(read, 2), read(lambda tx: tx.streams.next_due(minutes(2)))) == ([], minutes(3))


def test_what_is_detached_is_not_due(write, read, stream):
    assert (due_at(read, 0), read(lambda tx: tx.streams.next_due(minutes(-1)))) == ([StreamKind.ORDERS], NOON)
    write(lambda tx: tx.accounts.detach_others([OTHER], NOON))
    assert (due_at(read, 0), read(lambda tx: tx.streams.next_due(minutes(-1)))) == ([], None)


def test_quantities_are_sent_before_anything_is_read(write, read, stream):
    """Covers P4."""
    for kind in (StreamKind.BULK, StreamKind.STOCK, StreamKind.PUSH, StreamKind.HEALTH):
        write(lambda tx, kind=kind: tx.streams.ensure(SHOP, kind, NOON))
    assert due_at(read, 0) == ["push", "health", "orders", "stock", "bulk"]


def test_waking_only_ever_makes_a_stream_due_earlier(write, read, stream):
    write(lambda tx: tx.streams.wake(SHOP, StreamKind.ORDERS, minutes(5)))
    assert read(lambda tx: tx.streams.find(stream.id).next_due) == NOON
    write(lambda tx: tx.streams.wake(SHOP, StreamKind.ORDERS, minutes(-5)))
    assert read(lambda tx: tx.streams.find(stream.id).next_due) == minutes(-5)


def test_orders_are_known_as_far_as_the_slowest_scope(write, read, stream):
    """Covers P4: a raise waits for every scope."""
    write(lambda tx: tx.streams.ensure(SHOP, StreamKind.ORDER_REPAIR, NOON))
    assert read(lambda tx: tx.streams.orders_known_until(SHOP)) == minutes(-60)
    write(lambda tx: tx.streams.ensure(SHOP, StreamKind.ORDERS, NOON, scope="US"))
    assert read(lambda tx: tx.streams.orders_known_until(SHOP)) is None
    assert read(lambda tx: tx.streams.orders_known_until(OTHER)) is None


def test_a_teller_is_found_by_its_observer(write, read):
    write(lambda tx: tx.streams.ensure("", StreamKind.TELL, NOON, scope="erp"))
    assert read(lambda tx: tx.streams.of_scope(StreamKind.TELL, "erp").kind) is StreamKind.TELL


def test_order_of_shelves_does_not_matter_to_the_fence(write, read, stream):
    """Covers P3: an order stored before the fence is rolled back with it."""
    first = write(claim(stream, "a", 0, 5))
    write(claim(stream, "b", 6, 11))

    def late(tx):
        tx.orders.save_raw(SHOP, "order", [("A1", "h", b"{}")], "1", NOON)
        tx.orders.save_line(SHOP, order(), order().lines[0], open_=1, booked=0, mapped=False)
        tx.streams.release(first)

    with pytest.raises(LeaseLost):
        write(late)
    assert read(lambda tx: tx.orders.unmapped_offers()) == []
    assert write(lambda tx: tx.orders.purge_raw(minutes(1), 9)) == 0


def test_a_sweep_of_the_quantities_can_be_asked_for(write, read):
    def ensure(tx):
        tx.accounts.save(account())
        for kind in (StreamKind.STOCK, StreamKind.ORDERS):
            tx.streams.ensure(SHOP, kind, minutes(60), watermark=minutes(-60))
        tx.streams.sweep_stock(SHOP, minutes(1))
        return {row.kind: (row.next_due, row.watermark) for row in tx.streams.of_account(SHOP)}

    rows = write(ensure)
    assert rows == {StreamKind.STOCK: (minutes(1), None), StreamKind.ORDERS: (minutes(60), minutes(-60))}
