"""Writes of which nobody knows the outcome."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from entrepot.model import Fulfillment, StockLevel
from entrepot.simulation.doubles.call import Answer
from entrepot.store.sqlite import migrate
from entrepot.sync.observing import Look, see_levels
from entrepot.sync.pace import Pace
from entrepot.sync.push import doubt, doubt_open_attempts
from entrepot.sync.stocktaking import adjust
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, attempt, item, minutes, offered
from tests.sync.rig import SKU, live


def test_a_decrease_of_unknown_outcome_that_was_applied_is_proved_at_its_own_look(tmp_path):
    """Covers P5: it is not sent again, and does not wait for the next sweep."""

    async def story(rig):
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(quantities) or set_(quantities)
        rig.shop.script(Answer(500, after_effect=True), route="PUT /v1/stock")
        now = rig.world.clock.now()
        await rig.read(lambda tx: adjust(tx, SKU, -30, "broken", now))
        await rig.wait(minutes=10)
        (offer,) = [row for row in await rig.read(lambda tx: tx.offers.all()) if row.external_id == SKU]
        assert (offer.effective, offer.effective_version) == (69, offer.desired_version)
        assert sent == [{SKU: 69}]

    live(tmp_path, story)


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "entrepot.db")
    store = open_inline(tmp_path / "entrepot.db")
    done(store.write(lambda tx: (tx.accounts.save(account()), offered(tx, "MUG", shown=9, desired=5))))
    yield lambda work: done(store.write(work))
    store.close()


RUNTIME = SimpleNamespace(
    id=SHOP, channel=MOCK, bound=SimpleNamespace(stock=object()), pace=Pace(1, timedelta(minutes=20))
)
SENT = attempt("a1", item("MUG", 5, believed=9))


def mug(tx):
    return tx.offers.find(SHOP, "MUG")


def begin(tx):
    """A look that found too much is due in a while; the decrease is begun before it."""
    tx.offers.observe(mug(tx), 9, minutes(0), minutes(0), issues=(), awaiting_pass=False, verify_due=minutes(9))
    tx.offers.save_attempt(SENT)


def doubt_at(tx, at):
    stream = SimpleNamespace(account=SHOP)
    doubt_open_attempts(SimpleNamespace(tx=tx, runtime=RUNTIME, stream=stream, now=at, channel_now=at))


def test_a_look_that_was_due_before_a_write_does_not_hide_its_unknown_outcome(write):
    """Covers P5, P10: told by its own process, or found by the next one after a crash."""
    write(begin)
    assert write(mug).verify_due == SENT.deadline
    write(lambda tx: doubt_at(tx, minutes(1)))
    offer = write(mug)
    assert (offer.sent, offer.believed, offer.verify_due) == (5, 9, minutes(1))
    write(lambda tx: doubt_at(tx, minutes(2)))
    assert write(mug) == offer, "in doubt once: its look is not put off again and again"


def test_a_look_while_a_write_may_still_arrive_does_not_take_the_place_of_its_own(write):
    """Covers P5."""
    write(begin)
    write(lambda tx: doubt(tx, RUNTIME, SENT, minutes(0), minutes(0)))
    early, now = Look(NOON + timedelta(seconds=5), timedelta(minutes=1)), NOON + timedelta(seconds=6)
    level = StockLevel("MUG", 9, fulfillment=Fulfillment.MERCHANT)
    write(lambda tx: see_levels(tx, account(), [level], early, now))
    offer = write(mug)
    assert (offer.attempt, offer.verify_due) == ("a1", SENT.deadline)
