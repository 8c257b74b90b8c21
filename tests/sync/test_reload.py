"""A daemon goes on with another configuration, or leaves an account alone, at any moment."""

import asyncio
from collections import Counter

import pytest
from attrs import evolve

from entrepot.model import AccountId, EventName, Publish
from entrepot.simulation import stream
from entrepot.stock.rules import Rule
from entrepot.sync.pausing import pause, resume
from tests.sync.rig import SKU, live

SHOP = AccountId("shop")


def another(config, chance):
    """The same account with other settings, or no account at all."""
    if chance.random() < 0.3:
        return evolve(config, accounts={})
    account = evolve(config.accounts[SHOP], publish=chance.choice(list(Publish)))
    return evolve(config, accounts={SHOP: account}, rules=(Rule(1, buffer=chance.randint(0, 3)),))


def during_requests(rig, doing):
    """Begin `doing` while a request is under way, at every one; it overtakes the answer."""
    begun = []
    handle = rig.world.network[SHOP].handle_async_request

    async def slow(request):
        begun.append(asyncio.ensure_future(doing()))
        await asyncio.sleep(0.5)
        return await handle(request)

    rig.world.network[SHOP].handle_async_request = slow
    return begun


@pytest.mark.parametrize("seed", range(6))
def test_reloads_lose_nothing_and_double_nothing(tmp_path, seed):
    """Covers P1, P2, P5: at random moments, and while calls run."""

    async def story(rig):
        chance = stream(seed, "reloads")

        async def reload():
            if chance.random() < 0.5:
                await asyncio.sleep(chance.uniform(0, 1))
                await rig.life.reload(another(rig.world.config, chance))

        begun = during_requests(rig, reload)
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(dict(quantities)) or set_(quantities)
        before = len(await rig.read(lambda tx: tx.offers.attempts_of(SHOP, SKU, 1000)))
        numbers = []
        for _ in range(12):
            numbers += await rig.place(chance.randint(1, 3), minutes=chance.randint(1, 9))
            await rig.life.reload(another(rig.world.config, chance))
            await rig.wait(minutes=chance.randint(1, 40))
        await asyncio.gather(*begun)
        await rig.life.reload(evolve(rig.world.config, rules=(Rule(1, buffer=0),)))
        assert len(begun) > 12
        chance.random = lambda: 1.0  # from here on it is left alone
        await rig.wait(hours=3)

        assert set(await rig.stored()) == set(numbers)
        assert await rig.reserved() == len(numbers)
        events = await rig.read(lambda tx: tx.outbox.after(0, 10_000))
        told = Counter(event.subject for event in events if event.name == EventName.ORDER_CHANGED)
        assert told == {f"order/{number}": 1 for number in numbers}
        assert await rig.read(lambda tx: tx.ledger.wrong_positions()) == []
        attempts = await rig.read(lambda tx: tx.offers.attempts_of(SHOP, SKU, 1000))
        assert [item.quantity for _, item in reversed(attempts)][before:] == [one[SKU] for one in sent if SKU in one]
        assert rig.shop.stock[SKU] == 100 - len(numbers)

    live(tmp_path, story, seed=seed)


@pytest.mark.parametrize("publish", [Publish.OFF, Publish.SHADOW])
def test_nothing_is_sent_after_a_reload_that_forbids_it(tmp_path, publish):
    async def story(rig):
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(quantities) or set_(quantities)
        account = evolve(rig.world.config.accounts[SHOP], publish=publish)
        await rig.life.reload(evolve(rig.world.config, accounts={SHOP: account}, rules=(Rule(1, buffer=5),)))
        await rig.wait(hours=3)
        assert sent == []
        await rig.life.reload(evolve(rig.world.config, rules=(Rule(1, buffer=5),)))
        await rig.wait(hours=3)
        assert sent[-1][SKU] == 95

    live(tmp_path, story)


def test_a_paused_account_is_left_alone_and_goes_on_where_it_stopped(tmp_path):
    """Covers P1, P8."""

    async def story(rig):
        before = len(rig.asked)
        now = rig.world.clock.now()
        known = (await rig.stream()).watermark
        await rig.read(lambda tx: pause(tx, SHOP, now))
        await rig.wait(minutes=1)
        during = during_requests(rig, asyncio.Event().wait)
        numbers = await rig.place(6, minutes=10)
        await rig.wait(hours=8)
        assert (during, (await rig.stream()).watermark) == ([], known)
        assert await rig.stored() == {}
        assert "account_paused" in await rig.problems()
        again = rig.world.clock.now()
        await rig.read(lambda tx: resume(tx, SHOP, again))
        await rig.wait(minutes=30)
        assert set(await rig.stored()) == set(numbers)
        assert rig.asked[before].window.start <= known
        assert "account_paused" not in await rig.problems()
        for waiting in during:
            waiting.cancel()

    live(tmp_path, story)
