"""The breaker of an account's operation, and the time of an incident, which is read once it is over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import CursorExpired, ForbiddenError, RejectedError, TransientError, UnknownOutcome
from entrepot.http.breaker import OPENS_AFTER, Circuit, is_incident
from entrepot.model import AccountId, ProblemKind
from entrepot.simulation.doubles.call import Answer, Refusal
from tests.store.values import NOON
from tests.sync.rig import ORDERS, live

PAUSE = timedelta(minutes=1)


@given(st.lists(st.booleans(), max_size=30))
def test_a_circuit_is_open_after_failures_in_a_row_until_a_success(outcomes):
    circuit, in_a_row = Circuit(), 0
    for number, succeeded in enumerate(outcomes):
        now = NOON + number * timedelta(hours=1)
        assert circuit.barred_until(now) is None, "an open one may be tried after its pause"
        circuit = circuit.succeeded() if succeeded else circuit.failed(now, PAUSE)
        in_a_row = 0 if succeeded else in_a_row + 1
        is_open = in_a_row >= OPENS_AFTER
        assert (circuit.since is not None) is is_open
        assert circuit.barred_until(now) == (now + PAUSE if is_open else None)


def test_one_call_at_a_time_tries_an_open_circuit():
    circuit = Circuit()
    for _ in range(OPENS_AFTER):
        circuit = circuit.failed(NOON, PAUSE)
    later = NOON + PAUSE
    assert circuit.barred_until(later) is None
    assert circuit.tried(later + PAUSE).barred_until(later) == later + PAUSE
    assert Circuit().tried(later).barred_until(NOON) is None


@pytest.mark.parametrize(
    ("error", "worked", "unchanged", "incident"),
    [
        (TransientError, False, False, True),
        (UnknownOutcome, False, False, True),
        (CursorExpired, True, True, False),
        (RejectedError, True, True, True),
        (ForbiddenError, True, True, True),
        (RejectedError, False, True, False),
        (RejectedError, True, False, False),
    ],
)
def test_what_looks_like_an_incident(error, worked, unchanged, incident):
    assert is_incident(error("no"), Circuit(worked=worked), unchanged=unchanged) is incident


@pytest.mark.parametrize("status", [400, 403, 503])
def test_all_of_an_incident_is_read_once_it_is_over(tmp_path, status):
    """Covers R49, P1, P3: a channel refuses for a day what it took before, in the middle of a pass too."""

    async def story(rig):
        early = await rig.place(9)
        rig.shop.script(None, None, *[Answer(status)] * 10_000, route=ORDERS)
        await rig.wait(hours=1)
        begun = (await rig.stream()).watermark
        during = await rig.place(12, hours=2)
        assert ProblemKind.STREAM_FAILING in await rig.problems()
        breaker = await rig.read(lambda tx: tx.breakers.find(AccountId("shop"), "fetch_orders"))
        assert breaker.since is not None
        assert (await rig.stream()).watermark == begun
        rig.asked.clear()
        rig.shop.calm()
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == {*early, *during}
        assert min(page.window.start for page in rig.asked) <= begun
        assert await rig.problems() == set()

    live(tmp_path, story)


def test_a_cursor_from_before_an_incident_is_given_up(tmp_path):
    """Covers R49, P1: the channel has forgotten it, and has no word of its own for that."""

    async def story(rig):
        show, lost = rig.shop.changed_between, []

        def forgetful(start, end, after, size):
            if after is not None and not lost:
                lost.append(after)
            if after in lost and len(rig.asked) < 6:
                rig.asked.append(after)
                raise Refusal(400)
            return show(start, end, after, size)

        rig.shop.changed_between = forgetful
        numbers = await rig.place(9)
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == set(numbers)
        assert rig.asked.count(lost[0]) == 3, "it is asked for three times, then the pass begins anew"

    live(tmp_path, story)


def test_a_daemon_that_is_started_again_does_not_storm_a_channel_in_trouble(tmp_path):
    """Covers P10, R49: an open breaker is in the store, streams of an operation share it, and a start tries once."""

    async def story(rig):
        rig.shop.script(*[Answer(503)] * 10_000, route=ORDERS)
        await rig.wait(hours=2)
        before = rig.shop.calls["orders"]
        for _ in range(10):
            rig.life.crash()
            rig.start()
            await rig.wait(minutes=1)
        assert rig.shop.calls["orders"] - before <= 20

    live(tmp_path, story)
