import multiprocessing

import pytest

from entrepot.model import DEFAULT_LOCATION, AccountId, Bundle, CountMeaning, Fulfillment, Position, ProblemKind, Sku
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import migrate
from entrepot.sync.stocktaking import count
from tests.store.opened import done, open_inline
from tests.store.values import NOON, account
from tests.system.race import take_share

pytestmark = pytest.mark.system

MUG = Sku("MUG")
ACCOUNTS = [AccountId("east"), AccountId("west")]
PROCESSES = 4


def set_up(tx, units):
    tx.accounts.save_articles([(MUG, "Mug", "")])
    for id_ in ACCOUNTS:
        tx.accounts.save(account(id_))
        tx.streams.ensure(id_, StreamKind.PUSH, NOON)
        tx.offers.see(id_, MUG, Fulfillment.MERCHANT, units, NOON)
        tx.offers.map(id_, MUG, Bundle(0, {MUG: 1}))
    count(tx, MUG, units, NOON, "first", NOON, meaning=CountMeaning.ON_HAND)


def race(path, numbers):
    """Four processes start at one signal; two of them for each account, with orders that both have."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES)
    shares = [numbers[index::2] for index in (0, 0, 1, 1)]
    processes = [
        context.Process(target=take_share, args=(str(path), ACCOUNTS[index // 2], share, start))
        for index, share in enumerate(shares)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * PROCESSES


@pytest.mark.parametrize(("orders", "units"), [(120, 80), (60, 100)])
def test_orders_race_for_the_last_units(tmp_path, orders, units):
    """Covers R50, P2, P4."""
    path = tmp_path / "entrepot.db"
    migrate(path)
    store = open_inline(path)
    done(store.write(lambda tx: set_up(tx, units)))
    race(path, [f"A{number}" for number in range(orders)])

    def judge(tx):
        (position,) = tx.ledger.positions(MUG)
        assert position == Position(MUG, DEFAULT_LOCATION, units, orders)
        assert position.shortage == max(0, orders - units)
        assert [offer.desired for offer in tx.offers.all()] == [max(0, units - orders)] * 2
        assert tx.ledger.wrong_positions() == []
        assert sum(stored for _, stored, _ in tx.orders.counts()) == orders
        short = {problem.message for problem in tx.problems.all() if problem.kind is ProblemKind.STOCK_SHORT}
        assert len(short) == (1 if orders > units else 0)
        assert all(str(orders - units) in message for message in short), "the words are of the last order"

    done(store.read(judge))
    store.close()
