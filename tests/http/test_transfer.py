"""Bodies that are streamed: to and from allowed hosts alone, and never shorter than was told."""

import re

import httpx
import pytest

from entrepot.channel import RejectedError, TransientError
from entrepot.http import Transfer
from entrepot.http.transfer import LONGEST_REFUSAL
from entrepot.model import AccountId
from entrepot.simulation import run
from tests.http.doubles import Network, StalledNetwork, always

HOSTS = re.compile(r"([a-z]+\.)?storage\.example")
URL = "https://eu.storage.example/doc?signature=s%2F1%3D"


class Pieces(httpx.AsyncByteStream):
    def __init__(self, *pieces):
        self.pieces = pieces

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece


def transferring(network, main):
    return run(lambda _: main(Transfer(network, AccountId("webshop"), HOSTS)), seed=1)


def got(network, url=URL):
    async def main(transfer):
        async with transfer.get(url, {"range": "bytes=5-"}) as arrival:
            return arrival.status, b"".join([chunk async for chunk in arrival.chunks])

    return transferring(network, main)


def test_the_address_is_sent_as_it_is_with_no_header_of_the_account():
    network = Network(always(content=b"abc"))
    assert got(network) == (200, b"abc")
    [request] = network.requests
    assert str(request.url) == URL
    assert dict(request.headers) == {"host": "eu.storage.example", "accept-encoding": "identity", "range": "bytes=5-"}


def test_content_is_sent_with_its_length_and_type():
    network = Network(always())

    async def main(transfer):
        sent = transfer.put(URL, Pieces(b"ab", b"c"), length=3, content_type="text/plain; charset=UTF-8")
        async with sent as arrival:
            assert arrival.succeeded

    transferring(network, main)
    [request] = network.requests
    assert (request.method, request.headers["content-type"]) == ("PUT", "text/plain; charset=UTF-8")
    assert request.headers["content-length"] == "3"
    assert "transfer-encoding" not in request.headers


@pytest.mark.parametrize(
    "url",
    [
        "https://storage.example.evil.example/doc?s3cret",
        "http://storage.example/doc?s3cret",
        "https://storage.example:444/doc?s3cret",
        "https://me:s3cret@storage.example/doc",
        "//storage.example/doc?s3cret",
        "",
    ],
)
def test_no_other_host_is_asked(url):
    network = Network(always())
    with pytest.raises(RejectedError, match="account webshop: the address of a document") as refused:
        got(network, url)
    assert "s3cret" not in str(refused.value)
    assert network.requests == []


def test_a_redirect_is_not_followed():
    network = Network(always(302, headers={"location": "https://storage.example/other", "content-length": "0"}))
    assert got(network) == (302, b"")
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"content-length": "4"}, "storage.example sent 3 of 4 bytes"),
        ({"content-length": "2"}, "storage.example sent 3 of 2 bytes"),
        ({}, "did not say how long its answer is"),
    ],
)
def test_another_length_than_was_told_is_an_error(headers, words):
    network = Network(lambda request: httpx.Response(200, headers=headers, stream=Pieces(b"ab", b"c")))
    with pytest.raises(TransientError, match=words):
        got(network)


def test_an_end_that_the_protocol_marks_needs_no_length():
    chunked = {"transfer-encoding": "chunked"}
    network = Network(lambda request: httpx.Response(200, headers=chunked, stream=Pieces(b"ab", b"c")))
    assert got(network) == (200, b"abc")


def test_a_server_that_falls_silent_is_given_up():
    with pytest.raises(TransientError, match=r"eu\.storage\.example got or sent no whole message: ReadTimeout"):
        got(StalledNetwork())


def refused(response):
    async def main(transfer):
        async with transfer.get(URL, {}) as arrival:
            return await arrival.refusal()

    return transferring(Network(lambda request: response), main)


def test_of_a_refusal_no_more_is_read_than_a_text_may_have():
    assert refused(httpx.Response(403, stream=Pieces(*[b"x" * 50_000] * 9))) == "x" * LONGEST_REFUSAL


def test_a_refusal_that_breaks_off_is_one_all_the_same():
    assert refused(httpx.Response(403, headers={"content-length": "9"}, stream=Pieces(b"no"))) == "no"
