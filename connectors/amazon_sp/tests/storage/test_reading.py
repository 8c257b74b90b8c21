"""A document as its caller takes it: into memory, as text, and only while it is open."""

import asyncio
import inspect

import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS
from connectors.amazon_sp.tests.storage.world import in_world, outcome
from entrepot.channel import RejectedError, TransientError
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.authorization.restricted import REPORT_DOCUMENT
from entrepot_amazon_sp.catalog import report_types
from entrepot_amazon_sp.report_types import FORM

RESTRICTED = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"


def taken(take, content, content_type="text/plain; charset=Cp1252"):
    """What `take(document)` came to."""

    async def main(client, world):
        world.bucket.put("/r1", content, content_type)
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            return await outcome(take(document))

    return in_world(main)


def test_a_document_is_read_into_memory_up_to_a_bound():
    content = b"sku\n" * 50_000
    assert taken(lambda document: document.read(), content) == content
    assert taken(lambda document: document.read(most=len(content)), content) == content
    told = taken(lambda document: document.read(most=len(content) - 1), content)
    assert isinstance(told, RejectedError)
    assert "account A2SELLER: document r1 is longer than 199999 bytes of memory. Next: `save` it, or allow" in str(told)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Größe\t5 €\n".encode("cp1252"), "text/plain; charset=Cp1252"),
        ("Größe\t5 €\n".encode(), "text/plain; charset=UTF-8"),
        ("Größe\t5 €\n".encode(), "application/json"),
    ],
)
def test_text_is_in_the_charset_of_the_document(content, content_type):
    assert taken(lambda document: document.text(), content, content_type) == "Größe\t5 €\n"


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        ("text/plain", "document r1: no charset is told. Next: `read` it, and decode"),
        ("text/plain; charset=utf-8", "document r1 is told to be utf-8: .* Next: `read` it anew"),
        ("text/plain; charset=klingon", "document r1 is told to be klingon: .* Next: `read` it anew"),
    ],
)
def test_a_text_whose_charset_is_not_known_or_does_not_fit_is_refused(content_type, words):
    with pytest.raises(ValueError, match=words):
        taken(lambda document: document.text(), "5 €".encode("cp1252"), content_type)


def test_a_document_is_read_inside_of_async_with():
    async def main(client, world):
        world.bucket.put("/r1", b"1")
        document = client.document("getReportDocument", reportDocumentId="r1")
        outside = r"account A2SELLER: document r1 is not open\. Next: enter it: `async with \.\.\. as document:`"
        with pytest.raises(RuntimeError, match=outside):
            [piece async for piece in document]
        with pytest.raises(RuntimeError, match=outside):
            _ = document.charset
        assert world.asked == []
        async with document:
            pass
        with pytest.raises(RuntimeError, match=outside):
            await document.read()
        assert document.charset == "utf-8"

    in_world(main)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({}, ValueError, f"{REPORT_DOCUMENT}: 'reportDocumentId' is missing"),
        ({"reportDocumentID": "1"}, ValueError, r"did you mean 'reportDocumentId'\?"),
        ({"reportDocumentId": ""}, ValueError, "'reportDocumentId' is empty"),
        ({"reportDocumentId": "1", "deadline": "5"}, TypeError, "deadline cannot be a str"),
        (
            {"reportDocumentId": "1", "report_type": "get_orders"},
            ValueError,
            "no type 'get_orders'. Next: write the re",
        ),
        ({"reportDocumentId": "1", "report_type": RESTRICTED.lower()}, ValueError, f"Next: write '{RESTRICTED}'"),
        ({"reportDocumentId": "1", "report_type": f"{RESTRICTED[:-1]}"}, UserWarning, f"if you mean '{RESTRICTED}'"),
    ],
)
def test_what_is_wrong_is_told_at_the_call(arguments, kind, words):
    client = SellingPartner(SETTINGS, region="EU")
    with pytest.raises(kind, match=words):
        client.document("getReportDocument", **arguments)


def test_a_type_that_the_catalog_does_not_know_passes():
    client = SellingPartner(SETTINGS, region="EU")
    for name in ("GET_MERCHANT_LISTINGS_ALL_DATA", "GET_GST_MTR_B2C_CUSTOM", RESTRICTED):
        client.document("getReportDocument", reportDocumentId="1", report_type=name)


def test_each_type_of_the_catalog_has_the_form_of_one():
    assert [each.name for each in report_types() if not FORM.fullmatch(each.name)] == []


def test_help_names_what_a_document_takes():
    assert {"most", "report_type", "deadline"} <= inspect.signature(SellingPartner.document).parameters.keys()


async def endless():
    while True:
        yield b"1"
        await asyncio.sleep(0.05)


def test_an_upload_has_a_deadline():
    told = in_world(lambda client, _: outcome(client.upload(endless(), deadline=0.2)))
    words = (
        "account A2SELLER: the upload did not end before its deadline. Next: begin anew, or with a longer `deadline`"
    )
    assert isinstance(told, TransientError)
    assert str(told) == words
