"""Feeds: documents, processing, reports, and what they say that they did (FACTS 10)."""

import asyncio
import json
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, NL, SELLER, US, ask, error
from connectors.amazon_sp.tests.simulator.feeds.feeding import (
    DOCUMENTS,
    DONE,
    FEEDS,
    JSON_FEED,
    JSON_TYPE,
    create,
    download,
    listings_feed,
    look,
    message,
    open_document,
    patch_message,
    process,
    send,
    upload,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.feeds.api import REMOVED

SCHEMAS = MODELS.parent / "schemas/feeds"
EFFECT = 61
MANY = {f"SKU-{number:02d}": 50 for number in range(40)}

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


def checked(report):
    """A processing report that Amazon's schema allows."""
    schema = json.loads((SCHEMAS / "listings-feed-processing-report-schema-v2.json").read_text("utf-8"))
    document = json.loads(report)
    assert [fault.message for fault in jsonschema_rs.Draft7Validator(schema).iter_errors(document)] == []
    return document


def quantities(seller, *skus):
    return [seller.amazon.stock.get(sku) for sku in skus]


# Documents


def test_upload_takes_exactly_the_content_type_that_was_told():
    """FACTS 10: any difference, also of case, is a 403 of the storage host, in XML."""

    async def upload_as(seller):
        url = (await open_document(seller, "text/xml; charset=UTF-8"))["url"]
        types = ("text/xml; charset=utf-8", "text/xml", "text/xml; charset=UTF-8")
        return [await seller.store("PUT", url, b"<a/>", content_type=each) for each in types]

    *wrong, right = ask(upload_as)
    for answer in wrong:
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/xml")
        assert ET.fromstring(answer.content).findtext("Code") == "SignatureDoesNotMatch"  # noqa: S314 - our own
    assert right.status_code == 200


def test_upload_link_is_outdated_after_five_minutes():
    async def late(seller):
        url = (await open_document(seller))["url"]
        await asyncio.sleep(301)
        return await seller.store("PUT", url, b"{}", content_type=JSON_TYPE)

    answer = ask(late)
    assert answer.status_code == 403
    assert "Request has expired" in answer.text


def test_upload_has_no_headers_of_the_api():
    """FACTS 10: they are not among what the link signs."""

    async def with_token(seller):
        url = (await open_document(seller))["url"]
        return await seller.store("PUT", url, b"{}", content_type=JSON_TYPE, x_amz_access_token="x")

    assert ask(with_token).status_code == 403


def test_link_is_good_for_its_own_method_and_document():
    async def other(seller):
        first, second = await open_document(seller), await open_document(seller)
        swapped = first["url"].replace(first["feedDocumentId"], second["feedDocumentId"])
        get = await seller.store("GET", first["url"])
        put = await seller.store("PUT", swapped, b"{}", content_type=JSON_TYPE)
        unknown = await seller.store("PUT", first["url"].replace("tortuga", "nowhere"), b"{}", content_type=JSON_TYPE)
        return get.status_code, put.status_code, unknown.status_code

    assert ask(other) == (403, 403, 404)


def test_document_feeds_once_and_within_two_days():
    async def use(seller):
        document = await upload(seller, listings_feed(patch_message(1, "TEA", 3)))
        outdated = await upload(seller, listings_feed(patch_message(1, "TEA", 3)))
        answers = [await create(seller, document), await create(seller, document)]
        await asyncio.sleep(2 * 86400 + 60)
        return [answer.status_code for answer in [*answers, await create(seller, outdated)]]

    assert ask(use) == [202, 400, 400]


# Listings


def test_accepted_messages_take_effect_and_the_report_counts_them():
    async def feed(seller):
        whole = {
            "condition_type": [{"value": "new_new"}],
            "item_name": [{"value": "A kettle", "language_tag": "de_DE"}],
        }
        units = {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 4}]}
        content = listings_feed(
            patch_message(1, "TEA", 3),
            message(2, "NEW", "UPDATE", productType="KETTLE", requirements="LISTING", attributes=whole | units),
            message(3, "A/B C", "DELETE"),
            message(4, "MUG", "PARTIAL_UPDATE", productType="PRODUCT", attributes=units),
        )
        ended, report = await process(seller, content)
        before = quantities(seller, "TEA", "NEW", "A/B C", "MUG")
        await asyncio.sleep(EFFECT)
        return ended, report, before, quantities(seller, "TEA", "NEW", "A/B C", "MUG")

    ended, report, _, after = ask(feed)
    report = checked(report)
    assert (ended["processingStatus"], report["issues"]) == ("DONE", [])
    assert report["header"] == {"sellerId": SELLER, "version": "2.0", "feedId": ended["feedId"]}
    assert (report["summary"]["messagesAccepted"], report["summary"]["messagesInvalid"]) == (4, 0)
    assert after == [3, 4, None, 4]


def test_done_is_not_success():
    """FACTS 10: what is wrong with a message stands in the report alone."""

    async def feed(seller):
        bad = patch_message(1, "TEA", -1)
        content = listings_feed(
            bad,
            message(2, "MUG", productType="SUBMARINE", patches=bad["patches"]),
            message(2, "MUG", "DELETE"),
            message(2, "MUG", "DELETE"),
            message(4, "MUG", "UPDATE"),
            message(5, "MUG", "MOVE"),
            {"messageId": 0, "sku": "", "operationType": "DELETE"},
            "no message",
            patch_message(9, "A/B C", 8),
        )
        ended, report = await process(seller, content)
        await asyncio.sleep(EFFECT)
        return ended, report, quantities(seller, "TEA", "A/B C")

    ended, report, shown = ask(feed)
    report = checked(report)
    assert (ended["processingStatus"], shown) == ("DONE", [10, 8])
    assert report["issues"][0] | {"message": ""} == {
        "messageId": 1,
        "sku": "TEA",
        "code": "4000001",
        "severity": "ERROR",
        "message": "",
        "attributeName": "fulfillment_availability",
    }
    assert report["summary"]["messagesProcessed"] == 9
    assert (report["summary"]["messagesAccepted"], report["summary"]["messagesInvalid"]) == (1, 8)


def test_unknown_sku_is_accepted_and_nothing_happens():
    """R62: selling-partner-api-models issue 4402."""

    async def feed(seller):
        _, report = await process(seller, listings_feed(patch_message(1, "NEVER", 3)))
        return report, seller.amazon.inventory.without_effect, quantities(seller, "NEVER")

    report, truth, shown = ask(feed)
    assert checked(report)["summary"]["messagesAccepted"] == 1
    assert ([each.sku for each in truth], shown) == (["NEVER"], [None])


@pytest.mark.parametrize(
    "content",
    [
        b"{ no json",
        b"\xff\xfe",
        b"[]",
        listings_feed(),
        listings_feed(patch_message(1, "TEA", 3), sellerId="A2OTHER"),
        listings_feed(patch_message(1, "TEA", 3), version="1.0"),
        listings_feed(*[patch_message(number, "TEA", 3) for number in range(1, 25_002)]),
    ],
    ids=["json", "utf-8", "list", "empty", "seller", "version", "25,001 messages"],
)
def test_what_is_no_feed_ends_fatal_with_an_issue_of_no_message(content):
    ended, report = ask(lambda seller: process(seller, content))
    assert ended["processingStatus"] == "FATAL"
    [issue] = checked(report)["issues"]
    assert "messageId" not in issue


def test_items_that_were_asked_for_come_with_the_report():
    async def feed(seller):
        report = {"includedData": ["summaries", "fulfillmentAvailability"], "apiVersion": "2021-08-01"}
        return (await process(seller, listings_feed(patch_message(1, "TEA", 3), report=report)))[1]

    [item] = checked(ask(feed))["items"]
    assert (item["sku"], set(item)) == ("TEA", {"sku", "summaries", "fulfillmentAvailability"})


def test_larger_report_is_compressed():
    async def feed(seller):
        bad = [patch_message(number, sku, -1) for number, sku in enumerate(MANY, 1)]
        ended, report = await process(seller, listings_feed(*bad))
        document = ended["resultFeedDocumentId"]
        return (
            report,
            await download(seller, document),
            await download(seller, document, enableContentEncodingUrlHeader="true"),
        )

    report, (plain, told, packed), (inflated, _, encoded) = ask(feed, skus=MANY)
    assert len(checked(report)["issues"]) == 40
    assert told.json()["compressionAlgorithm"] == "GZIP"
    assert "content-encoding" not in packed.headers
    assert encoded.headers["content-encoding"] == "gzip"
    assert plain == inflated == report


def test_five_feeds_in_five_minutes():
    """FACTS 10: beside the bucket of createFeed."""

    async def many(seller):
        documents = [await upload(seller, listings_feed(patch_message(1, "TEA", 3))) for _ in range(7)]
        answers = [await create(seller, document) for document in documents[:6]]
        await asyncio.sleep(301)
        return [answer.status_code for answer in [*answers, await create(seller, documents[5])]]

    assert ask(many) == [202] * 5 + [429, 202]


# Life


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


# Parcels

XML_TYPE = "text/xml; charset=UTF-8"


def fulfillment(*orders, items="", carrier="<CarrierCode>DHL</CarrierCode>"):
    messages = "".join(
        f"""<Message><MessageID>{number}</MessageID><OrderFulfillment><AmazonOrderID>{order}</AmazonOrderID>
        <FulfillmentDate>2030-01-01T08:00:00+00:00</FulfillmentDate><FulfillmentData>{carrier}
        <ShipperTrackingNumber>T-1</ShipperTrackingNumber></FulfillmentData>{items}</OrderFulfillment></Message>"""
        for number, order in enumerate(orders, 1)
    )
    return f"<AmazonEnvelope><MessageType>OrderFulfillment</MessageType>{messages}</AmazonEnvelope>".encode()


def counts(report):
    summary = ET.fromstring(report).find("Message/ProcessingReport/ProcessingSummary")  # noqa: S314 - our own
    return [int(each.text) for each in summary]


def test_parcels_by_feed_ship_orders_and_failures_are_in_the_report():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2, "MUG": 1})
        content = fulfillment(order.external_id, "302-0000000-0000000", order.external_id)
        ended, report = await process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE)
        return ended["processingStatus"], report, seller.amazon.orders[order.external_id]

    status, report, order = ask(ship)
    assert (status, counts(report)) == ("DONE", [3, 1, 2, 0])
    assert order.status == "shipped"
    [parcel] = order.packages
    assert (parcel.carrier, parcel.tracking_number) == ("DHL", "T-1")


def test_parcel_of_some_items_leaves_the_others():
    async def ship(seller):
        [order] = await seller.sell({"TEA": 2, "MUG": 1})
        line = order.lines[0].external_id
        item = f"<Item><AmazonOrderItemCode>{line}</AmazonOrderItemCode><Quantity>1</Quantity></Item>"
        content = fulfillment(order.external_id, items=item, carrier="<CarrierName>Nobody</CarrierName>")
        await process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE)
        return seller.amazon.orders[order.external_id]

    order = ask(ship)
    assert ([line.shipped for line in order.lines], order.packages[0].carrier) == ([1, 0], "Nobody")


@pytest.mark.parametrize("content", [b"<a", b"<AmazonEnvelope/>"])
def test_what_is_no_document_of_parcels_ends_fatal_with_a_report(content):
    ended, report = ask(lambda seller: process(seller, content, "POST_ORDER_FULFILLMENT_DATA", XML_TYPE))
    assert (ended["processingStatus"], counts(report)[0]) == ("FATAL", 0)


# Faults


def test_r52_feed_says_that_all_is_done_and_some_offers_keep_their_quantity():
    """R52: what the report says and what is shown, with the truth to compare with."""

    async def silent(seller):
        seller.amazon.faults.plan(AmazonFault.SILENT_FEED)
        messages = [patch_message(number, sku, 7) for number, sku in enumerate(MANY, 1)]
        ended, report = await process(seller, listings_feed(*messages))
        await asyncio.sleep(EFFECT)
        return ended, report, dict(seller.amazon.stock), seller.amazon.inventory.without_effect

    ended, report, shown, truth = ask(silent, skus=MANY)
    assert ended["processingStatus"] == "DONE"
    assert checked(report)["summary"] == {
        "errors": 0,
        "warnings": 0,
        "messagesProcessed": 40,
        "messagesAccepted": 40,
        "messagesInvalid": 0,
    }
    assert {sku for sku, quantity in shown.items() if quantity == 50} == {each.sku for each in truth}
    assert (len(truth), truth[0].feed) == (2, ended["feedId"])


def test_stuck_feed_ends_after_a_day():
    async def stuck(seller):
        seller.amazon.faults.plan(AmazonFault.STUCK_FEED)
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        await asyncio.sleep(12 * 3600)
        halfway = (await look(seller, feed))["processingStatus"]
        await asyncio.sleep(13 * 3600)
        return halfway, (await look(seller, feed))["processingStatus"]

    assert ask(stuck) == ("IN_PROGRESS", "DONE")


def test_fatal_feed_may_have_done_half_of_its_work():
    """FACTS 10: FATAL may have applied part, and have no document."""

    async def fatal(seller):
        seller.amazon.faults.plan(AmazonFault.FATAL_FEED)
        ended, report = await process(seller, listings_feed(patch_message(1, "TEA", 3), patch_message(2, "MUG", 3)))
        await asyncio.sleep(EFFECT)
        return ended["processingStatus"], report, quantities(seller, "TEA", "MUG")

    assert ask(fatal) == ("FATAL", None, [3, 5])


def test_upload_link_that_is_outdated_from_the_first():
    async def expired(seller):
        seller.amazon.faults.plan(AmazonFault.EXPIRED_UPLOAD_LINK)
        url = (await open_document(seller))["url"]
        answer = await seller.store("PUT", url, b"{}", content_type=JSON_TYPE)
        return answer.status_code, await upload(seller, b"{}"), seller.amazon.faults.happened

    status, uploaded, happened = ask(expired)
    assert (status, bool(uploaded), dict(happened)) == (403, True, {AmazonFault.EXPIRED_UPLOAD_LINK: 1})


def test_calm_forgets_what_is_planned():
    async def calm(seller):
        seller.amazon.faults.plan(AmazonFault.EXPIRED_UPLOAD_LINK)
        seller.amazon.calm()
        return await upload(seller, b"{}")

    assert ask(calm)


def test_time_scale_shortens_links_and_processing():
    async def hurried(seller):
        url = (await open_document(seller))["url"]
        feed = await send(seller, listings_feed(patch_message(1, "TEA", 3)))
        await asyncio.sleep(6)
        late = await seller.store("PUT", url, b"{}", content_type=JSON_TYPE)
        return late.status_code, (await look(seller, feed))["processingStatus"]

    assert ask(hurried, time_scale=60) == (403, "DONE")


def test_two_stores_of_a_feed_are_one_listing():
    async def feed(seller):
        document = await upload(seller, listings_feed(patch_message(1, "TEA", 3)))
        await create(seller, document, stores=[NL])
        await asyncio.sleep(DONE + EFFECT)
        return quantities(seller, "TEA")

    assert ask(feed) == [3]
