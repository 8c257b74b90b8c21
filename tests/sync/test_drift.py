"""A quantity that somebody else wrote: told as an event, and corrected where we publish."""

import orjson
import pytest

from entrepot.model import EventName, Order, OrderLine, OrderStatus, ProblemKind, Publish
from tests.simulation.hostile_day import MARKETPLACE
from tests.sync.rig import SKU, live

OFFER = f"offer/{SKU}"


async def drifts(rig):
    """What was told, oldest first, as (seen, expected, corrected)."""
    rows = await rig.read(lambda tx: tx.outbox.after(0, 10_000))
    told = [orjson.loads(row.details) for row in rows if (row.name, row.subject) == (EventName.OFFER_DRIFTED, OFFER)]
    return [(one["seen"], one["expected"], one["corrected"]) for one in told]


async def offer(rig):
    (found,) = [row for row in await rig.read(lambda tx: tx.offers.all()) if row.external_id == SKU]
    return found


def by_hand(rig, quantity):
    rig.shop.stock.move(SKU, quantity - rig.shop.stock[SKU])


async def look(rig, **span):
    """Every quantity is read back now, and then so long is waited."""
    (account,) = rig.world.markets
    now = rig.world.clock.now()
    await rig.read(lambda tx: tx.streams.sweep_stock(account, now))
    await rig.wait(**span)


async def settle(rig):
    """What was published at the start is proved."""
    await rig.wait(hours=1)
    shown = (await offer(rig)).desired
    assert (rig.shop.stock[SKU], await drifts(rig)) == (shown, [])
    return shown


def test_a_quantity_raised_by_hand_is_told_and_lowered_again(tmp_path):
    """Covers P8."""

    async def story(rig):
        shown = await settle(rig)
        by_hand(rig, shown + 30)
        await look(rig, minutes=20)
        assert await drifts(rig) == [(shown + 30, shown, True)]
        assert rig.shop.stock[SKU] == shown
        await look(rig, hours=1)
        assert len(await drifts(rig)) == 1

    live(tmp_path, story)


def test_a_quantity_lowered_by_hand_is_told_once_the_orders_do_not_explain_it(tmp_path):
    """Covers P4, P8."""

    async def story(rig):
        shown = await settle(rig)
        by_hand(rig, shown - 30)
        await look(rig, seconds=30)
        assert await drifts(rig) == [], "it may be sales that are not listed yet"
        await rig.wait(hours=1)
        assert await drifts(rig) == [(shown - 30, shown, True)]
        assert rig.shop.stock[SKU] == shown

    live(tmp_path, story)


@pytest.mark.parametrize("change", [30, -30])
def test_in_shadow_it_is_told_and_left_alone(tmp_path, change):
    async def story(rig):
        shown = rig.shop.stock[SKU]
        await rig.wait(hours=1)
        by_hand(rig, shown + change)
        await look(rig, hours=1)
        assert await drifts(rig) == [(shown + change, shown, False)]
        assert rig.shop.stock[SKU] == shown + change
        assert ProblemKind.QUANTITY_DRIFTED not in await rig.problems(closed_too=True)

    live(tmp_path, story, publish=Publish.SHADOW)


def test_what_sales_and_cancellations_explain_is_no_drift(tmp_path):
    async def story(rig):
        await settle(rig)
        numbers = await rig.place(3, minutes=1)
        await look(rig, hours=1)
        now = rig.world.clock.now()
        for number in numbers:  # cancelled and put back, and not listed yet
            line = OrderLine("1", SKU, 1, cancelled=1)
            rig.shop.put(Order(number, MARKETPLACE.id, OrderStatus.CANCELLED, now, now, (line,)))
        by_hand(rig, rig.shop.stock[SKU] + 3)
        await look(rig, hours=1)
        assert await drifts(rig) == []

    live(tmp_path, story)
