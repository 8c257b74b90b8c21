"""A daemon that waits says until when."""

from datetime import datetime, timedelta
from itertools import pairwise

from structlog.testing import capture_logs

from entrepot.simulation.doubles.shop import Answer
from tests.sync.rig import ORDERS, live


def logged_in(folder, story, event, **account):
    with capture_logs() as logged:
        live(folder, story, **account)
    return [line for line in logged if line["event"] == event]


def test_a_failed_call_is_told_with_the_time_of_the_next_try(tmp_path):
    at = []

    async def story(rig):
        rig.shop.script(Answer(429), route=ORDERS)
        at.append(rig.world.clock.now())
        await rig.wait(minutes=30)

    [failed] = logged_in(tmp_path, story, "call_failed")
    assert failed["throttled"]
    assert datetime.fromisoformat(failed["next_try"]) > at[0]


def test_a_wait_for_an_allowance_is_told_once(tmp_path):
    """Each hour the budget is looked at again: one line for each wait, and none for each second of it."""

    async def story(rig):
        await rig.wait(hours=30)

    waits = logged_in(tmp_path, story, "waiting", monthly_gets=2)
    assert {wait["why"] for wait in waits} == {"an allowance is used up"}
    for stream in {wait["stream"] for wait in waits}:
        ends = [datetime.fromisoformat(wait["until"]) for wait in waits if wait["stream"] == stream]
        assert all(later - end > timedelta(minutes=1) for end, later in pairwise(ends))
