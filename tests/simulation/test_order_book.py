"""The book forgets what no list can show any more: what it shows is what a book would that forgets nothing."""

from datetime import timedelta

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.model import Order, OrderStatus
from entrepot.simulation.markets.order_book import APART, OrderBook
from entrepot.simulation.seeds import EPOCH

SECOND = timedelta(seconds=1)
EVER = EPOCH + timedelta(days=1)

Steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 3), st.integers(0, 9)),  # which order, lag
        st.tuples(st.just("late"), st.integers(0, 3), st.integers(0, 5)),  # ... changed so long ago, without lag
        st.tuples(st.just("wait"), st.integers(1, 6), st.just(0)),
        st.tuples(st.just("hide"), st.integers(0, 3), st.integers(1, 6)),
    ),
    max_size=40,
)


class Whole:
    """Every version of every order, for ever."""

    def __init__(self):
        self.versions = {}
        self.hidden = {}
        self.log = []

    def put(self, order, lag):
        earlier = self.versions.setdefault(order.external_id, [])
        earlier.append((max([order.changed_at + lag, *(at for at, _ in earlier[-1:])]), order))
        self.log.append(order.external_id)

    def shown(self, now):
        orders = []
        for number, versions in self.versions.items():
            visible = [order for at, order in versions if at <= now]
            if visible and self.hidden.get(number, now) <= now:
                orders.append(visible[-1])
        return orders


def play(steps):
    """After each step: the book, the whole one, and the time."""
    clock = [EPOCH]
    book, whole = OrderBook(lambda: clock[0]), Whole()
    for what, which, seconds in steps:
        number, span = f"order-{which}", seconds * SECOND
        if what == "wait":
            clock[0] += which * SECOND
        elif what == "hide" and number in book.orders:
            book.hide(number, clock[0] + span)
            whole.hidden[number] = clock[0] + span
        elif what in {"put", "late"}:
            changed_at = clock[0] - (span if what == "late" else timedelta())
            order = Order(number, "SHOP", OrderStatus.PENDING, EPOCH, changed_at, ())
            lag = span if what == "put" else timedelta()
            whole.put(book.put(order, lag), lag)
        yield book, whole, clock[0]


@settings(max_examples=300)
@given(Steps)
def test_lists_show_what_a_book_would_that_forgets_nothing(steps):
    for book, whole, now in play(steps):
        shown = list(book.behind(EVER, lambda _: True, (EPOCH - SECOND * 100, "")))
        assert shown == sorted(whole.shown(now), key=lambda order: (order.changed_at, order.external_id))
        for number, versions in whole.versions.items():
            assert book.changes_of(number) == [order.changed_at for _, order in versions]
        for after in range(0, APART * len(whole.log), APART):
            logged = sorted((o for o in whole.shown(now) if o.revision > after), key=lambda order: order.revision)
            assert list(book.logged(after)) == logged


def test_of_a_settled_order_one_version_and_one_place_are_left():
    clock = [EPOCH]
    book = OrderBook(lambda: clock[0])
    first = Order("1", "SHOP", OrderStatus.PENDING, EPOCH, EPOCH, ())
    for change in range(50):
        clock[0] = EPOCH + change * SECOND
        book.put(evolve(first, changed_at=clock[0]), SECOND / 2)
    assert len(book._unsettled) == 1
    assert len(book._unsettled["1"]) == 2
    assert len(book._places) < 5
