"""Listings that are suppressed, and come back (FACTS 8: issues and their enforcements)."""

import asyncio
from collections import Counter

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, ITEMS, NL, ask, market_of
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot.simulation import SoldOut
from entrepot_amazon_sp.simulator.listings.troubles import KINDS

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

OFFERS = {f"SKU-{number:02d}": 5 for number in range(20)}


def sellable(amazon, code):
    """What buyers in a store can order now."""
    able = set()
    for sku in OFFERS:
        try:
            order = amazon.place({sku: 1}, market_of(code))
        except SoldOut:
            continue
        amazon.cancel(order.external_id)
        able.add(sku)
    return able


def test_a_share_of_the_offers_is_suppressed_for_a_while():
    async def watch(seller):
        seller.amazon.troubles.begin(0.1)
        seen, closed = Counter(), []
        for _ in range(12):
            await asyncio.sleep(86_400)
            told = seller.amazon.truths()["suppressed"]
            for code, store in (("DE", DE), ("NL", NL)):
                assert sellable(seller.amazon, code) == {sku for sku in OFFERS if store not in told.get(sku, ())}
            wanted = {"withIssueSeverity": "ERROR", "includedData": "issues,summaries", "pageSize": 20}
            answer = await seller.get(ITEMS, marketplaceIds=f"{DE},{NL}", **wanted)
            assert faults("listingsItems_2021-08-01.json", "ItemSearchResults", answer.json()) == []
            for item in answer.json()["items"]:
                seen.update(issue["categories"][0] for issue in item["issues"])
            closed.append(set(told))
        return seen, closed

    seen, closed = ask(watch, skus=OFFERS)
    assert seen.keys() == {kind["categories"][0] for kind in KINDS}
    assert all(len(those) < len(OFFERS) / 2 for those in closed)
    assert set.union(*closed) - closed[-1]  # some came back


def test_trouble_ends_with_the_listing():
    async def replace(seller):
        amazon = seller.amazon
        amazon.inventory.find_fault("TEA", KINDS[0])
        del amazon.stock["TEA"]
        amazon.inventory.clear_fault("TEA", KINDS[0])
        amazon.stock["TEA"] = 3
        return amazon.truths()["suppressed"], amazon.place({"TEA": 1}, market_of("DE"))

    suppressed, order = ask(replace)
    assert suppressed == {}
    assert order.lines[0].offer == "TEA"
