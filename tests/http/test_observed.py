"""What answers tell of limits."""

from contextlib import suppress
from datetime import timedelta

import httpx
import pytest
from attrs import evolve

from entrepot.channel import Json
from entrepot.errors import ChannelError
from entrepot.http import grant
from tests.http.doubles import ACME, URL, Network, virtually

TELLS = evolve(
    ACME, rate_header="x-rate", refused_bucket=lambda body: body["bucket"] if isinstance(body, dict) else body.name
)


def observed(answer, *, channel=TELLS):
    """Of one request, and how many GETs were counted."""

    async def main(http):
        with grant("fetch_stock", channel.operations["fetch_stock"]) as call:
            with suppress(ChannelError):
                await http(URL).get("/v1/stock", into=Json)
            return call.observed, call.gets

    return virtually(main, Network(lambda request: answer), channel=channel)


@pytest.mark.parametrize(
    ("status", "rate"),
    [(200, 0.5), (202, 0.5), (400, 0.5), (404, 0.5), (401, None), (403, None), (429, None), (500, None), (503, None)],
)
def test_only_answers_from_behind_the_limiter_tell_a_rate(status, rate):
    """Covers R6: an answer that the limiter or a gateway gives says nothing of the plan."""
    found, gets = observed(httpx.Response(status, json={"bucket": ""}, headers={"x-rate": "0.5"}))
    assert ([one.rate for one in found] or [None]) == [rate]
    assert gets == 1
    assert {one.limit for one in found} <= {"orders"}


@pytest.mark.parametrize("text", ["", "fast", "5, 5", "0x1"])
def test_a_header_that_is_no_number_tells_nothing(text):
    """Covers R6."""
    found, _ = observed(httpx.Response(200, json={}, headers={"x-rate": text}))
    assert [one.rate for one in found] == [None]
    assert observed(httpx.Response(200, json={}))[0][0].rate is None
    assert observed(httpx.Response(200, json={}, headers={"x-rate": "5"}), channel=ACME)[0][0].rate is None


def test_a_refusal_names_its_bucket_and_its_pause():
    found, _ = observed(httpx.Response(429, json={"bucket": "application"}, headers={"retry-after": "7"}))
    assert [(one.refused, one.bucket, one.retry_after) for one in found] == [
        (True, "application", timedelta(seconds=7))
    ]


def test_a_plugin_that_cannot_read_a_refusal_names_no_bucket():
    found, _ = observed(httpx.Response(429, content=b"<html>"))
    assert [(one.refused, one.bucket) for one in found] == [(True, "")]
