"""A simulator on a port does what is due also while nobody asks it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from entrepot.model import Marketplace
from entrepot.simulation import Market, VirtualClock, run, stream
from entrepot.simulation.doubles.fault_script import FaultScript
from entrepot.simulation.doubles.serving import Served, Trade

SHOP = Marketplace("SHOP", "EUR", "Europe/Berlin", "shop")


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


@pytest.fixture(scope="module")
def days():
    """The orders of a day of one seed, by whether the merchant ships."""

    async def live(loop, ships):
        clock = VirtualClock(loop)
        market = Market({"TEA": 60}, clock, stream(1, "market"))
        trade = Trade(market, {"TEA": 50}, timedelta(days=1), stream(1, "buyers"), ships=ships)
        await trade.buyers([SHOP], clock.now(), time_scale=1).trade(clock)
        return market.orders

    return {ships: run(lambda loop, ships=ships: live(loop, ships), seed=1) for ships in (True, False)}


def test_a_merchant_who_does_not_ship_leaves_all_to_the_client(days):
    sent = {
        ships: sum(line.shipped for order in orders.values() for line in order.lines) for ships, orders in days.items()
    }
    assert sent[True] > 20
    assert sent[False] == 0


def test_whether_the_merchant_ships_changes_nothing_else(days):
    bought = {
        ships: [
            (order.placed_at, order.total, [(line.offer, line.ordered, line.cancelled) for line in order.lines])
            for order in orders.values()
        ]
        for ships, orders in days.items()
    }
    assert bought[True] == bought[False]
