"""`--faults` of the simulator: what may be written, and what it plans."""

from datetime import timedelta

import pytest

from entrepot.simulation import Call
from entrepot.simulation.doubles.fault_script import FaultScript, UnreadableScript
from entrepot.simulation.doubles.shop_faults import SHOP_FAULTS
from tests.simulation.test_shop import with_shop


def begun(text, judge):
    async def scenario(shop, _client):
        script = FaultScript.read(text)
        script.check(shop)
        script.begin(shop)
        return judge(shop.faults)

    return with_shop(scenario)


def test_times_are_the_next_occasions():
    assert begun("storm=2x", lambda faults: [faults.strikes("storm") for _ in range(2)]) == [True, True]


def call(operation, *, public=False):
    return Call({}, {}, {}, None, operation=operation, public=public)


def test_the_next_times_leave_a_login_out():
    asked = [call("login", public=True), call("orders"), call("things")]
    told = begun("error_after=1x", lambda faults: [faults.strikes("error_after", call=each) for each in asked])
    assert told == [False, True, False]


@pytest.mark.parametrize("how", ["=1x", "=1", "@0s+30m"])
def test_a_fault_is_aimed_at_an_operation(how):
    asked = [call("orders"), call("things")]
    told = begun(
        f"error_after:things{how}", lambda faults: [faults.strikes("error_after", call=each) for each in asked]
    )
    assert told == [False, True]


@pytest.mark.parametrize("text", ["all,slow_answer=1,outage:things=1x", "slow_answer=1,outage:things=1x,all"])
def test_what_a_part_names_is_not_of_all(text):
    def planned(faults):
        slow = all(faults.strikes("slow_answer") for _ in range(100))
        outage = any(faults.strikes("outage", call=call("orders")) for _ in range(20_000))
        return slow, outage, faults.is_planned("storm")

    assert begun(text, planned) == (True, False, True)


@pytest.mark.parametrize("text", ["storm,storm=0.5", "storm=2x,storm=0.1", "storm:stock,storm:stock=1x", "all,all"])
def test_what_is_planned_twice_is_refused(text):
    with pytest.raises(UnreadableScript, match=r"planned twice. Next: write it once"):
        FaultScript.read(text)


def test_spans_and_places_of_one_fault_may_be_several():
    FaultScript.read("storm@1h+2m,storm@2h+2m,storm=1x,storm:stock=1x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("error_after:thigns=1x", r"no operation 'thigns'. Next: one of things, token"),
        ("hidden_order:things", r"hidden_order strikes no single operation. Next: write hidden_order alone"),
        ("all:things", r"all strikes no single operation"),
    ],
)
def test_what_cannot_be_aimed_so_says_why(text, words):
    with pytest.raises(UnreadableScript, match=words):
        begun(text, None)


def test_a_span_begins_after_its_time():
    assert begun("html_page@0s+30m", lambda faults: faults.strikes("html_page"))
    assert not begun("html_page@1s+30m", lambda faults: faults.strikes("html_page"))


@pytest.mark.parametrize(("text", "least", "most"), [("slow_answer=1", 1000, 1000), ("slow_answer", 1, 50)])
def test_a_share_is_the_usual_one_or_its_own(text, least, most):
    struck = begun(text, lambda faults: sum(faults.strikes("slow_answer") for _ in range(1000)))
    assert least <= struck <= most


def test_all_are_planned_at_their_usual_shares():
    assert all(begun("all", lambda faults: [faults.is_planned(point.name) for point in SHOP_FAULTS]))


@pytest.mark.parametrize(
    ("text", "ahead"), [("", 0), ("clock=-10m", -600), ("clock=+90s, storm", 90), ("storm,,clock=+1h", 3600)]
)
def test_the_clock_is_ahead_or_behind(text, ahead):
    assert FaultScript.read(text).ahead == timedelta(seconds=ahead)


@pytest.mark.parametrize("text", ["storm=", "storm=2", "storm=1.5", "storm@2h", "storm@2+3", "clock=10m", "a b", "=1"])
def test_what_cannot_be_read_says_what_may_be_written(text):
    with pytest.raises(UnreadableScript, match="Next: write NAME"):
        FaultScript.read(text)


def test_an_unknown_fault_names_those_that_there_are():
    with pytest.raises(UnreadableScript, match=r"no fault 'strom'. Next: one of all, .*storm"):
        begun("strom", None)
    with pytest.raises(UnreadableScript, match="Next: one of none"):
        FaultScript.read("storm").check(object())
