"""A body becomes values: every digit kept, and nothing read that is no JSON."""

import asyncio
import gc
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.http.answer import Answer
from entrepot.http.client import Client, Request
from entrepot.runtime import SystemClock
from tests.cli.served import Served

NOW = datetime(2026, 11, 30, tzinfo=UTC)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def decoded(body):
    return Answer(200, {}, body, NOW, NOW).json()


@given(VALUES)
def test_values_are_those_of_the_standard_library(value):
    body = json.dumps(value).encode()
    assert decoded(body) == json.loads(body, parse_float=Decimal)


@given(st.integers(0, 10**30), st.integers(1, 10**30), st.integers(-400, 400))
def test_every_digit_of_a_number_is_kept(whole, fraction, exponent):
    for text in (f"{whole}", f"-{whole}.{fraction:030}", f"{whole}.5E{exponent:+}"):
        found = decoded(f'{{"amount": {text}}}'.encode())["amount"]
        assert found == (Decimal(text) if set("E.") & set(text) else int(text))
        assert type(found) is not float


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d"', "\ud83d"),  # an emoji that some system cut in half
        ('{"name": "Zo\u00eb"}'.encode("utf-16"), {"name": "Zo\u00eb"}),
        (b"\xef\xbb\xbf[]", []),  # a byte order mark
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_what_servers_send_beside_the_standard_is_read(body, value):
    assert decoded(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"\xff", b"<html>", b"[" * 100_000, b"1 2"])
def test_what_is_no_json_is_refused_and_the_collector_goes_on(body):
    with pytest.raises(ValueError):  # noqa: PT011 - in whose words does not matter
        decoded(body)
    assert gc.isenabled()


def test_a_request_searches_for_no_module():
    """httpcore imports sniffio at each step: where that is not installed, the search takes longer than the request."""
    searched = []

    class Noted:
        def find_spec(self, name, path=None, target=None):
            searched.append(name)

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    async def main(url):
        client = Client(None, SystemClock(), "test")
        await client.send(Request("GET", url))
        sys.meta_path.insert(0, Noted())
        try:
            await client.send(Request("GET", url))
        finally:
            del sys.meta_path[0]
            await client.aclose()

    served = Served(app)
    try:
        asyncio.run(main(served.url))
    finally:
        served.close()
    assert not [name for name in searched if name in {"sniffio", "trio", "anyio"}]
