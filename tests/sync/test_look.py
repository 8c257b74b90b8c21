"""A sale while a channel answers a look: nobody knows whether it is in the number."""

from datetime import timedelta

import pytest

from entrepot.model import EventName, Fulfillment, StockLevel
from entrepot.store.sqlite import migrate
from entrepot.sync.intake import take_in
from entrepot.sync.observing import Look, judge_awaiting, see_levels
from entrepot.sync.source import Source
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import SHOP, account, attempt, item, minutes, offered, order
from tests.sync.test_intake import page

BEGUN, SOLD, ANSWERED, LATER = (minutes(number) for number in (2, 3, 4, 6))
SHOWN = 10


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    done(store.write(lambda tx: (tx.accounts.save(account()), offered(tx, "MUG", shown=SHOWN, desired=SHOWN))))
    yield lambda work: done(store.write(work))
    store.close()


def see(write, quantity, begun, answered):
    level = StockLevel("MUG", quantity, fulfillment=Fulfillment.MERCHANT)
    look = Look(begun, timedelta(minutes=1))
    write(lambda tx: see_levels(tx, account(), [level], look, answered))


def sell(write, now):
    one = order(ordered=1, placed=SOLD, changed=SOLD)
    write(lambda tx: take_in(tx, Source(SHOP, MOCK, {}), page(one), now))


def mug(write):
    return write(lambda tx: tx.offers.find(SHOP, "MUG"))


@pytest.mark.parametrize("seen", [SHOWN, SHOWN - 1])
@pytest.mark.parametrize("known_first", [True, False])
def test_a_sale_during_a_look_is_not_taken_off_twice(write, seen, known_first):
    """Covers P5, P8: the higher number is believed until another look tells, and nobody is said to have lowered it."""
    if known_first:
        sell(write, SOLD)
    see(write, seen, BEGUN, ANSWERED)
    if not known_first:
        sell(write, ANSWERED)
    write(lambda tx: judge_awaiting(tx, account(), ANSWERED, ANSWERED))
    assert mug(write).believed == seen
    assert mug(write).verify_due is not None
    see(write, SHOWN - 1, LATER, LATER)
    assert (mug(write).believed, mug(write).verify_due) == (SHOWN - 1, None)
    assert EventName.OFFER_DRIFTED not in {row.name for row in write(lambda tx: tx.outbox.after(0, 99))}


def test_a_sale_while_a_write_is_answered_explains_what_is_read_back(write):
    """Covers P5, P8: the write took effect before its answer, and the sale came between them."""
    one = item("MUG", SHOWN, believed=SHOWN)
    sent = attempt("a1", one)
    write(lambda tx: tx.offers.save_attempt(sent))
    write(lambda tx: tx.offers.save_result(sent.id, "MUG", ""))
    write(lambda tx: tx.offers.accepted(sent, one, BEGUN, ANSWERED, LATER))
    sell(write, ANSWERED)
    see(write, SHOWN - 1, LATER, LATER)
    write(lambda tx: judge_awaiting(tx, account(), LATER, LATER))
    assert (mug(write).believed, mug(write).verify_due) == (SHOWN - 1, None)
    assert EventName.OFFER_DRIFTED not in {row.name for row in write(lambda tx: tx.outbox.after(0, 99))}
