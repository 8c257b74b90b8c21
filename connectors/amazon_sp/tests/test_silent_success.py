"""Amazon says that a quantity is accepted, and nothing changes: a daemon against the simulator."""

import asyncio
from datetime import timedelta

import pytest

from entrepot.config import load_config
from entrepot.model import AccountId, EventName, ProblemKind, Sku
from entrepot.simulation import run
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.worlds.stocktaking import count_everywhere
from entrepot.simulation.worlds.world import Terms, World
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.simulator.faults import AmazonFault

SELLER = AccountId("amazon-eu")
SKUS = {f"SKU-{number:02d}": 10 for number in range(40)}
LOST = 3
EVER = 1_000_000
CONFIG = """
[entrepot]
store = "sqlite:shop.db"
[plugins]
amazon_sp = "*"
[skus]
catalog = "skus.csv"
[accounts.amazon-eu]
channel = "amazon_sp"
marketplaces = ["DE"]
environment = "simulator"
simulator = "http://127.0.0.1:1"
publish = "live"
[accounts.amazon-eu.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "secret-1"
refresh_token = "token-1"
"""


class Merchant:
    """One daemon that publishes forty offers, of which each shows ten units and has as many on the shelf."""

    def __init__(self, world):
        self.world = world
        self.amazon = world.markets[SELLER]

    async def count(self, units):
        places, now = self.world.config.locations.own, self.world.clock.now()
        counted = dict.fromkeys(map(Sku, SKUS), units)

        def count_all(tx):
            for sku, found in counted.items():
                count_everywhere(tx, sku, found, now, f"count of {units}", places=places)

        await self.world.write(count_all)

    async def until(self, holds, within):
        """Look every minute until `holds(self)`; fails where it never does."""
        for _ in range(within // timedelta(minutes=1)):
            if await holds(self):
                return
            await asyncio.sleep(60)
        pytest.fail(f"{holds.__name__}: not within {within}")

    async def published(self):
        """The offers whose quantity was read back, and so told."""
        events = await self.world.write(lambda tx: tx.outbox.after(0, EVER))
        return [each.subject.removeprefix("offer/") for each in events if each.name == EventName.QUANTITY_PUBLISHED]

    async def drifted(self):
        """The offers whose quantity is told to be another than was sent."""
        problems = await self.world.write(lambda tx: tx.problems.all())
        found = [each.subject for each in problems if each.kind is ProblemKind.QUANTITY_DRIFTED]
        return {subject.removeprefix("offer/") for subject in found}


def live(folder, story):
    (folder / "plugins.toml").write_text(CONFIG)
    (folder / "skus.csv").write_text("sku,title\n" + "".join(f"{sku},{sku}\n" for sku in SKUS))
    config = load_config(folder / "plugins.toml", {"amazon_sp": AMAZON}, {})

    async def main(loop):
        world = World(loop, config, Terms(1, EPOCH, SKUS, SKUS))
        try:
            await world.begin()
            world.start_daemon()
            await asyncio.sleep(3600)
            await story(Merchant(world))
        finally:
            world.close()

    run(main, 1)


async def all_but_the_lost_are_published(merchant):
    return len(await merchant.published()) >= len(SKUS) - LOST


async def the_lost_are_told(merchant):
    return len(await merchant.drifted()) >= LOST


async def nothing_is_open(merchant):
    return not await merchant.drifted()


async def all_show_three(merchant):
    return set(merchant.amazon.stock.values()) == {3}


@pytest.mark.parametrize("units", [30, 3])
def test_a_quantity_that_is_accepted_and_without_effect_is_found_told_and_sent_again(units, tmp_path):
    """Covers P5, R52: of forty that Amazon accepts, three change nothing. Sent is not effective."""

    async def story(merchant):
        amazon = merchant.amazon
        amazon.faults.plan(AmazonFault.SILENT_SUBMISSION, LOST)
        await merchant.count(units)
        await merchant.until(all_but_the_lost_are_published, timedelta(minutes=40))
        lost = {each.sku for each in amazon.inventory.without_effect}
        assert len(lost) == LOST
        assert set(await merchant.published()) == SKUS.keys() - lost
        await merchant.until(the_lost_are_told, timedelta(minutes=40))
        assert await merchant.drifted() == lost
        await merchant.until(nothing_is_open, timedelta(minutes=40))
        assert set(amazon.stock.values()) == {units}
        assert sorted(await merchant.published()) == sorted(SKUS)

    live(tmp_path, story)


def test_a_quantity_that_an_older_one_overtakes_is_found_and_sent_again(tmp_path):
    """Covers P5: the newer one was read back before the older took effect, so only the sweep of all offers finds it."""

    async def story(merchant):
        amazon = merchant.amazon
        amazon.faults.plan(AmazonFault.LATE_SUBMISSION, LOST)
        await merchant.count(30)
        await asyncio.sleep(240)
        await merchant.count(3)
        await asyncio.sleep(1800)
        assert list(amazon.stock.values()).count(30) == LOST
        await merchant.until(all_show_three, timedelta(days=1))

    live(tmp_path, story)
