from entrepot.model import AccountId
from entrepot.store.records import NO_ACCOUNT, BreakerRow, StreamKind, Suspect, Withheld
from tests.store.values import NOON, OTHER, SHOP, account, minutes


def test_a_breaker_comes_back_as_it_was_left(write, read):
    """Covers P10: it survives restarts."""
    assert read(lambda tx: tx.breakers.find(SHOP, "fetch_orders")) is None
    for row in (BreakerRow(True, 0, None, None), BreakerRow(False, 4, NOON, minutes(2))):
        write(lambda tx, row=row: tx.breakers.save(SHOP, "fetch_orders", row))
        assert read(lambda tx: tx.breakers.find(SHOP, "fetch_orders")) == row
    assert read(lambda tx: tx.breakers.find(OTHER, "fetch_orders")) is None


def test_an_applications_breaker_is_forgotten_once(write):
    write(lambda tx: tx.breakers.save(NO_ACCOUNT, "wave/app", BreakerRow(False, 1, NOON, minutes(1))))
    assert [write(lambda tx: tx.breakers.forget("wave/app")) for _ in range(2)] == [True, False]


def test_suspects_are_kept_from_their_first_refusal_on_and_set_apart_by_anothers_success(write, read):
    for name, at in (("b", 1), ("a", 2), ("b", 3)):
        write(lambda tx, name=name, at=at: tx.breakers.suspect("app", AccountId(name), minutes(at)))
    write(lambda tx: tx.breakers.suspect("another", AccountId("a"), NOON))
    a, b = Suspect(AccountId("a"), minutes(2), False), Suspect(AccountId("b"), minutes(1), False)
    assert read(lambda tx: tx.breakers.suspects("app")) == [a, b]
    write(lambda tx: tx.breakers.clear("app", AccountId("a")))
    write(lambda tx: tx.breakers.set_apart("app"))
    assert read(lambda tx: tx.breakers.suspects("app")) == [Suspect(AccountId("b"), minutes(1), True)]
    write(lambda tx: tx.breakers.clear_all("app"))
    assert read(lambda tx: tx.breakers.suspects("app")) == []
    assert len(read(lambda tx: tx.breakers.suspects("another"))) == 1


def test_what_is_withheld_stays_with_the_account(write, read):
    withheld = Withheld(("TAX", "PAYMENT"), ("TAX",), NOON, minutes(6), "no role")
    write(lambda tx: tx.accounts.save(account()))
    assert read(lambda tx: tx.accounts.find(SHOP)).withheld == Withheld()
    write(lambda tx: tx.accounts.withhold(SHOP, withheld))
    write(lambda tx: tx.accounts.save(account()))
    assert read(lambda tx: tx.accounts.find(SHOP)).withheld == withheld


def test_a_span_is_read_again_beside_what_is_being_read(write, read):
    """Covers P1, P3: whoever reads now cannot commit any more, and the watermark stays."""
    write(lambda tx: tx.accounts.save(account()))
    write(lambda tx: tx.streams.ensure(SHOP, StreamKind.ORDER_REPAIR, NOON, watermark=minutes(-1)))
    write(lambda tx: tx.streams.read_again(SHOP, minutes(-60), minutes(-5), minutes(1)))
    write(lambda tx: tx.streams.read_again(SHOP, minutes(-30), minutes(-2), minutes(2)))
    [stream] = read(lambda tx: tx.streams.of_account(SHOP))
    assert (stream.window.start, stream.window.end) == (minutes(-60), minutes(-2))
    assert (stream.epoch, stream.watermark, stream.cursor) == (2, minutes(-1), None)
