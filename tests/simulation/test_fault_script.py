"""`--faults` of the simulator: what may be written, and what it plans."""

from datetime import timedelta

import pytest

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
