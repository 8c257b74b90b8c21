"""What is uploaded arrives as it is, on real HTTP."""

import asyncio
from io import BytesIO, StringIO
from tempfile import NamedTemporaryFile

import pytest

from connectors.amazon_sp.tests.storage.bucket import fault
from connectors.amazon_sp.tests.storage.world import in_world, outcome
from entrepot.channel import ForbiddenError, RejectedError, TransientError

TEXT = "sku\tфильм\t商品\t🙂\n"
TSV = "text/tab-separated-values; charset=UTF-8"


def uploaded(content, content_type=TSV, faults=()):
    """What `upload` told, and the world afterwards."""

    async def main(client, world):
        world.bucket.faults = list(faults)
        return await outcome(client.upload(content, content_type)), world

    return in_world(main)


def test_text_of_any_script_arrives_with_the_declared_content_type():
    """Covers R66: written as UTF-8, and declared so to Amazon and to its storage, in the same words."""
    told, world = uploaded(TEXT)
    assert told == "doc-1"
    assert world.bucket.objects["/doc-1"] == TEXT.encode("utf-8")
    assert world.bucket.types["/doc-1"] == TSV
    [(_, headers)] = world.bucket.requests
    assert not {"x-amz-access-token", "x-amz-date", "authorization", "transfer-encoding"} & set(headers)


def test_an_expired_link_is_renewed_with_its_document():
    """Covers R66: the content lies in the document whose id is told."""

    async def main(client, world):
        first = client.call

        async def call(*words, **named):
            told = await first(*words, **named)
            if len(world.asked) == 1:
                world.bucket.expire_links()
            return told

        client.call = call
        return await outcome(client.upload(TEXT, TSV)), world

    told, world = in_world(main)
    assert told == "doc-2"
    assert world.bucket.objects == {"/doc-2": TEXT.encode()}


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (fault("403 Forbidden", "SignatureDoesNotMatch", "no match"), RejectedError, "nothing on the way changes"),
        (fault("403 Forbidden", "AccessDenied", "Access Denied"), ForbiddenError, "Amazon's support"),
        (fault("400 Bad Request", "EntityTooLarge", "too large"), RejectedError, "divide the content"),
        (fault("400 Bad Request", "InvalidDigest", "what"), RejectedError, "400 InvalidDigest: what"),
        ({"status": "400 Bad Request", "body": b"<html>"}, RejectedError, "storage answered 400"),
        ({"status": "307 Temporary Redirect", "headers": {"location": "https://evil.example/"}}, RejectedError, "307"),
    ],
)
def test_a_refusal_of_the_storage_is_named_and_not_repeated(refusal, kind, words):
    """Covers R66: XML, and no error of JSON."""
    told, world = uploaded(TEXT, faults=[refusal])
    assert type(told) is kind
    assert words in str(told)
    assert str(told).startswith("account A2SELLER: upload to doc-1: Amazon's storage answered")
    assert "X-Amz" not in str(told)
    assert len(world.bucket.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        fault("503 Slow Down", "SlowDown", "Please reduce your request rate."),
        fault("500 Internal Server Error", "InternalError", "We encountered an internal error."),
        fault("400 Bad Request", "RequestTimeout", "Your socket connection was not read from or written to."),
        {"status": "502 Bad Gateway", "body": b"<html>"},
        fault("403 Forbidden", "RequestTimeTooSkewed", "The difference is too large."),
        fault("400 Bad Request", "ExpiredToken", "The provided token has expired."),
    ],
)
def test_what_may_go_well_again_is_repeated_four_times(trouble):
    told, world = uploaded(TEXT, faults=[trouble] * 3)
    assert world.bucket.objects[f"/{told}"] == TEXT.encode()
    told, world = uploaded(TEXT, faults=[trouble] * 4)
    assert isinstance(told, TransientError)
    assert "request R5" in str(told) or "502" in str(told)
    assert len(world.bucket.requests) == 4


def test_pieces_and_files_are_sent_with_their_length(tmp_path):
    async def pieces():
        for number in range(50):
            yield b"%d," % number * 3000
            await asyncio.sleep(0)

    whole = b"".join(b"%d," % number * 3000 for number in range(50))
    path = tmp_path / "feed.json"
    path.write_bytes(whole)
    for content in (pieces(), path, whole):
        told, world = uploaded(content, "application/json; charset=UTF-8", [fault("503 x", "SlowDown", "again")])
        assert world.bucket.objects[f"/{told}"] == whole


@pytest.mark.parametrize(
    ("content", "content_type", "words"),
    [
        ("x", "application/json", "must declare its charset"),
        (b"x", "text/xml", 'write "text/xml; charset=UTF-8"'),
        ("商品", "text/xml; charset=ISO-8859-1", "declare charset=UTF-8"),
        ("x", "text/xml; charset=klingon", "declare charset=UTF-8"),
    ],
)
def test_a_text_that_cannot_be_what_is_declared_is_refused_before_anything_is_sent(content, content_type, words):
    async def main(client, world):
        with pytest.raises(ValueError, match=words):
            await client.upload(content, content_type)
        assert world.asked == []

    in_world(main)


async def no_pieces():
    for piece in ():
        yield piece


async def pieces_of_text():
    yield "a"


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        ({"messages": []}, TypeError, r"dict is nothing to upload.*Next: json\.dumps"),
        (["a"], TypeError, r"list is nothing to upload.*Next: json\.dumps"),
        (5, TypeError, "int is nothing to upload.*Next: give text, bytes, a Path, a file that is open for bytes, or"),
        (None, TypeError, "NoneType is nothing to upload"),
        (iter([b"a"]), TypeError, "list_iterator is nothing to upload.*an async iterator of bytes"),
        (StringIO("a"), TypeError, 'pieces of str, not of bytes. Next: encode them, or open the file with "rb"'),
        (pieces_of_text(), TypeError, "pieces of str, not of bytes"),
        ("", ValueError, "is empty, and nothing was sent. Next: "),
        (b"", ValueError, "is empty"),
        (BytesIO(), ValueError, "is empty"),
        (no_pieces(), ValueError, "is empty"),
        ("feed.json", ValueError, r"the name of a file\. Next: Path\('feed\.json'\)"),
    ],
)
def test_what_is_no_content_is_refused_before_anything_is_sent(content, kind, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feed.json").write_text("{}")

    async def main(client, world):
        with pytest.raises(kind, match=words):
            await client.upload(content)
        assert world.asked == []

    in_world(main)


@pytest.mark.parametrize("text", ["商" * 255, "1," * 5000])
def test_a_text_too_long_for_a_name_is_a_text(text):
    told, world = uploaded(text)
    assert world.bucket.objects[f"/{told}"] == text.encode()


def test_an_open_file_is_uploaded_from_where_it_stands(tmp_path):
    with NamedTemporaryFile(dir=tmp_path) as file:
        file.write(b"xfeed")
        file.seek(1)
        told, world = uploaded(file, faults=[fault("503 x", "SlowDown", "again")])
        assert not file.closed
    assert world.bucket.objects[f"/{told}"] == b"feed"


def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(tmp_path):
    async def main(client, world):
        with pytest.raises(FileNotFoundError):
            await client.upload(tmp_path / "none", TSV)
        assert world.asked == []

    in_world(main)


def test_a_binary_document_needs_no_charset():
    told, world = uploaded(b"%PDF", "application/pdf")
    assert world.bucket.types[f"/{told}"] == "application/pdf"
