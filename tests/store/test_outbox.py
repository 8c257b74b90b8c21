from entrepot.model import Event, EventName
from entrepot.store.records import ParkedDelivery
from tests.store.values import NOON, OTHER, SHOP, minutes


def event(subject="order/A1", version=1, account=SHOP):
    return Event(EventName.ORDER_CHANGED, subject, f"key-{subject}-{version}", NOON, account, {"status": "pending"})


def test_events_come_out_in_the_order_of_commits(write, read):
    """Covers P2: the key is stored, so a repeated announcement carries the same."""
    write(lambda tx: tx.outbox.add([event(version=number) for number in (1, 2, 3)]))
    first, second, third = read(lambda tx: tx.outbox.after(0, 9))
    assert [row.key for row in (first, second, third)] == [f"key-order/A1-{number}" for number in (1, 2, 3)]
    assert (first.name, first.subject, first.account, first.occurred_at) == ("order_changed", "order/A1", SHOP, NOON)
    assert first.details == '{"status":"pending"}'
    assert read(lambda tx: tx.outbox.after(first.id, 1)) == [second]
    assert read(lambda tx: tx.outbox.event(third.id)) == third
    assert read(lambda tx: tx.outbox.last_id()) == third.id


def test_an_observer_is_told_from_its_first_day_on_and_never_goes_back(write, read):
    write(lambda tx: tx.outbox.add([event()]))
    last = read(lambda tx: tx.outbox.last_id())
    write(lambda tx: tx.outbox.add_observer("erp"))
    assert read(lambda tx: tx.outbox.told_until("erp")) == last
    write(lambda tx: tx.outbox.advance("erp", last + 5))
    write(lambda tx: tx.outbox.advance("erp", last + 2))
    write(lambda tx: tx.outbox.add_observer("erp"))
    assert read(lambda tx: tx.outbox.told_until("erp")) == last + 5


def test_a_parked_delivery_waits_with_its_failures(write, read):
    """Covers P8."""
    later, sooner = ParkedDelivery("erp", 7, "b", 1, minutes(5)), ParkedDelivery("erp", 3, "a", 1, minutes(9))
    again = ParkedDelivery("erp", 3, "a", 2, minutes(2))
    write(lambda tx: [tx.outbox.park(delivery) for delivery in (later, sooner, again)])
    assert read(lambda tx: tx.outbox.parked("erp")) == [again, later]
    assert read(lambda tx: tx.outbox.parked("other")) == []
    assert read(lambda tx: tx.outbox.next_parked()) == minutes(2)
    write(lambda tx: tx.outbox.unpark("erp", 3))
    assert read(lambda tx: tx.outbox.parked("erp")) == [later]


def test_an_event_of_the_merchant_has_no_account(write, read):
    write(lambda tx: tx.outbox.add([event(account=None)]))
    assert read(lambda tx: tx.outbox.after(0, 1))[0].account is None


def test_the_latest_event_of_a_name_and_a_subject(write, read):
    write(lambda tx: tx.outbox.add([event(version=1), event(version=2), event("order/A2"), event(account=OTHER)]))
    assert read(lambda tx: tx.outbox.latest(EventName.ORDER_CHANGED, SHOP, "order/A1")).key == "key-order/A1-2"
    assert read(lambda tx: tx.outbox.latest(EventName.PUSH_FAILED, SHOP, "order/A1")) is None
