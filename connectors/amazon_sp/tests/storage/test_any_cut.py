"""Whatever the bytes, the pieces in which they come, and where they break off: the same bytes, or an error."""

import gzip
from itertools import pairwise

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.storage.world import outcome
from entrepot.channel import ChannelError, Environment
from entrepot.http import Transfer
from entrepot.model import AccountId
from entrepot.simulation import run, stream
from entrepot_amazon_sp.documents import Document, Link, storage_hosts

URL = "https://tortuga-prod-eu.s3.eu-west-1.amazonaws.com/r1?X-Amz-Signature=1"


class Pieces(httpx.AsyncByteStream):
    """`content` in pieces of `size` bytes; silent at byte `cut`."""

    def __init__(self, content, size, cut):
        self.content, self.size, self.cut = content, size, cut

    async def __aiter__(self):
        end = len(self.content) if self.cut is None else min(self.cut, len(self.content))
        for begin in range(0, end, self.size):
            yield self.content[begin : min(begin + self.size, end)]
        if end < len(self.content):
            raise httpx.ReadError("cut")


class Storage(httpx.AsyncBaseTransport):
    """Answers with the versions of a document in turn, the last one for ever. `lies`: bytes that it does not send."""

    def __init__(self, versions, size, cuts, *, ranges, lies):
        self.versions, self.size, self.cuts, self.ranges, self.lies = list(versions), size, list(cuts), ranges, lies

    async def handle_async_request(self, request):
        content = self.versions.pop(0) if len(self.versions) > 1 else self.versions[0]
        content = content[: len(content) - self.lies] if self.lies else content
        etag = f'"{hash(content)}"'
        cut = self.cuts.pop(0) if self.cuts else None
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        if request.headers.get("if-match", etag) != etag:
            return httpx.Response(412, content=b"<Code>PreconditionFailed</Code>")
        headers = {"etag": etag}
        if start and self.ranges and start < len(content):
            headers["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            content, status = content[start:], 206
        else:
            status = 200
        headers["content-length"] = str(len(content))
        return httpx.Response(status, headers=headers, stream=Pieces(content, self.size, cut))


def read(storage, *, packed):
    async def main(_):
        async def ask():
            return Link(URL, packed)

        transfer = Transfer(storage, AccountId("a"), storage_hosts(Environment.PRODUCTION))
        async with Document(transfer, ask, "r1", stream(1, "waits")) as document:
            return b"".join([piece async for piece in document])

    return run(lambda loop: outcome(main(loop)), seed=1)


contents = st.binary(max_size=3000) | st.integers(0, 200_000).map(bytes)
cuts = st.lists(st.integers(0, 4000), max_size=5)


def in_members(content, ends):
    ends = sorted({min(end, len(content)) for end in ends} | {0, len(content)})
    parts = [content[begin:end] for begin, end in pairwise(ends)] or [b""]
    return b"".join(map(gzip.compress, parts))


@given(contents, st.integers(1, 5000), cuts, st.lists(st.integers(0, 3000), max_size=3), st.booleans(), st.booleans())
@example(b"", 1, [], [], True, True)
def test_any_cut_and_any_pieces(content, size, cuts, members, packed, ranges):
    stored = in_members(content, members) if packed else content
    told = read(Storage([stored], size, cuts, ranges=ranges, lies=0), packed=packed)
    assert told == content or isinstance(told, ChannelError)
    if len(cuts) <= 3:  # as many as there are pauses
        assert told == content


@given(contents, st.integers(1, 5000), st.integers(1, 4000), st.lists(st.integers(0, 3000), max_size=3), cuts)
def test_a_packed_document_whose_end_is_missing_is_never_whole(content, size, lies, members, cuts):
    stored = in_members(content, members)
    told = read(Storage([stored], size, cuts, ranges=True, lies=min(lies, len(stored))), packed=True)
    assert isinstance(told, ChannelError) or (told != content and content.startswith(told))


@given(
    st.binary(max_size=300), st.binary(max_size=300), st.integers(1, 300), st.lists(st.integers(0, 300)), st.booleans()
)
@example(b"a" * 200, b"b" * 300, 10, [100, 0, 50], True)
def test_two_versions_are_never_mixed(first, second, size, cuts, ranges):
    """Also where the second one breaks off before as much of it came as was read of the first."""
    told = read(Storage([first, second], size, cuts, ranges=ranges, lies=0), packed=False)
    assert told in (first, second) or isinstance(told, ChannelError)
