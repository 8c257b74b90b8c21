"""What goes over the wire for quantities, and what comes of each answer."""

import json

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import CA, DE, NL, US, Amazon, on_amazon, refusal, told
from entrepot.channel import (
    FetchStock,
    PushStock,
    RejectedError,
    StockItem,
    TransientError,
    UnknownOutcome,
)
from entrepot.model import Fulfillment
from entrepot_amazon_sp import AMAZON

LISTINGS = "/listings/2021-08-01/items/A2SELLER"

ODD = {
    "A/B": "A%2FB",
    "A B": "A%20B",
    "TÜTE": "T%C3%9CTE",
    "A+B": "A%2BB",
    "A%2FB": "A%252FB",
    "A?B#C": "A%3FB%23C",
    "A,B": "A%2CB",
    "日本": "%E6%97%A5%E6%9C%AC",
}
"""SKUs, and how a path has to spell them."""


def listing(sku="SKU-1", quantity=5, channel_code="DEFAULT", **more):
    entry = {"fulfillmentChannelCode": channel_code} | ({} if quantity is None else {"quantity": quantity})
    summaries = [{"marketplaceId": id_, "productType": "TEA", "status": ["BUYABLE"]} for id_ in (DE, NL)]
    return {"sku": sku, "summaries": summaries, "fulfillmentAvailability": [entry]} | more


def found(*items):
    return told({"numberOfResults": len(items), "items": list(items)})


def taken(sku="SKU-1", status="ACCEPTED", issues=()):
    return told({"sku": sku, "status": status, "submissionId": "s-1", "issues": list(issues)})


def push(amazon, sku="SKU-1", quantity=7, **options):
    async def main(account):
        return await account.call("push_stock", PushStock((StockItem(sku, quantity),), attempt="a1"))

    return on_amazon(amazon, main, **options).results


def look(amazon, *skus, **options):
    """Every page, mapped."""

    async def main(account):
        cursor, levels = None, []
        while True:
            page = await account.call("fetch_stock", FetchStock(skus, cursor))
            levels += [AMAZON.maps[page.kind](record) for record in page.records]
            cursor = page.next_cursor
            if cursor is None:
                return {level.offer: level for level in levels}

    return on_amazon(amazon, main, **options)


# Sending


def test_a_quantity_is_merged_into_the_listing():
    amazon = Amazon(told(listing()), taken())
    assert push(amazon, quantity=7) == {"SKU-1": None}
    read, patch = amazon.requests
    assert (read.method, read.url.path) == ("GET", f"{LISTINGS}/SKU-1")
    assert dict(read.url.params) == {
        "marketplaceIds": f"{DE},{NL}",
        "includedData": "summaries,productTypes,fulfillmentAvailability",
    }
    assert (patch.method, patch.url.path) == ("PATCH", f"{LISTINGS}/SKU-1")
    assert dict(patch.url.params) == {"marketplaceIds": f"{DE},{NL}"}
    assert patch.headers["content-type"] == "application/json"
    assert json.loads(patch.content) == {
        "productType": "TEA",
        "patches": [
            {
                "op": "merge",
                "path": "/attributes/fulfillment_availability",
                "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}],
            }
        ],
    }


@pytest.mark.parametrize(("sku", "spelled"), ODD.items())
def test_a_sku_is_spelled_out_in_the_path(sku, spelled):
    amazon = Amazon(told(listing(sku)), taken(sku))
    assert push(amazon, sku) == {sku: None}
    for request in amazon.requests:
        assert request.url.raw_path.split(b"?")[0].decode() == f"{LISTINGS}/{spelled}"


@pytest.mark.parametrize(
    ("more", "product_type", "stores"),
    [
        ({}, "TEA", f"{DE},{NL}"),
        ({"productTypes": [{"marketplaceId": DE, "productType": "COFFEE"}]}, "COFFEE", f"{DE},{NL}"),
        ({"summaries": [{"marketplaceId": NL, "productType": "THEE"}]}, "THEE", NL),
        ({"summaries": [{"marketplaceId": DE}]}, "PRODUCT", DE),
        ({"summaries": []}, "PRODUCT", f"{DE},{NL}"),
    ],
)
def test_a_patch_names_the_stores_that_list_the_sku_and_its_product_type(more, product_type, stores):
    amazon = Amazon(told(listing(**more)), taken())
    push(amazon)
    patch = amazon.requests[1]
    assert patch.url.params["marketplaceIds"] == stores
    assert json.loads(patch.content)["productType"] == product_type


@pytest.mark.parametrize(
    "entries",
    [
        [{"fulfillmentChannelCode": "AMAZON_EU"}],
        [{"fulfillmentChannelCode": "DEFAULT", "quantity": 21}, {"fulfillmentChannelCode": "AMAZON_NA"}],
        [],
    ],
)
def test_an_offer_that_amazon_fulfills_is_never_patched(entries):
    """A quantity of the merchant's would convert it; where Amazon does not say who fulfills, it might."""
    amazon = Amazon(told(listing(fulfillmentAvailability=entries)), taken())
    assert "fulfills it" in push(amazon)["SKU-1"]
    assert [request.method for request in amazon.requests] == ["GET"]


def test_a_sku_that_is_not_listed_is_refused_without_a_patch():
    amazon = Amazon(refusal(404, "NOT_FOUND"), taken())
    assert push(amazon) == {"SKU-1": "Amazon lists no such SKU in DE, NL"}
    assert [request.method for request in amazon.requests] == ["GET"]


def test_an_invalid_patch_is_refused_in_amazons_words():
    issues = [
        {"code": "90220", "message": "size is missing", "severity": "ERROR", "marketplaceIds": [DE, "A-NEW-ONE"]},
        {"code": "99", "message": "a hint", "severity": "WARNING"},
        {"code": "8541", "message": "not this one", "severity": "ERROR"},
    ]
    results = push(Amazon(told(listing()), taken(status="INVALID", issues=issues)))
    assert results == {"SKU-1": "90220 (DE, A-NEW-ONE): size is missing; 8541: not this one"}


@pytest.mark.parametrize("issues", [[], [{"code": "99", "message": "a hint", "severity": "WARNING"}]])
def test_an_invalid_patch_without_an_error_has_a_reason_too(issues):
    assert push(Amazon(told(listing()), taken(status="INVALID", issues=issues)))["SKU-1"]


@pytest.mark.parametrize("answer", [taken("GM-ZDPI-9B4E"), taken(status="VALID"), taken(status="TO_BE_SEEN")])
def test_an_answer_that_says_nothing_of_the_sku_leaves_its_outcome_unknown(answer):
    """The sandbox names another SKU than was asked for."""
    assert push(Amazon(told(listing()), answer)) == {}


def test_a_listing_of_another_sku_is_not_patched():
    amazon = Amazon(told(listing("GM-ZDPI-9B4E")), taken())
    with pytest.raises(TransientError, match="was asked for SKU 'SKU-1' and told of 'GM-ZDPI-9B4E'"):
        push(amazon)
    assert [request.method for request in amazon.requests] == ["GET"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([refusal(400)], RejectedError),
        ([refusal(500)], TransientError),
        ([httpx.Response(200, html="<html>")], TransientError),
        ([told(listing()), refusal(400)], RejectedError),
        ([told(listing()), refusal(500)], UnknownOutcome),
        ([told(listing()), httpx.Response(503, html="<html>")], UnknownOutcome),
        ([told(listing()), httpx.Response(200, html="<html>")], UnknownOutcome),
    ],
)
def test_a_failed_read_has_changed_nothing_and_a_failed_patch_may_have(answers, error):
    """Covers P5."""
    with pytest.raises(error) as raised:
        push(Amazon(*answers))
    assert type(raised.value) is error


# Reading back


def test_twenty_skus_are_asked_for_in_one_search():
    skus = [f"SKU-{number}" for number in range(18)] + ["A/B +Ü", "A&B=C"]
    amazon = Amazon(found(*(listing(sku, number) for number, sku in enumerate(skus))))
    levels = look(amazon, *skus)
    assert {sku: level.quantity for sku, level in levels.items()} == {sku: number for number, sku in enumerate(skus)}
    [request] = amazon.requests
    assert (request.method, request.url.path) == ("GET", LISTINGS)
    assert dict(request.url.params) == {
        "marketplaceIds": f"{DE},{NL}",
        "identifiersType": "SKU",
        "identifiers": ",".join(skus),
        "includedData": "fulfillmentAvailability,issues",
        "pageSize": "20",
    }


def test_a_sku_that_is_not_found_is_absent_and_one_that_was_not_asked_for_is_left_out():
    levels = look(Amazon(found(listing("SKU-2"), listing("GM-ZDPI-9B4E"))), "SKU-1", "SKU-2")
    assert list(levels) == ["SKU-2"]


def test_each_stock_pool_is_asked_by_itself_and_the_largest_quantity_counts():
    """What is above the wish is lowered at once, so the largest is the safe side."""
    amazon = Amazon(found(listing(quantity=5)), found(listing(quantity=3), listing("ONLY-CA", 2)))
    levels = look(amazon, "SKU-1", "ONLY-CA", marketplaces=("US", "CA"))
    assert [request.url.params["marketplaceIds"] for request in amazon.requests] == [US, CA]
    assert (levels["SKU-1"].quantity, levels["SKU-1"].issues) == (5, ("US shows 5, CA 3",))
    assert (levels["ONLY-CA"].quantity, levels["ONLY-CA"].issues) == (2, ())


def test_a_look_goes_on_where_it_was_after_a_restart():
    """What was seen of the first pool is in the cursor, not in the connector."""
    amazon = Amazon(found(listing(quantity=9)), found(listing(quantity=3)))

    async def first(account):
        return await account.call("fetch_stock", FetchStock(("SKU-1",)))

    page = on_amazon(amazon, first, marketplaces=("US", "CA"))
    assert page.records == ()

    async def second(account):
        return await account.call("fetch_stock", FetchStock(("SKU-1",), page.next_cursor))

    [record] = on_amazon(amazon, second, marketplaces=("US", "CA")).records
    assert {code: item["fulfillmentAvailability"][0]["quantity"] for code, item in record["shown"].items()} == {
        "US": 9,
        "CA": 3,
    }


def test_a_sku_with_a_comma_is_asked_for_alone():
    """Amazon would take it for two, and twenty with it for too many."""
    amazon = Amazon(
        found(listing("PLAIN", 1)), found(listing("RED, M", 2), listing("RED", 9)), found(listing("X,Y", 3))
    )
    levels = look(amazon, "RED, M", "PLAIN", "X,Y")
    assert [request.url.params["identifiers"] for request in amazon.requests] == ["PLAIN", "RED, M", "X,Y"]
    assert {sku: level.quantity for sku, level in levels.items()} == {"PLAIN": 1, "RED, M": 2, "X,Y": 3}


def test_no_offers_need_no_search():
    amazon = Amazon(found())
    assert look(amazon) == {}
    assert amazon.requests == []


@pytest.mark.parametrize(
    ("entries", "quantity", "fulfillment"),
    [
        ([{"fulfillmentChannelCode": "DEFAULT", "quantity": 0}], 0, Fulfillment.MERCHANT),
        ([{"fulfillmentChannelCode": "DEFAULT"}], 0, Fulfillment.MERCHANT),
        ([{"fulfillmentChannelCode": "DEFAULT", "quantity": None}], 0, Fulfillment.MERCHANT),
        ([], 0, Fulfillment.MERCHANT),
        ([{"fulfillmentChannelCode": "AMAZON_EU"}], 0, Fulfillment.CHANNEL),
        (
            [{"fulfillmentChannelCode": "DEFAULT", "quantity": 21}, {"fulfillmentChannelCode": "AMAZON_NA"}],
            21,
            Fulfillment.CHANNEL,
        ),
    ],
)
def test_who_fulfills_an_offer_is_read_from_its_channels(entries, quantity, fulfillment):
    level = look(Amazon(found(listing(fulfillmentAvailability=entries))), "SKU-1")["SKU-1"]
    assert (level.quantity, level.fulfillment) == (quantity, fulfillment)


def test_issues_that_are_errors_are_told():
    issues = [
        {"code": "18742", "message": "restricted", "severity": "ERROR", "categories": [], "marketplaceIds": [NL]},
        {"code": "1", "message": "a hint", "severity": "INFO", "categories": []},
    ]
    assert look(Amazon(found(listing(issues=issues))), "SKU-1")["SKU-1"].issues == ("18742 (NL): restricted",)


@pytest.mark.parametrize(
    "body", [{}, {"items": None}, {"items": ["SKU-1"]}, {"items": [["sku"]]}, {"payload": {"items": []}}]
)
def test_an_answer_without_items_is_no_observation(body):
    with pytest.raises(TransientError):
        look(Amazon(told(body)), "SKU-1")
