"""A document comes whole or as an error, on real HTTP."""

import asyncio
import gzip
import re

import pytest

from connectors.amazon_sp.tests.storage.bucket import fault
from connectors.amazon_sp.tests.storage.world import NUMBER, in_world, outcome, read
from entrepot.channel import ForbiddenError, RejectedError, TransientError
from entrepot.http import transfer
from entrepot_amazon_sp.documents import gunzip

ROWS = b"".join(b"%d\t%d\n" % (number, number * 7919 % 10007) for number in range(60_000))
PACKED = gzip.compress(ROWS[:1000]) + gzip.compress(ROWS[1000:400_000]) + gzip.compress(ROWS[400_000:])


def downloaded(content, faults=(), packed=None, prepare=None, **options):
    """What was read, or the error, and the world afterwards."""

    async def main(client, world):
        world.bucket.put("/r1", content)
        world.bucket.faults, world.packed = list(faults), packed
        if prepare is not None:
            prepare(world.bucket)
        return await outcome(read(client, **options)), world

    return in_world(main)


def ranges(world):
    return [headers.get("range") for method, headers in world.bucket.requests]


@pytest.mark.parametrize("operation", NUMBER)
def test_a_document_is_read_with_its_content_type(operation):
    async def main(client, world):
        world.bucket.put("/r1", ROWS, "text/plain; charset=Cp1252")
        async with client.document(operation, **{NUMBER[operation]: "r1"}) as document:
            assert (document.content_type, document.charset) == ("text/plain; charset=Cp1252", "cp1252")
            assert b"".join([piece async for piece in document]) == ROWS
        [(_, headers)] = world.bucket.requests
        assert not {"x-amz-access-token", "authorization"} & set(headers)

    in_world(main)


@pytest.mark.parametrize(("packed", "encoding"), [("GZIP", "identity"), ("GZIP", "gzip"), (None, "gzip")])
def test_gzip_of_several_members_is_unpacked_once_whoever_says_it(packed, encoding):
    told, _ = downloaded(PACKED, packed=packed, prepare=lambda bucket: setattr(bucket, "encoding", encoding))
    assert told == ROWS


@pytest.mark.parametrize(("content", "packed"), [(ROWS, None), (PACKED, "GZIP")])
def test_what_breaks_off_goes_on_where_it_stopped(content, packed):
    told, world = downloaded(content, [{"cut": 70_000}, {"cut": 30_000}], packed)
    assert told == ROWS
    first, second, third = ranges(world)
    assert first is None
    assert second == "bytes=70000-"
    assert third == "bytes=100000-"
    assert len(world.asked) == 1


def test_a_stalled_download_goes_on(monkeypatch):
    monkeypatch.setitem(vars(transfer), "TIMEOUTS", transfer.httpx.Timeout(0.2).as_dict())
    told, world = downloaded(ROWS, [{"stall": 70_000}, {"stall": 0}])
    assert told == ROWS
    assert ranges(world) == [None, "bytes=70000-", "bytes=70000-"]


@pytest.mark.parametrize(("content", "packed"), [(ROWS, None), (PACKED, "GZIP")])
def test_where_the_storage_does_not_go_on_the_beginning_is_compared(content, packed):
    told, world = downloaded(content, [{"cut": 70_000}], packed, lambda bucket: setattr(bucket, "ranges", False))
    assert told == ROWS
    assert ranges(world) == [None, "bytes=70000-"]


def test_an_expired_link_is_asked_for_again_also_in_the_middle():
    async def main(client, world):
        world.bucket.put("/r1", ROWS)
        world.bucket.faults = [{"cut": 70_000}]
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            world.bucket.expire_links()
            assert b"".join([piece async for piece in document]) == ROWS
        assert len(world.asked) == 2
        assert ranges(world) == [None, "bytes=70000-", "bytes=70000-"]

    in_world(main)


@pytest.mark.parametrize("ranged", [True, False])
@pytest.mark.parametrize("other", [ROWS[::-1], ROWS[:1000]])
def test_a_document_that_becomes_another_one_is_an_error(ranged, other):
    async def main(client, world):
        world.bucket.put("/r1", ROWS)
        world.bucket.faults, world.bucket.ranges = [{"cut": 70_000}], ranged
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            world.bucket.put("/r1", other)
            with pytest.raises(RejectedError, match="became another one"):
                [piece async for piece in document]

    in_world(main)


@pytest.mark.parametrize("end", [len(PACKED) - 1, len(PACKED) - 8, len(gzip.compress(ROWS[:1000])) + 100, 0])
def test_gzip_that_breaks_off_is_an_error_though_the_length_is_right(end):
    told, _ = downloaded(PACKED[:end], packed="GZIP")
    assert isinstance(told, TransientError)
    assert str(told).startswith("account A2SELLER: document r1: the packed bytes break off")


@pytest.mark.parametrize("at", [0, 5000, len(PACKED) - 6])
def test_damaged_gzip_is_an_error(at):
    damaged = PACKED[:at] + bytes([PACKED[at] ^ 255]) + PACKED[at + 1 :]
    told, _ = downloaded(damaged, packed="GZIP")
    assert "damaged" in str(told)


def test_an_answer_without_a_length_is_an_error():
    """It ends when the connection does, and nobody knows whether that is the end."""
    told, world = downloaded(ROWS, [{"length": None}] * 4)
    assert isinstance(told, TransientError)
    assert "how long" in str(told)
    assert len(world.bucket.requests) == 4


def test_four_attempts_without_news_are_enough():
    told, world = downloaded(ROWS, [{"cut": 0}] * 9)
    assert isinstance(told, TransientError)
    assert len(world.bucket.requests) == 4


def test_each_piece_of_news_gives_new_attempts():
    told, world = downloaded(ROWS, [{"cut": 50_000}] * 9)
    assert told == ROWS
    assert len(world.bucket.requests) == 10


def test_a_bomb_is_given_up_early(monkeypatch):
    monkeypatch.setattr(gunzip, "FREE", 1_000_000)
    told, _ = downloaded(gzip.compress(bytes(50_000_000)), packed="GZIP")
    assert isinstance(told, RejectedError)
    given_up_at = int(re.search(r"more than 200 times its size, and was given up at (\d+)", str(told))[1])
    assert given_up_at < 10_000_000


def test_uniform_rows_are_no_bomb():
    rows = b"0\t0\t0\t0\n" * 500_000
    told, _ = downloaded(gzip.compress(rows), packed="GZIP")
    assert told == rows


@pytest.mark.parametrize(("content", "packed"), [(ROWS, None), (PACKED, "GZIP")])
def test_more_than_is_allowed_is_refused(content, packed):
    told, _ = downloaded(content, packed=packed, most=len(ROWS) - 1)
    assert isinstance(told, RejectedError)
    assert "allow more, with `most`" in str(told)
    assert downloaded(content, packed=packed, most=len(ROWS))[0] == ROWS


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (fault("404 Not Found", "NoSuchKey", "The specified key does not exist."), RejectedError, "28 days"),
        (fault("403 Forbidden", "AccessDenied", "Access Denied"), ForbiddenError, "request R5"),
        ({"status": "302 Found", "headers": {"location": "https://evil.example/"}}, RejectedError, "answered 302"),
        ({"status": "404 Not Found", "body": b"<Code>" * 40_000}, RejectedError, "answered 404"),
    ],
)
def test_a_refusal_of_the_storage_is_named_and_not_repeated(refusal, kind, words):
    told, world = downloaded(ROWS, [refusal])
    assert type(told) is kind
    assert words in str(told)
    assert str(told).startswith("account A2SELLER: document r1: Amazon's storage answered")
    assert "X-Amz" not in str(told)
    assert len(world.bucket.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/r1?X-Amz-Signature=s3cret",
        "http://tortuga-prod-eu.s3.amazonaws.com/r1?X-Amz-Signature=s3cret",
        "https://s3.amazonaws.com.evil.example/r1?X-Amz-Signature=s3cret",
        "https://s3.amazonaws.com:8443/r1?X-Amz-Signature=s3cret",
        "https://user@s3.amazonaws.com/r1?X-Amz-Signature=s3cret",
        "https://169.254.169.254/latest/meta-data?s3cret",
        "https://d34o8swod1owfl.cloudfront.net/r1?s3cret",  # of the sandbox
        "https://exa mple/?s3cret",
        "ftp://s3.amazonaws.com/r1?s3cret",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(url):
    async def main(client, world):
        world._document = lambda request: {"url": url}
        told = await outcome(read(client))
        assert isinstance(told, RejectedError)
        assert "s3cret" not in str(told)
        assert world.bucket.requests == []

    in_world(main)


@pytest.mark.parametrize(
    "answer", [{}, {"url": 7}, ["url"], {"url": "https://s3.amazonaws.com/", "compressionAlgorithm": "LZ"}]
)
def test_an_answer_without_a_usable_link_is_told(answer):
    async def main(client, world):
        world._document = lambda request: answer
        assert "no usable link" in str(await outcome(read(client)))

    in_world(main)


def test_a_link_is_not_shown():
    from entrepot_amazon_sp.documents import Link  # noqa: PLC0415 - of this test alone

    assert "s3cret" not in repr(Link("https://s3.amazonaws.com/?X-Amz-Signature=s3cret"))


def test_an_operation_without_documents_is_refused():
    async def main(client, world):
        with pytest.raises(ValueError, match=r"tells no link to a document\. Next: choose from dataKiosk"):
            client.document("getReport", reportId="1")

    in_world(main)


def test_a_saved_document_is_there_whole_or_not_at_all(tmp_path):
    async def main(client, world):
        world.bucket.put("/r1", ROWS)
        path = tmp_path / "report.tsv"
        path.write_text("of yesterday")
        async with client.document("getReportDocument", reportDocumentId="r1", most=1_000) as document:
            assert isinstance(await outcome(document.save(path)), RejectedError)
        assert path.read_text() == "of yesterday"
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            await document.save(str(path))
        assert path.read_bytes() == ROWS
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [path]

    in_world(main)


def test_a_document_is_read_once():
    """What came already cannot come again, and nothing would look like an empty document."""

    async def main(client, world):
        world.bucket.put("/r1", ROWS)
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            assert b"".join([piece async for piece in document]) == ROWS
            with pytest.raises(ValueError, match=r"document r1 was read already\. Next: ask for it anew"):
                [piece async for piece in document]

    in_world(main)


def test_who_stops_in_the_middle_leaves_no_connection_open():
    async def main(client, world):
        world.bucket.put("/r1", ROWS)
        async with client.document("getReportDocument", reportDocumentId="r1") as document:
            async for _ in document:
                break
        await asyncio.sleep(0)
        assert world._network._pool.connections == []

    in_world(main)
