"""The client on its own says for what it waits, and at once where the wait would be too long."""

import asyncio
import logging
import re
from datetime import timedelta

import pytest

from connectors.amazon_sp.tests.scripted import Amazon, refusal, told
from connectors.amazon_sp.tests.test_attempts import DOWN, GOOD, READ, timed
from connectors.amazon_sp.tests.test_selling_partner import calling, with_client
from entrepot.channel import RateLimited, RejectedError, TransientError
from entrepot.simulation.seeds import EPOCH

PERIOD = 1 / 0.016
"""Seconds; of READ, whose burst is 15, of which one is kept back for jitter."""


async def raised(calling):
    """The error, and the seconds until it."""
    started = asyncio.get_running_loop().time()
    with pytest.raises(Exception) as failed:  # noqa: PT011 - the caller looks at it
        await calling
    return failed.value, asyncio.get_running_loop().time() - started


def after_the_burst(amazon, main):
    async def burst(client):
        for _ in range(14):
            await client.call(READ)
        return await main(client)

    return with_client(amazon, burst)


def test_a_turn_after_the_deadline_is_told_at_once_and_nothing_was_sent():
    amazon = Amazon(GOOD, latency=0)
    error, took = after_the_burst(amazon, lambda client: raised(client.call(READ, deadline=30)))
    assert (type(error), took, len(amazon.requests)) == (RateLimited, 0, 14)
    assert error.retry_at == EPOCH + timedelta(seconds=PERIOD)
    assert error.retry_after == timedelta(seconds=PERIOD)
    assert error.status is None
    assert str(error) == (
        "nothing of sellers.getMarketplaceParticipations was sent: this client keeps to its quota (0.016 per second, "
        f"one in 62.5 s), and its turn would be at {error.retry_at:%H:%M:%S} UTC, after the deadline. "
        "Next: call again then, or with a longer `deadline`"
    )


def test_those_who_wait_already_go_first():
    """The second of two has its turn after two periods, and one that calls again when it was told is let in."""

    async def main(client):
        first = asyncio.create_task(client.call(READ))
        await asyncio.sleep(1)
        error, took = await raised(client.call(READ, deadline=1.5 * PERIOD))
        await first
        await asyncio.sleep(PERIOD)
        return error, took, await client.call(READ, deadline=1)

    error, took, answer = after_the_burst(Amazon(GOOD, latency=0), main)
    assert (round((error.retry_at - EPOCH).total_seconds(), 3), took) == (2 * PERIOD, 0)
    assert answer == {"payload": []}


def test_a_turn_that_hangs_on_an_answer_is_told_at_the_deadline():
    """Without a burst a call goes a period after the answer to the one before, and nobody knows when that comes."""
    amazon = Amazon(told([]), latency=20)

    async def main(client):
        first = asyncio.create_task(client.call("getMyFeesEstimates", body=[]))
        await asyncio.sleep(15)
        error, took = await raised(client.call("getMyFeesEstimates", body=[], deadline=10))
        await first
        return error, took

    error, took = with_client(amazon, main)
    assert (type(error), took) == (RateLimited, 10)
    assert "nothing of productFeesV0.getMyFeesEstimates was sent" in str(error)


@pytest.mark.parametrize(("failure", "kind"), [(DOWN, TransientError), (refusal(429, "QuotaExceeded"), RateLimited)])
def test_a_read_whose_next_try_is_after_the_deadline_says_so(failure, kind):
    amazon = Amazon(failure, latency=0)
    error, took = timed(amazon, READ, deadline=30)
    assert (type(error), took, len(amazon.requests)) == (kind, 0, 1)
    at = f"{error.retry_at:%H:%M:%S} UTC"
    assert error.retry_at >= EPOCH + timedelta(seconds=PERIOD)
    assert f"It is not repeated: the next try would be at {at}, after the deadline. Next: call again then" in str(error)


def test_repetitions_without_a_deadline_end_with_the_instant_of_the_next_one():
    error, took = timed(Amazon(DOWN, latency=0), READ)
    assert error.retry_at > EPOCH + timedelta(seconds=took)
    assert "after the time in which a call is repeated. Next: call again then; where it stays" in str(error)


def test_what_no_server_has_is_not_asked_for_again():
    for code in ("NotSimulated", "NotImplemented"):
        amazon = Amazon(refusal(501, code, "not here", "Operation x. Next: take it out"), latency=0)
        error, took = timed(amazon, "createReport", body={"reportType": "X", "marketplaceIds": ["A"]})
        assert (type(error), took, len(amazon.requests)) == (RejectedError, 0, 1)
        assert "Next: take it out" in str(error)


def test_a_resting_operation_says_from_when_on_it_may_be_called():
    amazon = Amazon(DOWN, latency=0)

    async def main(client):
        await raised(client.call(READ, deadline=1000))
        resting, _ = await raised(client.call(READ))
        seconds = (resting.retry_at - EPOCH).total_seconds() - asyncio.get_running_loop().time()
        amazon.answers = [GOOD]
        await asyncio.sleep(seconds)
        return resting, await client.call(READ)

    resting, answer = with_client(amazon, main)
    assert f"Next: call again after {resting.retry_at:%H:%M:%S} UTC" in str(resting)
    assert answer == {"payload": []}


def test_each_failed_attempt_and_each_long_wait_is_logged(caplog):
    caplog.set_level(logging.INFO, "entrepot_amazon_sp")
    amazon = Amazon(*[GOOD] * 14, DOWN, refusal(400), latency=0)

    with pytest.raises(RejectedError):
        after_the_burst(amazon, lambda client: client.call(READ))
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    name = "sellers.getMarketplaceParticipations"
    assert lines[0] == ("INFO", f"{name} waits for its quota, at least until 00:01:02 UTC")
    assert lines[1][0] == "WARNING"
    assert lines[1][1].startswith(f"{name}: attempt 1 failed: account A2SELLER: GET /sellers/v1")
    assert re.search(r"503 ServiceUnavailable.*overloaded\. It is tried again at \d\d:\d\d:\d\d UTC$", lines[1][1])
    assert lines[-1][0] == "INFO"
    assert lines[-1][1].startswith(f"{name}: attempt 2 failed: account A2SELLER")


def test_what_goes_well_at_once_logs_nothing(caplog):
    caplog.set_level(logging.DEBUG, "entrepot_amazon_sp")
    assert calling(Amazon(GOOD), READ) == {"payload": []}
    assert caplog.records == []
