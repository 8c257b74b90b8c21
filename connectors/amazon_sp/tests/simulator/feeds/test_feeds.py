"""The life of a feed: queued, in progress, ended, listed and gone; and feeds that are refused (FACTS 10)."""

import asyncio

import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, US, ask, error
from connectors.amazon_sp.tests.simulator.feeds.feeding import (
    DOCUMENTS,
    DONE,
    EFFECT,
    FEEDS,
    JSON_FEED,
    JSON_TYPE,
    create,
    listings_feed,
    look,
    open_document,
    patch_message,
    process,
    quantities,
    send,
    upload,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot_amazon_sp.simulator.feeds.api import REMOVED

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def test_five_feeds_in_five_minutes():
    """FACTS 10: beside the bucket of createFeed."""

    async def many(seller):
        documents = [await upload(seller, listings_feed(patch_message(1, "TEA", 3))) for _ in range(7)]
        answers = [await create(seller, document) for document in documents[:6]]
        await asyncio.sleep(301)
        return [answer.status_code for answer in [*answers, await create(seller, documents[5])]]

    assert ask(many) == [202] * 5 + [429, 202]


def test_feed_goes_from_queue_to_progress_to_its_end():
    async def follow(seller):
        feed, seen = await send(seller, listings_feed(patch_message(1, "TEA", 3))), []
        for _ in range(80):
            status = (await look(seller, feed))["processingStatus"]
            seen += [status] if status not in seen else []
            await asyncio.sleep(5)
        return seen

    assert ask(follow) == ["IN_QUEUE", "IN_PROGRESS", "DONE"]


def test_feed_is_cancelled_only_in_the_queue():
    async def cancel(seller):
        first = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        early = await seller.delete(f"{FEEDS}/{first}")
        second = await send(seller, listings_feed(patch_message(1, "MUG", 3)))
        await asyncio.sleep(DONE)
        late = await seller.delete(f"{FEEDS}/{second}")
        await asyncio.sleep(EFFECT)
        return early, late, (await look(seller, first))["processingStatus"], quantities(seller, "TEA", "MUG")

    early, late, status, shown = ask(cancel)
    assert (early.status_code, early.content, late.status_code) == (200, b"", 400)
    assert (status, shown) == ("CANCELLED", [10, 3])


@pytest.mark.parametrize("kind", sorted(REMOVED))
def test_removed_types_are_accepted_and_end_fatal(kind):
    """FACTS 10 and the list of deprecations: since 2025-07-31."""
    ended, report = ask(lambda seller: process(seller, b"<AmazonEnvelope/>", kind))
    assert (ended["processingStatus"], report) == ("FATAL", None)


def test_feed_without_a_document_that_was_uploaded_ends_fatal():
    async def empty(seller):
        document = await open_document(seller)
        feed = (await create(seller, document["feedDocumentId"])).json()["feedId"]
        await asyncio.sleep(DONE)
        return await look(seller, feed)

    assert ask(empty)["processingStatus"] == "FATAL"


def test_feeds_are_listed_newest_first_and_gone_after_28_days():
    async def lists(seller):
        sent = [await send(seller, b"x", "POST_PRODUCT_DATA") for _ in range(3)]
        await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        first = (await seller.get(FEEDS, feedTypes="POST_PRODUCT_DATA", pageSize=2)).json()
        second = (await seller.get(FEEDS, nextToken=first["nextToken"])).json()
        both = await seller.get(FEEDS, feedTypes="POST_PRODUCT_DATA", nextToken=first["nextToken"])
        await asyncio.sleep(28 * 86400 + 60)
        later = (await seller.get(FEEDS, feedTypes="POST_PRODUCT_DATA")).json()
        gone = await seller.get(f"{FEEDS}/{sent[0]}")
        return sent, first, second, both.status_code, later, gone.status_code

    sent, first, second, both, later, gone = ask(lists)
    assert [feed["feedId"] for page in (first, second) for feed in page["feeds"]] == sent[::-1]
    assert "nextToken" not in second
    assert (both, later, gone) == (400, {"feeds": []}, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"feedType": "NO_TYPE", "marketplaceIds": [DE], "inputFeedDocumentId": "x"},
        {"feedType": JSON_FEED, "marketplaceIds": [], "inputFeedDocumentId": "x"},
        {"feedType": JSON_FEED, "marketplaceIds": [DE] * 26, "inputFeedDocumentId": "x"},
        {"feedType": JSON_FEED, "marketplaceIds": ["x"], "inputFeedDocumentId": "x"},
        {"feedType": JSON_FEED, "marketplaceIds": [DE], "inputFeedDocumentId": "never given"},
    ],
    ids=str,
)
def test_bad_feeds(body):
    answer = ask(lambda seller: seller.post(FEEDS, body))
    assert (answer.status_code, error(answer)["code"]) == (400, "InvalidInput")


def test_other_refusals():
    async def collect(seller):
        document = await upload(seller, b"x")
        return [
            (await seller.post(DOCUMENTS, {})).status_code,
            (await create(seller, document, stores=[US])).status_code,
            (await create(seller, document, "UPLOAD_VAT_INVOICE")).status_code,
            (await seller.get(f"{FEEDS}/badFeedId1")).status_code,
            (await seller.get(f"{FEEDS}/1")).status_code,
            (await seller.get(f"{DOCUMENTS}/badDocumentId1")).status_code,
            (await seller.get(f"{DOCUMENTS}/amzn1.tortuga.4.eu.x")).status_code,
            (await seller.get(FEEDS)).status_code,
            (await seller.get(FEEDS, feedTypes="X", processingStatuses="BAD_VALUE")).status_code,
            (await seller.get(FEEDS, nextToken="MQ==")).status_code,
            (await seller.get(FEEDS, feedTypes="X", createdSince="2029-09-01T00:00:00Z")).status_code,
        ]

    assert ask(collect) == [400, 403, 501, 400, 404, 400, 404, 400, 400, 400, 400]


def test_answers_are_amazons_model():
    async def collect(seller):
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        queued = await seller.get(f"{FEEDS}/{feed}")
        await asyncio.sleep(DONE)
        document = (await look(seller, feed))["resultFeedDocumentId"]
        return [
            ("CreateFeedDocumentResponse", await seller.post(DOCUMENTS, {"contentType": JSON_TYPE})),
            ("CreateFeedResponse", await create(seller, await upload(seller, b"{}"))),
            ("Feed", queued),
            ("Feed", await seller.get(f"{FEEDS}/{feed}")),
            ("GetFeedsResponse", await seller.get(FEEDS, feedTypes=JSON_FEED, pageSize=1)),
            ("FeedDocument", await seller.get(f"{DOCUMENTS}/{document}")),
            ("ErrorList", await seller.post(FEEDS, {})),
        ]

    for definition, answer in ask(collect):
        assert faults("feeds_2021-06-30.json", definition, answer.json()) == []


def test_time_scale_shortens_links_and_processing():
    async def hurried(seller):
        url = (await open_document(seller))["url"]
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        await asyncio.sleep(6)
        late = await seller.store("PUT", url, b"{}", content_type=JSON_TYPE)
        return late.status_code, (await look(seller, feed))["processingStatus"]

    assert ask(hurried, time_scale=60) == (403, "DONE")
