"""FBA Inventory API (FACTS 11)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, US, ask, error
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults

PATH = "/fba/inventory/v1/summaries"
MANY = {f"SKU-{number:03d}": number for number in range(120)}

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def summaries(seller, **query):
    given = {"granularityType": "Marketplace", "granularityId": DE, "marketplaceIds": DE} | query
    return seller.get(PATH, **{name: text for name, text in given.items() if text is not None})


async def found(seller, **query):
    return (await summaries(seller, **query)).json()["payload"]["inventorySummaries"]


def send_all(seller):
    for sku in list(seller.amazon.stock):
        seller.amazon.inventory.send_by_amazon(sku)


def test_offers_that_amazon_sends_and_no_others():
    async def look(seller):
        seller.amazon.inventory.send_by_amazon("TEA")
        return await found(seller)

    [tea] = ask(look)
    assert (tea["sellerSku"], tea["totalQuantity"]) == ("TEA", 10)
    assert "inventoryDetails" not in tea


def test_ordered_units_are_reserved_until_they_are_sent():
    async def look(seller):
        send_all(seller)
        kept, sent, gone = [(await seller.sell({"TEA": units}))[0] for units in (1, 2, 3)]
        seller.amazon.ship(sent.external_id)
        seller.amazon.cancel(gone.external_id)
        [tea] = await found(seller, sellerSku="TEA", details="true")
        return kept.fulfillment, tea

    fulfillment, tea = ask(look)
    details = tea["inventoryDetails"]
    assert fulfillment == "channel"
    assert (details["fulfillableQuantity"], details["reservedQuantity"]["pendingCustomerOrderQuantity"]) == (7, 1)
    assert tea["totalQuantity"] == 8


def test_first_selection_that_is_given_counts():
    """FACTS 11: changes, else several SKUs, else one, else all."""

    async def look(seller):
        send_all(seller)
        await asyncio.sleep(60)
        await seller.sell({"MUG": 1})
        since = {"startDateTime": "2030-01-01T00:00:30Z"}
        queries = [
            since | {"sellerSkus": "TEA"},
            {"sellerSkus": "TEA,MUG", "sellerSku": "A/B C"},
            {"sellerSku": "TEA"},
            {},
        ]
        return [[each["sellerSku"] for each in await found(seller, **query)] for query in queries]

    assert ask(look) == [["MUG"], ["MUG", "TEA"], ["TEA"], ["A/B C", "MUG", "TEA"]]


def test_unknown_sku_is_an_empty_list_without_pagination():
    answer = ask(lambda seller: summaries(seller, sellerSkus="NEVER"))
    assert answer.json()["payload"]["inventorySummaries"] == []
    assert "pagination" not in answer.json()


def test_token_is_good_for_thirty_seconds_and_with_its_start():
    async def read(seller):
        send_all(seller)
        since = {"startDateTime": "2029-12-01T00:00:00Z"}
        first = await summaries(seller, **since)
        token = {"nextToken": first.json()["pagination"]["nextToken"]}
        second, without = await summaries(seller, **since, **token), await summaries(seller, **token)
        await asyncio.sleep(31)
        late = await summaries(seller, **since, **token)
        return first, second, without.status_code, late

    first, second, without, late = ask(read, skus=MANY)
    skus = [each["sellerSku"] for page in (first, second) for each in page.json()["payload"]["inventorySummaries"]]
    assert skus == sorted(MANY)[:100]
    assert (without, late.status_code) == (400, 400)
    assert "30 seconds" in error(late)["details"]


@pytest.mark.parametrize(
    "query",
    [
        {"granularityType": None},
        {"granularityType": "Store"},
        {"granularityId": None},
        {"granularityId": NL},
        {"marketplaceIds": f"{DE},{NL}"},
        {"marketplaceIds": "DE", "granularityId": "DE"},
        {"sellerSkus": ",".join(["A"] * 51)},
        {"startDateTime": "2028-01-01T00:00:00Z"},
        {"nextToken": "never-given"},
        {"nextToken": "MQ=="},
    ],
    ids=str,
)
def test_bad_requests(query):
    answer = ask(lambda seller: summaries(seller, **query))
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


def test_store_of_another_region_is_denied():
    assert ask(lambda seller: summaries(seller, marketplaceIds=US, granularityId=US)).status_code == 403


@pytest.mark.parametrize("details", ["true", "false"])
def test_answers_are_amazons_model(details):
    async def look(seller):
        send_all(seller)
        return await summaries(seller, details=details)

    assert faults("fbaInventory.json", "GetInventorySummariesResponse", ask(look, skus=MANY).json()) == []
