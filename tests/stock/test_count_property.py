"""A warehouse of real units, and what reaches the ledger of it: in any order, late, twice, or with gaps."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from attrs import define, frozen
from hypothesis import given, note, settings
from hypothesis import strategies as st

from entrepot.model import (
    DEFAULT_LOCATION,
    Bundle,
    Fulfillment,
    Order,
    OrderLine,
    OrderStatus,
    Package,
    ProblemKind,
    Sku,
)
from entrepot.stock.ledger import on_hand
from entrepot.store.sqlite import migrate
from entrepot.sync.intake import map_offer, take_in
from entrepot.sync.records import Mapped
from entrepot.sync.source import Source
from entrepot.sync.stocktaking import count
from entrepot_mock_channel import MOCK
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP, account, minutes

SOURCE = Source(SHOP, MOCK, {})
HORIZON = 40


@frozen
class Sale:
    """One order in truth: when its units were ordered, left and were cancelled. `told`: its packages carry times."""

    placed: int
    ordered: int
    left: Sequence[int]
    cancelled: Sequence[int]
    edits: Sequence[int]
    told: bool

    def document(self, number: str, sku: str, at: int) -> Order:
        """What the channel shows of it at an instant."""
        left = sorted(when for when in self.left if when <= at)
        gone = sum(when <= at for when in self.cancelled)
        line = OrderLine("1", sku, self.ordered, len(left), gone)
        packages = [Package(f"p{n}", shipped_at=minutes(when), lines={"1": 1}) for n, when in enumerate(left)]
        return Order(
            number,
            "MOCK",
            OrderStatus.UNSHIPPED,
            minutes(self.placed),
            minutes(at),
            (line,),
            packages=tuple(packages) if self.told else (),
        )

    @property
    def changes(self) -> list[int]:
        return sorted({self.placed, *self.left, *self.cancelled, *self.edits})


@st.composite
def sales(draw):
    placed = draw(st.integers(1, 20))
    ordered = draw(st.integers(1, 3))
    later = st.integers(placed + 1, HORIZON)
    fates = draw(st.lists(st.sampled_from(["left", "cancelled", "open"]), min_size=ordered, max_size=ordered))
    when = {fate: [draw(later) for _ in range(fates.count(fate))] for fate in ("left", "cancelled")}
    edits = draw(st.lists(later, max_size=2))
    return Sale(placed, ordered, when["left"], when["cancelled"], edits, draw(st.booleans()))


@define
class Warehouse:
    """Truth, and the order in which it becomes known."""

    units: int
    sales: list[Sale]
    counts: list[int]

    def physical(self, at: int) -> int:
        return self.units - sum(when <= at for sale in self.sales for when in sale.left)

    @property
    def open(self) -> int:
        return sum(sale.ordered - len(sale.left) - len(sale.cancelled) for sale in self.sales)


@st.composite
def histories(draw):
    """A warehouse, and news of it: counts, and documents of which each order's last one comes at some time."""
    warehouse = Warehouse(
        draw(st.integers(9, 12)),
        draw(st.lists(sales(), min_size=1, max_size=3)),
        [0, *draw(st.lists(st.integers(1, HORIZON), max_size=3))],
    )
    news = [("count", index, at) for index, at in enumerate(warehouse.counts)] + [("map", 0, 0)]
    for index, sale in enumerate(warehouse.sales):
        early = draw(st.lists(st.sampled_from(sale.changes), max_size=3))
        news += [("order", index, at) for at in [*early, sale.changes[-1]]]
    twice = draw(st.lists(st.sampled_from(news), max_size=2))
    return warehouse, draw(st.permutations(news + twice))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("warehouse") / "entrepot.db"
    migrate(path)
    opened = open_inline(path)
    done(opened.write(lambda tx: tx.accounts.save(account())))
    yield opened
    opened.close()


def tell(store, warehouse: Warehouse, sku: Sku, news: tuple[str, int, int], now: datetime) -> None:
    kind, index, at = news
    if kind == "count":
        units = warehouse.physical(at)
        done(store.write(lambda tx: count(tx, sku, units, minutes(at), f"c{index}", now)))
    elif kind == "map":
        done(store.write(lambda tx: map_offer(tx, SHOP, sku, Bundle(0, {sku: 1}), SOURCE, now)))
    else:
        document = warehouse.sales[index].document(f"{sku}-{index}", sku, at)
        record = Mapped(f"{sku}-{index}-{at}", b"{}", document)
        done(store.write(lambda tx: take_in(tx, SOURCE, [record], now)))


def ledger_of(store, sku):
    def read(tx):
        (position,) = tx.ledger.positions(sku)
        doubtful = tx.ledger.around_count(sku, DEFAULT_LOCATION)
        problems = {
            problem.subject
            for problem in tx.problems.all()
            if problem.kind is ProblemKind.SHIPMENT_TIME_UNCERTAIN and problem.subject == f"sku/{sku}"
        }
        return position, on_hand(tx.ledger.counts(sku), tx.ledger.movements(sku)), doubtful, problems

    return done(store.read(read))


SERIES = iter(range(10**9))


@settings(max_examples=250)
@given(histories())
def test_on_hand_is_the_truth_or_it_is_flagged(store, history):
    """Covers P2, and the count property of the ledger: no interleaving subtracts a unit twice."""
    warehouse, news = history
    sku = Sku(f"SKU-{next(SERIES)}")
    done(store.write(lambda tx: tx.offers.see(SHOP, sku, Fulfillment.MERCHANT, 0, NOON)))
    for step, item in enumerate(news):
        tell(store, warehouse, sku, item, minutes(HORIZON + step))
    position, added_up, doubtful, problems = ledger_of(store, sku)
    truth = warehouse.physical(HORIZON)
    note(f"{position}, truth {truth}, in doubt {doubtful}")
    assert position.on_hand == added_up
    assert position.reserved == warehouse.open
    assert problems == ({f"sku/{sku}"} if doubtful else set())
    assert truth + sum(movement.quantity for movement in doubtful) <= position.on_hand <= truth
    if all(sale.told for sale in warehouse.sales):
        assert not doubtful, "what the channel told is not in doubt"


def test_a_count_that_may_have_missed_a_unit_is_flagged_until_the_next_one(store):
    """Covers P2, P8: the document between was never seen; the count came before or after it was known."""
    for late_count in (False, True):
        sku = Sku(f"SKU-{next(SERIES)}")
        warehouse = Warehouse(5, [Sale(1, 1, left=[5], cancelled=[], edits=[20], told=False)], [0, 10, 30])
        known = [("map", 0, 0), ("count", 0, 0), ("order", 0, 1)]
        shipped, between = ("order", 0, 20), ("count", 1, 10)
        done(store.write(lambda tx, sku=sku: tx.offers.see(SHOP, sku, Fulfillment.MERCHANT, 0, NOON)))
        for item in [*known, *((shipped, between) if late_count else (between, shipped))]:
            tell(store, warehouse, sku, item, minutes(50))
        position, _, doubtful, problems = ledger_of(store, sku)
        assert (position.on_hand, len(doubtful), len(problems)) == (3, 1, 1), "4 in truth"
        tell(store, warehouse, sku, ("count", 2, 30), minutes(60))
        position, _, doubtful, problems = ledger_of(store, sku)
        assert (position.on_hand, doubtful, problems) == (4, [], set())
