"""The recipes of docs/how-to/write-a-channel.md against the whole contract."""

import asyncio

from entrepot.testing import ConnectorContract
from entrepot.testing.trial import three_pages
from tests.testing import list_ends, recipes, shops_words
from tests.testing.contracts import SETTINGS
from tests.testing.small_shop import SMALL, SmallShop


class TestChangesSinceToken(ConnectorContract):
    channel, shop, settings = recipes.CHANGE_LOG, recipes.ChangeLog, SETTINGS

    def test_the_next_pass_is_told_what_changed_since(self):
        async def passes(trial):
            first, _ = await trial.place(2)
            await trial.pull(await trial.settled(trial.clock.now()))
            trial.shop.pay(first.external_id, "EUR")
            told = await trial.pull(await trial.settled(trial.clock.now()))
            assert [order.external_id for order in told] == [first.external_id]

        self.simulate(passes)


class TestNumberedLog(ConnectorContract):
    channel, shop, settings = recipes.NUMBERED_LOG, recipes.NumberedLog, SETTINGS


class TestCheckByStock(ConnectorContract):
    channel, shop, settings = recipes.NO_PAGE, recipes.MockShop, SETTINGS


async def crowded_instant(trial):
    """Orders that are never told, where the first one of three pages of one instant changes behind the first page."""
    window = await three_pages(trial, apart=0)
    first = min(trial.shop.orders)

    async def between(pages):
        if pages == 1:
            trial.shop.pay(first, "EUR")
            await asyncio.sleep(trial.lists.settle_lag.total_seconds())

    told = {order.external_id for order in await trial.pull(window, between)}
    return trial.shop.orders.keys() - told - {first}


class TestOffsets(ConnectorContract):
    channel, shop, settings = recipes.OFFSETS, recipes.ListWithOffsets, SETTINGS

    def test_an_order_that_leaves_a_crowded_instant_hides_another(self):
        """What the guide says of offsets; the repair finds it."""
        assert len(self.simulate(crowded_instant)) == 1


class TestBasicAuthorization(ConnectorContract):
    channel, shop, settings = recipes.BASIC, recipes.AsksForPassword, SETTINGS


class TestHeaders(ConnectorContract):
    channel, shop, settings = recipes.HEADERS, recipes.TellsByHeaders, SETTINGS


class TestSmallShop(ConnectorContract):
    channel, shop, settings = SMALL, SmallShop, SETTINGS


class TestListSince(ConnectorContract):
    channel, shop, settings = list_ends.SINCE, list_ends.ListsSince, SETTINGS


class TestPageOfMany(ConnectorContract):
    channel, shop, settings = list_ends.COUNTED_PAGES, list_ends.ListsPagesOfMany, SETTINGS


class TestBehindTimeAndId(ConnectorContract):
    channel, shop, settings = list_ends.BEHIND, list_ends.ListsBehind, SETTINGS

    def test_an_order_that_leaves_a_crowded_instant_hides_no_other(self):
        assert self.simulate(crowded_instant) == set()


class TestWholeSeconds(ConnectorContract):
    channel, shop, settings = shops_words.WHOLE_SECONDS, shops_words.WritesWholeSeconds, SETTINGS


class TestStartLeftOut(ConnectorContract):
    channel, shop, settings = shops_words.AFTER, shops_words.ListsAfter, SETTINGS


class TestPricedEarly(ConnectorContract):
    channel, shop, settings = shops_words.PRICED, shops_words.PricesUnpaidOrders, SETTINGS


class TestOneText(ConnectorContract):
    channel, shop, settings = shops_words.ONE_TEXT, shops_words.TellsOneText, SETTINGS


class TestRates(ConnectorContract):
    channel, shop, settings = shops_words.RATES, shops_words.TellsRates, SETTINGS


class TestRefusals(ConnectorContract):
    channel, shop, settings = shops_words.REFUSALS, shops_words.WordsRefusals, SETTINGS
