"""Jobs that the channel works off: submitted once, followed to the end, found again after a crash."""

import asyncio
from datetime import datetime

import pytest

from entrepot import channel
from entrepot.simulation.network.faults import NetworkFault
from entrepot.testing.contract.base import Contract, having
from entrepot.testing.contract.verdict import raises, unheard
from entrepot.testing.trial import UNKNOWN_OFFER, Trial

POLL_SECONDS = 60
POLLS = 24 * 60
"""A day: no channel takes longer for a job."""

SENT = "Next: compare what submit_bulk sends and poll_bulk reads with the double's routes"
FIND = "Next: send `request.attempt` with the job, and compare it in find_bulk"

ITEMS = (
    channel.StockItem("TEA-250", 17),
    channel.StockItem("MUG-BLUE", 0),
    channel.StockItem(UNKNOWN_OFFER, 3),
)


class BulkContract(Contract):
    @having("submit_bulk")
    def test_job_ends_with_a_result_for_each_item(self) -> None:
        """A job that is done still says which offers it refused; the others show their quantity."""

        async def work(trial: Trial) -> channel.BulkStatus:
            status = await _finish(trial, await _submit(trial))
            shown = (trial.shop.stock["TEA-250"], trial.shop.stock["MUG-BLUE"])
            assert shown == (17, 0), f"the job was to set 17 and 0, and the double shows {shown}. {SENT}"
            return status

        status = self.simulate(work)
        assert status.state is channel.BulkState.DONE, f"the job is {status.state}. {SENT}"
        results = status.report.results
        taken = (results.get("TEA-250", "absent"), results.get("MUG-BLUE", "absent"))
        assert taken == (None, None), f"of two good quantities the report says {taken}. Next: report None for each"
        assert results.get(UNKNOWN_OFFER), f"{UNKNOWN_OFFER} is unknown, and not refused. Next: report the reason"

    @having("submit_bulk")
    def test_job_is_found_by_its_attempt(self) -> None:
        """After a crash between sending and noting the id, the job is adopted and not sent again (covers P2)."""

        async def adopt(trial: Trial) -> None:
            await trial.lose_write(NetworkFault.DROPPED_AFTER_EFFECT)
            since = trial.clock.now()
            with raises(channel.UnknownOutcome, "let what `self.http` raises pass"):
                await _submit(trial)
            found = await _find(trial, since, "b1")
            assert found is not None, unheard(trial, "find_bulk finds no job of the attempt that was sent", FIND)
            state = (await _finish(trial, found)).state
            assert state is channel.BulkState.DONE, f"the job that was found is {state}. {SENT}"

        self.simulate(adopt)

    @having("submit_bulk")
    def test_job_of_another_attempt_is_not_taken(self) -> None:
        """Adopting somebody else's job would mean that ours is never sent."""

        async def search(trial: Trial) -> None:
            since = trial.clock.now()
            ticket = await _submit(trial)
            other, own = await _find(trial, since, "b2"), await _find(trial, since, "b1")
            assert other is None, f"find_bulk takes {other} for attempt b2, which was never sent. {FIND}"
            assert own == ticket, f"find_bulk finds {own} for attempt b1, not {ticket}. {FIND}"

        self.simulate(search)


async def _submit(trial: Trial) -> channel.BulkTicket:
    ticket: channel.BulkTicket = await trial.call("submit_bulk", channel.SubmitBulk(ITEMS, attempt="b1"))
    return ticket


async def _find(trial: Trial, since: datetime, attempt: str) -> channel.BulkTicket | None:
    found: channel.FoundBulk = await trial.call("find_bulk", channel.FindBulk(since, attempt))
    return found.ticket


async def _finish(trial: Trial, ticket: channel.BulkTicket) -> channel.BulkStatus:
    for _ in range(POLLS):
        status: channel.BulkStatus = await trial.call("poll_bulk", channel.PollBulk(ticket.id))
        if status.state is not channel.BulkState.RUNNING:
            return status
        await asyncio.sleep(POLL_SECONDS)
    pytest.fail(f"job {ticket.id} runs for more than a day. Next: name the states that end it in poll_bulk")
