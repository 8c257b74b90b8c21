"""Jobs that the channel works off: submitted once, followed to the end, found again after a crash."""

import asyncio
from datetime import datetime

import pytest

from entrepot import channel
from entrepot.simulation.faults import NetworkFault
from entrepot.testing.contract.base import Contract, having
from entrepot.testing.trial import UNKNOWN_OFFER, Trial

POLL_SECONDS = 60
POLLS = 24 * 60
"""A day: no channel takes longer for a job."""

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
            assert (trial.shop.stock["TEA-250"], trial.shop.stock["MUG-BLUE"]) == (17, 0)
            return status

        status = self.simulate(work)
        assert status.state is channel.BulkState.DONE
        assert (status.report.results["TEA-250"], status.report.results["MUG-BLUE"]) == (None, None)
        assert status.report.results[UNKNOWN_OFFER]

    @having("submit_bulk")
    def test_job_is_found_by_its_attempt(self) -> None:
        """After a crash between sending and noting the id, the job is adopted and not sent again (covers P2)."""

        async def adopt(trial: Trial) -> None:
            await trial.lose_write(NetworkFault.DROPPED_AFTER_EFFECT)
            since = trial.clock.now()
            with pytest.raises(channel.UnknownOutcome):
                await _submit(trial)
            found = await _find(trial, since, "b1")
            assert found is not None
            assert (await _finish(trial, found)).state is channel.BulkState.DONE

        self.simulate(adopt)

    @having("submit_bulk")
    def test_job_of_another_attempt_is_not_taken(self) -> None:
        """Adopting somebody else's job would mean that ours is never sent."""

        async def search(trial: Trial) -> None:
            since = trial.clock.now()
            ticket = await _submit(trial)
            assert await _find(trial, since, "b2") is None
            assert await _find(trial, since, "b1") == ticket

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
    pytest.fail(f"job {ticket.id} runs for more than a day")
