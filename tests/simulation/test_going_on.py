"""A simulator on a port does what is due also while nobody asks it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from entrepot.simulation import Market, VirtualClock, run, stream
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.serving import Served


def test_what_is_due_happens_while_nobody_asks():
    async def wait(loop):
        clock, happened = VirtualClock(loop), []
        market = Market({}, clock, stream(1, "market"))
        market.later(timedelta(seconds=5), lambda: happened.append(market.now()))
        going_on = asyncio.create_task(Served(market, clock, FaultScript.read("")).go_on())
        await asyncio.sleep(4)
        early = list(happened)
        await asyncio.sleep(2)
        going_on.cancel()
        with suppress(asyncio.CancelledError):
            await going_on
        return early, len(happened)

    assert run(wait, seed=1) == ([], 1)
