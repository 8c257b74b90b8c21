"""A daemon that waits says until when."""

from datetime import datetime, timedelta
from itertools import pairwise

from structlog.testing import capture_logs

from entrepot.simulation.doubles.call import Answer
from tests.sync.rig import ORDERS, live


def logged_in(folder, story, event, **account):
    with capture_logs() as logged:
        live(folder, story, **account)
    return [line for line in logged if line["event"] == event]


def test_a_failed_call_is_told_with_the_time_of_the_next_try(tmp_path):
    """It is the limit's, which a refusal lowers, where that is later than the pause after one."""
    asked = []

    async def story(rig):
        rig.shop.script(*[Answer(429)] * 6, route=ORDERS)
        await rig.wait(minutes=30)
        asked.extend(one.at for one in rig.asked)

    failed = logged_in(tmp_path, story, "call_failed")
    tries = [datetime.fromisoformat(line["next_try"]) for line in failed]
    assert [line["throttled"] for line in failed] == [True] * 6
    told, at = tries[-1], asked[0]
    assert timedelta(0) <= at - told < timedelta(seconds=2)


def test_a_wait_for_an_allowance_is_told_once(tmp_path):
    """Each hour the budget is looked at again: one line for each wait, and none for each second of it."""

    async def story(rig):
        await rig.wait(hours=30)

    waits = logged_in(tmp_path, story, "waiting", monthly_gets=2)
    assert {wait["why"] for wait in waits} == {"an allowance is used up"}
    for stream in {wait["stream"] for wait in waits}:
        ends = [datetime.fromisoformat(wait["until"]) for wait in waits if wait["stream"] == stream]
        assert all(later - end > timedelta(minutes=1) for end, later in pairwise(ends))
