"""Real time: a call that sleeps keeps the loop from everybody."""

import asyncio
import time

import pytest

from entrepot.sync.blocking import TOO_LONG, Doer, Stretches

pytestmark = pytest.mark.system


def test_a_call_that_sleeps_in_earnest_is_measured():
    """Covers P11."""

    async def blocking():
        await asyncio.sleep(0)
        time.sleep(0.6)  # noqa: ASYNC251 - what must not be done

    async def main():
        stretches = Stretches(Doer("mock", "shop", "fetch_orders"))
        await stretches.of(asyncio.sleep(0.3))
        polite = stretches.longest
        await stretches.of(blocking())
        return polite, stretches.longest

    polite, longest = asyncio.run(main())
    assert polite < TOO_LONG < longest
