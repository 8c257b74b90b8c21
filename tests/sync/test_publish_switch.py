"""Nothing is written to a channel that the configuration does not allow."""

from decimal import Decimal

import pytest

from entrepot.model import Publish
from entrepot.stock.mass_change import Share
from entrepot.stock.rules import Rule
from entrepot.sync.stocktaking import adjust
from tests.sync.rig import SKU, live


@pytest.mark.parametrize(("publish", "written"), [(Publish.OFF, []), (Publish.SHADOW, []), (Publish.LIVE, [{SKU: 69}])])
def test_only_live_writes(tmp_path, publish, written):
    """A decrease, which nothing else holds back."""

    async def story(rig):
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(quantities) or set_(quantities)
        now = rig.world.clock.now()
        await rig.read(lambda tx: adjust(tx, SKU, -30, "broken", now))
        await rig.wait(hours=2)
        assert sent == written
        (offer,) = [row for row in await rig.read(lambda tx: tx.offers.all()) if row.external_id == SKU]
        assert offer.desired == 69, "computed all the same, to be compared"

    live(tmp_path, story, publish=publish)


@pytest.mark.parametrize(
    ("account", "rule", "written"),
    [
        (Publish.LIVE, Publish.SHADOW, []),
        (Publish.LIVE, Publish.OFF, []),
        (Publish.LIVE, Publish.LIVE, [{SKU: 70}]),
        (Publish.SHADOW, Publish.LIVE, []),
    ],
)
def test_a_rule_allows_what_the_account_allows_at_most(tmp_path, account, rule, written):
    async def story(rig):
        sent, set_ = [], rig.shop._set
        rig.shop._set = lambda quantities: sent.append(quantities) or set_(quantities)
        now = rig.world.clock.now()
        await rig.read(lambda tx: adjust(tx, SKU, -30, "broken", now))
        await rig.wait(hours=2)
        assert sent == written
        offer = await rig.read(lambda tx: tx.offers.find("shop", SKU))
        assert (offer.desired, offer.publish) == (70, rule)

    live(tmp_path, story, publish=account, rules=(Rule(1, publish=Publish.OFF), Rule(2, sku=SKU, publish=rule)))


def test_what_the_command_line_books_obeys_the_rules_of_the_daemon(tmp_path):
    """They are in the store: each transaction knows them, in whichever process."""

    async def story(rig):
        now = rig.world.clock.now()
        await rig.read(lambda tx: adjust(tx, SKU, -30, "broken", now))
        assert (await rig.read(lambda tx: tx.offers.find("shop", SKU))).desired == 20

    live(tmp_path, story, rules=(Rule(1, buffer=30, share=Share(Decimal(50))),))
