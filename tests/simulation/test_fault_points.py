"""When a named fault strikes: on order, by lot, or for a while."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.simulation import ANY_ROUTE, EPOCH, Call, FaultPoint, FaultPoints, stream

SHORT, LASTING = FaultPoint("short", "once", 0.5), FaultPoint("lasting", "for a while", 0.1, timedelta(minutes=2))
MINUTE = timedelta(minutes=1)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.at = EPOCH

    def now(self):
        return self.at


def points(clock=None, seed=1, time_scale=1):
    clock = clock or Hand()
    return FaultPoints((SHORT, LASTING), clock.now, stream(seed, "faults"), time_scale=time_scale)


def strikes(faults, occasions=10, fault="short"):
    return [faults.strikes(fault) for _ in range(occasions)]


def test_nothing_strikes_that_is_not_planned():
    faults = points()
    assert strikes(faults) == [False] * 10
    assert faults.happened.total() == 0


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_planned_fault_strikes_the_next_occasions(times, occasions):
    faults = points()
    faults.plan("short", times)
    assert strikes(faults, occasions) == [number < times for number in range(occasions)]
    assert faults.happened["short"] == min(times, occasions)


def test_a_share_strikes_by_lot_and_the_same_seed_the_same_occasions():
    def drawn(seed):
        faults = points(seed=seed)
        faults.plan_share("short", 0.3)
        return strikes(faults, 1000)

    assert drawn(1) == drawn(1) != drawn(2)
    assert 250 <= sum(drawn(1)) <= 350


def test_one_that_lasts_strikes_all_occasions_of_its_time():
    clock = Hand()
    faults = points(clock)
    faults.plan("lasting")
    assert strikes(faults, 3, "lasting") == [True] * 3
    clock.at += 2 * MINUTE
    assert strikes(faults, 3, "lasting") == [False] * 3


@pytest.mark.parametrize("scale", [1, 60])
def test_a_span_begins_and_ends_by_the_servers_own_clock(scale):
    clock = Hand()
    faults = points(clock, time_scale=scale)
    faults.plan_span("short", 10 * MINUTE, 5 * MINUTE)
    told = {}
    for minute in (9, 10, 14, 15):
        clock.at = EPOCH + minute * MINUTE / scale
        told[minute] = faults.strikes("short")
    assert told == {9: False, 10: True, 14: True, 15: False}


def call(operation, *, public=False):
    return Call({}, {}, {}, None, operation=operation, public=public)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("", {"login": True, "orders": True, "stock": True}),
        (ANY_ROUTE, {"login": False, "orders": True, "stock": True}),
        ("orders", {"login": False, "orders": True, "stock": False}),
        ("login", {"login": True, "orders": False, "stock": False}),
    ],
)
def test_a_plan_strikes_at_its_place(at, told):
    for plan in (
        lambda faults: faults.plan("short", 3, at),
        lambda faults: faults.plan_share("short", 1, at),
        lambda faults: faults.plan_span("short", 0 * MINUTE, MINUTE, at),
    ):
        faults = points()
        plan(faults)
        assert {name: faults.strikes("short", call=call(name, public=name == "login")) for name in told} == told


def test_one_that_lasts_strikes_everywhere_but_where_it_was_aimed():
    told = {}
    for at in (ANY_ROUTE, "orders"):
        faults = points()
        faults.plan("lasting", 1, at)
        assert faults.strikes("lasting", call=call("orders"))
        told[at] = [faults.strikes("lasting", call=each) for each in (call("login", public=True), call("stock"))]
    assert told == {ANY_ROUTE: [True, True], "orders": [False, False]}


def test_what_is_no_request_uses_up_the_next_times_too():
    faults = points()
    faults.plan("short", 1, ANY_ROUTE)
    assert strikes(faults, 2) == [True, False]


def test_calm_forgets_what_is_planned_and_ends_what_lasts():
    faults = points()
    faults.plan("lasting")
    faults.strikes("lasting", "an order")
    faults.plan("short", 3)
    faults.plan_share("short", 1.0)
    faults.calm()
    assert [*strikes(faults), *strikes(faults, fault="lasting")] == [False] * 20
    assert (dict(faults.happened), dict(faults.victims)) == ({"lasting": 1}, {"lasting": {"an order"}})


def test_a_name_that_is_no_point_is_a_mistake():
    for plan in (lambda name: points().plan(name), lambda name: points().plan_share(name, 1.0), points().strikes):
        with pytest.raises(KeyError):
            plan("nothing")
