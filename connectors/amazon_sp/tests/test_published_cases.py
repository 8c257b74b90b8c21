"""The cases that Amazon publishes for its sandbox (`x-amzn-api-sandbox` in its models) for listings and sellers."""

import json
from pathlib import Path

import pytest

from connectors.amazon_sp.tests.scripted import Amazon, on_amazon, told
from entrepot.channel import (
    Check,
    DescribeAccount,
    FetchStock,
    PushStock,
    RejectedError,
    StockItem,
    TransientError,
    structure,
)
from entrepot.model import Fulfillment
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.connector import _report
from entrepot_amazon_sp.wire.listings import Item, Submission

MODELS = Path(__file__).parents[4] / "shared" / "spapi" / "models"
ITEM = "/listings/2021-08-01/items/{sellerId}/{sku}"
SEARCH = "/listings/2021-08-01/items/{sellerId}"
NORTH_AMERICA = {"marketplaces": ("US", "CA")}

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def cases(model, path, method, status):
    """The bodies that Amazon publishes for an answer, with the parameters that lead to them."""
    operation = json.loads((MODELS / model).read_text("utf-8"))["paths"][path][method]
    static = operation["responses"][str(status)]["x-amzn-api-sandbox"]["static"]
    assert static
    return [(case["request"]["parameters"], case["response"]) for case in static]


def listings(path, method, status):
    return cases("listingsItems_2021-08-01.json", path, method, status)


def test_a_found_listing_is_mapped():
    [(parameters, body)] = listings(SEARCH, "get", 200)
    asked = tuple(parameters["identifiers"]["value"])

    async def main(account):
        first = await account.call("fetch_stock", FetchStock(asked))
        return await account.call("fetch_stock", FetchStock(asked, first.next_cursor))

    [record] = on_amazon(Amazon(told(body)), main, **NORTH_AMERICA).records
    level = AMAZON.maps["stock"](record)
    assert (level.offer, level.quantity, level.fulfillment) == ("GM-ZDPI-9B4E", 100, Fulfillment.MERCHANT)
    assert level.issues[0] == "90220 (US): 'size' is required but not supplied."
    assert len(level.issues) == 5


def test_a_read_listing_is_the_merchants_own_and_can_be_patched():
    [(_, read)] = listings(ITEM, "get", 200)
    [(_, accepted), *_] = listings(ITEM, "patch", 200)
    amazon = Amazon(told(read), told(accepted))

    async def main(account):
        return await account.call("push_stock", PushStock((StockItem("GM-ZDPI-9B4E", 3),)))

    assert on_amazon(amazon, main, **NORTH_AMERICA).results == {"GM-ZDPI-9B4E": None}
    assert json.loads(amazon.requests[1].content)["productType"] == "LUGGAGE"
    assert structure(read, Item).sku == "GM-ZDPI-9B4E"


def test_the_sandbox_tells_of_another_sku_and_nothing_is_patched():
    [(_, read)] = listings(ITEM, "get", 200)
    amazon = Amazon(told(read))

    async def main(account):
        await account.call("push_stock", PushStock((StockItem("TEA-250", 3),)))

    with pytest.raises(TransientError, match="GM-ZDPI-9B4E"):
        on_amazon(amazon, main, **NORTH_AMERICA)
    assert len(amazon.requests) == 1


def test_each_answer_to_a_patch_is_understood():
    """A preview's VALID has applied nothing, and is no acceptance."""
    reports = {}
    for _, body in listings(ITEM, "patch", 200):
        submission = structure(body, Submission)
        reports[submission.status] = _report(StockItem(submission.sku, 3), submission).results
    assert reports == {
        "ACCEPTED": {"GM-ZDPI-9B4E": None},
        "VALID": {},
        "INVALID": {"VALIDATION_INVALID": "90000900: The attributes are invalid."},
    }


@pytest.mark.parametrize(
    ("path", "method", "operation", "request_"),
    [
        (SEARCH, "get", "fetch_stock", FetchStock(("BadSKU",))),
        (ITEM, "get", "push_stock", PushStock((StockItem("BadSKU", 3),))),
        (ITEM, "patch", "push_stock", PushStock((StockItem("GM-ZDPI-9B4E", 3),))),
    ],
)
def test_a_bad_request_is_a_rejection_in_amazons_words(path, method, operation, request_):
    [(_, read)] = listings(ITEM, "get", 200)
    answers = [told(read)] if method == "patch" else []
    for _, body in listings(path, method, 400):
        amazon = Amazon(*answers, told(body, 400))

        async def main(account):
            await account.call(operation, request_)

        with pytest.raises(RejectedError, match="Invalid input") as refused:
            on_amazon(amazon, main, **NORTH_AMERICA)
        assert (refused.value.status, refused.value.code) == (400, "BAD_REQUEST")


def test_where_a_seller_takes_part_is_read():
    [(_, body)] = cases("sellers.json", "/sellers/v1/marketplaceParticipations", "get", 200)

    async def main(account):
        report = await account.call("check", Check())
        return report.missing, await account.call("describe_account", DescribeAccount())

    missing, described = on_amazon(Amazon(told(body)), main, **NORTH_AMERICA)
    assert missing == {"participation in CA (www.amazon.ca)"}
    assert [place.id for place in described.marketplaces] == ["US"]
