"""Documents of feeds: links that are signed, for one upload and a few minutes (FACTS 10)."""

import asyncio
from xml.etree import ElementTree as ET

import httpx
import pytest

from connectors.amazon_sp.tests.simulator.asking import ask
from connectors.amazon_sp.tests.simulator.feeds.feeding import (
    JSON_TYPE,
    create,
    listings_feed,
    open_document,
    patch_message,
    upload,
)
from connectors.amazon_sp.tests.simulator.test_models import MODELS

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")


@pytest.mark.parametrize("scale", [1, 60, 200])
def test_a_link_lives_as_long_as_it_tells(scale):
    async def scenario(seller):
        told = []
        for part in (0.1, 1.1):
            url = httpx.URL((await open_document(seller))["url"])
            await asyncio.sleep(part * int(url.params["X-Amz-Expires"]))
            told.append((await seller.store("PUT", str(url), b"{}", content_type=JSON_TYPE)).status_code)
        return told

    assert ask(scenario, time_scale=scale) == [200, 403]


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
