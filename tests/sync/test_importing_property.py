"""An import is the same as its counts one by one, whatever happens between and beside them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.model import DEFAULT_LOCATION, CountMeaning, Movement, MovementKind, Order, OrderLine, OrderStatus, Sku
from entrepot.store.records import ImportState
from entrepot.store.sqlite import migrate
from entrepot.sync import importing
from entrepot.sync.intake import take_in
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import count, receive
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes
from tests.sync.sheets import Standing

pytestmark = pytest.mark.usefixtures("small_pieces")

INSTANTS = st.integers(-30, 30)
SKUS = st.sampled_from(["A", "B"])
COUNTS = st.fixed_dictionaries({}, optional={sku: st.tuples(st.integers(0, 9), INSTANTS) for sku in "AB"})
NEWS = st.one_of(
    st.tuples(st.just("count"), SKUS, st.integers(0, 9), INSTANTS, st.sampled_from(CountMeaning)),
    st.tuples(st.just("import"), COUNTS.filter(bool), st.sampled_from(CountMeaning)),
    st.tuples(st.just("receive"), SKUS, st.integers(1, 5)),
    st.tuples(st.just("ship"), SKUS, st.integers(1, 3), INSTANTS),
    st.tuples(st.just("order"), SKUS, st.integers(1, 3), INSTANTS),
    st.just(("follow",)),
)
SERIES = iter(range(10**9))


@pytest.fixture(scope="module")
def two_worlds(tmp_path_factory):
    path = tmp_path_factory.mktemp("worlds") / "entrepot.db"
    migrate(path)
    opened = open_inline(path)
    done(opened.write(lambda tx: tx.accounts.save(account())))
    yield opened
    opened.close()


def order_of(number, sku, units, placed):
    record = Order(
        number, "MOCK", OrderStatus.UNSHIPPED, minutes(placed), minutes(placed), (OrderLine("1", sku, units),)
    )
    return Mapped(number, b"{}", record)


def tell(store, name, news, step, *, imports):
    """Tell a world something: what is imported in one of them is counted singly in the other."""
    kind, *what = news
    if kind == "count":
        sku, units, at, meaning = what
        work = lambda tx: count(tx, name(sku), units, minutes(at), f"c{step}", NOON, meaning=meaning)  # noqa: E731
    elif kind == "receive":
        work = lambda tx: receive(tx, name(what[0]), what[1], f"r{step}", NOON)  # noqa: E731
    elif kind == "ship":
        moved = Movement(name(what[0]), -what[1], MovementKind.SHIPMENT, minutes(what[2]), f"s{step}")
        work = lambda tx: tx.ledger.book(moved, NOON)  # noqa: E731
    elif kind == "order":
        record = order_of(f"{name('')}{step}", name(what[0]), what[1], what[2])
        work = lambda tx: take_in(tx, Source(SHOP, MOCK, {}), [record], NOON)  # noqa: E731
    elif kind == "import":
        lines, meaning = what
        work = lambda tx: (import_all if imports else count_all)(tx, name, lines, meaning, f"i{name('')}{step}")  # noqa: E731
    else:
        work = lambda tx: importing.follow(tx, NOON)  # noqa: E731
    done(store.write(work))


def import_all(tx, name, lines, meaning, reference):
    id_ = tx.imports.begin("erp", "erp.csv", reference, meaning, NOON)
    counts = [
        importing.ToldCount(1, name(sku), DEFAULT_LOCATION, units, minutes(at)) for sku, (units, at) in lines.items()
    ]
    staged = [weighed.staged for weighed in tx.imports.weigh(counts, reference, meaning)]
    assert tx.imports.stage(id_, staged, [], NOON)
    assert tx.imports.move(id_, ImportState.STAGING, ImportState.APPLIED, NOON)


def count_all(tx, name, lines, meaning, reference):
    for sku, (units, at) in lines.items():
        count(tx, name(sku), units, minutes(at), reference, NOON, meaning=meaning)


def seen(store, name):
    def read(tx):
        skus = [name(sku) for sku in "AB"]
        numbers = [(one.on_hand, one.reserved) for sku in skus for one in tx.ledger.positions(sku)]
        told = [[(one.effective_at, units) for one, units in tx.ledger.counts(sku)] for sku in skus]
        return numbers, [tx.ledger.available([sku]).get(sku) for sku in skus], told

    return done(store.read(read))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(NEWS, min_size=1, max_size=10))
def test_an_import_is_the_same_as_its_counts_one_by_one(two_worlds, history):
    """Covers P2: in any order with counts, movements and orders, at every moment, however far it has been followed."""
    number = next(SERIES)
    ours, theirs = (lambda sku: Sku(f"{number}-ours-{sku}")), (lambda sku: Sku(f"{number}-theirs-{sku}"))
    for world in (ours, theirs):
        done(two_worlds.write(lambda tx, world=world: tx.accounts.save_articles((world(sku), "", "") for sku in "AB")))
    for step, news in enumerate(history):
        tell(two_worlds, ours, news, step, imports=True)
        tell(two_worlds, theirs, news, step, imports=False)
        assert seen(two_worlds, ours) == seen(two_worlds, theirs)
    done(importing.follow_all(two_worlds, Standing()))
    assert seen(two_worlds, ours) == seen(two_worlds, theirs)
