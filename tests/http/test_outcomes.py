"""What an answer, or none, means for the core."""

import asyncio
import gzip
from decimal import Decimal

import httpx
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import (
    AuthError,
    CursorExpired,
    ForbiddenError,
    Json,
    RateLimited,
    RejectedError,
    Secret,
    TransientError,
    UnknownOutcome,
)
from entrepot.http import client, grant
from entrepot.secrets import Redactor
from entrepot.simulation import run
from tests.http.doubles import ACME, URL, Network, StalledNetwork, account_http, always, virtually

HTML = b"<html><body><h1>Service Unavailable</h1></body></html>"
BARE = b'{"message": "Forbidden"}'


@frozen
class Page:
    orders: list[Json]


def result(network, *, write=False, into=Page, redactor=None, method=None):
    operation = "push_stock" if write else "fetch_stock"

    async def main(http):
        with grant(operation, ACME.operations[operation]):
            port = http(URL)
            send = getattr(port, method or ("put" if write else "get"))
            return await send("/v1/orders", into=into)

    return virtually(main, network, redactor=redactor)


def failure(network, **how):
    with pytest.raises(Exception) as error:  # noqa: PT011 - the caller looks at its type
        result(network, **how)
    return error.value


def test_a_plugin_that_cannot_read_a_refusal_leaves_it_to_the_status():
    """Covers P8: a gateway's body is not the channel's, and its status must not be lost for it."""
    strict = evolve(ACME, error_code=lambda body: body["problem"]["type"])

    async def main(http):
        with grant("fetch_stock", ACME.operations["fetch_stock"]):
            await http(URL).get("/v1/orders", into=Page)

    with pytest.raises(TransientError, match="503"):
        virtually(main, Network(always(503, content=BARE)), channel=strict)


def test_a_code_that_is_no_text_is_none():
    """What `body.get` finds in a body of another form."""
    lax = evolve(ACME, error_code=lambda body: body.get("reason"))

    async def main(http):
        with grant("fetch_stock", ACME.operations["fetch_stock"]):
            await http(URL).get("/v1/orders", into=Page)

    with pytest.raises(TransientError, match="503") as error:
        virtually(main, Network(always(503, content=b'{"detail": "busy"}')), channel=lax)
    assert error.value.code == ""


def test_amounts_stay_decimal():
    """Covers P7."""
    page = result(Network(always(content=b'{"orders": [{"total": 10.10, "count": 3}]}')))
    assert repr(page.orders) == "[{'total': Decimal('10.10'), 'count': 3}]"
    assert isinstance(page.orders[0]["total"], Decimal)


def test_an_empty_answer_is_a_result_only_where_none_is_expected():
    assert result(Network(always(204)), write=True, into=type(None)) is None
    assert result(Network(always(200, content=b"null")), into=type(None)) is None
    assert "into=type(None)" in str(failure(Network(always(204)), write=True))
    assert type(failure(Network(always(204)))) is TransientError
    assert type(failure(Network(always(200, content=b'{"message": "down"}')), into=type(None))) is TransientError


@pytest.mark.parametrize("body", [HTML, BARE, b"", b"{}", b"null", b"[]", b'{"orders": []}'])
@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (500, TransientError, UnknownOutcome),
        (502, TransientError, UnknownOutcome),
        (503, TransientError, UnknownOutcome),
        (504, TransientError, UnknownOutcome),
        (403, ForbiddenError, ForbiddenError),
        (429, RateLimited, RateLimited),
        (401, AuthError, AuthError),
        (400, RejectedError, RejectedError),
        (410, CursorExpired, UnknownOutcome),
        (418, RejectedError, RejectedError),
        (599, TransientError, UnknownOutcome),
        (302, TransientError, UnknownOutcome),
        (304, TransientError, UnknownOutcome),
    ],
)
def test_no_other_status_is_a_success_whatever_the_body(status, body, read, write):
    """Covers R37: an empty page would end the pass and lose orders."""
    assert type(failure(Network(always(status, content=body)))) is read
    assert type(failure(Network(always(status, content=body)), write=True)) is write


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        BARE,
        b"",
        b'{"orders": [{"id"',
        b"[]",
        b"3",
        b'{"orders": {}}',
        b'{"orders": null}',
        b'{"orders": "none"}',
        b"\xff\xfe\x00",
        b"NaN",
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_a_2xx_with_another_body_is_no_success(body):
    """Covers R37."""
    assert type(failure(Network(always(200, content=body)))) is TransientError
    assert type(failure(Network(always(200, content=body)), write=True)) is UnknownOutcome


@given(st.integers(300, 599), st.binary(max_size=60))
def test_nothing_but_2xx_ever_succeeds(status, body):
    """Covers R37."""
    assert failure(Network(always(status, content=body))).status == status


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_is_too_long_is_not_read_to_its_end(monkeypatch, packed):
    monkeypatch.setattr(client, "LONGEST", 2**20)
    body = b'{"orders": [' + b" " * 2**21 + b"]}"
    headers = {"content-encoding": "gzip"} if packed else {}
    long = always(200, content=gzip.compress(body) if packed else body, headers=headers)
    assert "more than 1 MiB were answered" in str(failure(Network(long)))
    assert type(failure(Network(long))) is TransientError
    assert type(failure(Network(long), write=True)) is UnknownOutcome


def test_status_and_code_win_over_status():
    busy = always(409, json={"code": "busy"})
    assert type(failure(Network(busy))) is TransientError
    assert type(failure(Network(busy), write=True)) is UnknownOutcome
    assert type(failure(Network(always(409, json={"code": "other"})))) is RejectedError
    throttled = always(503, json={"errors": [{"code": "throttled"}]})
    assert type(failure(Network(throttled), write=True)) is RateLimited


def test_a_get_inside_a_write_operation_changes_nothing():
    assert type(failure(Network(always(503)), write=True, method="get")) is TransientError


def broken(kind):
    def answer(request):
        raise kind("cable", request=request)

    return Network(answer)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_never_left_had_no_effect(kind):
    """Covers P5."""
    assert type(failure(broken(kind))) is TransientError
    assert type(failure(broken(kind), write=True)) is TransientError


@pytest.mark.parametrize(
    "kind",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.DecodingError,
        httpx.ProxyError,
    ],
)
def test_a_write_that_may_have_arrived_has_an_unknown_outcome(kind):
    """Covers P5."""
    assert type(failure(broken(kind))) is TransientError
    assert type(failure(broken(kind), write=True)) is UnknownOutcome


@pytest.mark.parametrize(("write", "kind"), [(False, TransientError), (True, UnknownOutcome)])
def test_a_stalled_server_is_given_up(write, kind):
    """Covers R19."""

    async def main(loop):
        http = account_http(loop, StalledNetwork())
        operation = "push_stock" if write else "fetch_stock"
        with grant(operation, ACME.operations[operation]), pytest.raises(kind, match="ReadTimeout"):
            await (http(URL).put("/v1", into=Json) if write else http(URL).get("/v1", into=Json))
        await http.aclose()
        return loop.time()

    assert run(main, 1) == pytest.approx(30)


def test_every_phase_of_a_request_has_a_timeout():
    """Covers R19."""
    network = Network(always(json={"orders": []}))
    result(network)
    assert network.requests[0].extensions["timeout"] == {"connect": 10, "read": 30, "write": 30, "pool": 10}


def test_the_operations_deadline_cuts_a_request_off_and_the_grant_shows_that_it_was_sent():
    """Covers R19 and P5."""

    async def main(http):
        with grant("push_stock", ACME.operations["push_stock"]) as call, pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await http(URL).put("/v1", into=Json)
        return call

    call = virtually(main, StalledNetwork())
    assert call.writes
    assert call.requests == 1


def test_an_error_names_account_request_status_code_message_and_id_but_no_query():
    body = {"errors": [{"code": "InvalidInput", "message": "no such\n  marketplace", "details": ""}]}
    error = failure(Network(always(400, json=body, headers={"x-amzn-RequestId": "r-1"})))
    assert str(error) == (
        "account webshop: GET /v1/orders was answered 400 InvalidInput: no such marketplace (request r-1)"
    )
    assert (error.status, error.code, error.request_id) == (400, "InvalidInput", "r-1")


def test_an_error_shows_no_secret_not_even_half_of_one():
    """Covers P9."""
    redactor = Redactor()
    redactor.remember(Secret("s3cr3t-value"))
    for padding in range(280, 300):
        said = "x" * padding + "s3cr3t-value, sent as Authorization: Bearer abcdefgh"
        error = failure(Network(always(400, json={"message": said})), redactor=redactor)
        assert "s3" not in str(error)
        assert "abcdefgh" not in str(error)
        assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("Sun, 01 Nov 2026 00:02:00 GMT", 60),
        ("Sun, 01 Nov 2026 00:00:00 GMT", 0),
        ("soon", None),
        ("nan", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(header, seconds):
    headers = {"retry-after": header, "date": "Sun, 01 Nov 2026 00:01:00 GMT"}
    error = failure(Network(always(429, headers=headers)))
    assert (error.retry_after and error.retry_after.total_seconds()) == (seconds or error.retry_after)
    assert (error.retry_after is None) == (seconds is None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"errors": [{"code": "Unauthorized", "message": "no", "details": "the role is missing"}]},
            "no: the role is missing",
        ),
        ({"error": "denied", "error_description": "ask again"}, "ask again"),
        ({"message": "no", "detail": "no"}, "no"),
        ({"message": "", "details": None}, '{"message":"","details":null}'),
    ],
)
def test_all_words_of_a_refusal_are_kept(body, words):
    """A second field may hold the only useful ones."""
    assert str(failure(Network(always(403, json=body)))).endswith(f": {words}")


LOGIN = b"<!DOCTYPE html><html><head><title> Sign\n in </title></head><body>Welcome</body></html>"
UNTITLED = b"<html><head><style>p { x }</style></head><p>Bad <b>Gateway</b></p></html>"


@pytest.mark.parametrize(
    ("body", "kind", "named"),
    [
        (LOGIN, "text/html; charset=utf-8", "a web page (text/html): Sign in"),
        (UNTITLED, "text/html", "a web page (text/html): Bad Gateway"),
        (b"Squid says no", "text/html", "a web page (text/html): Squid says no"),
        (LOGIN, "application/json", "a web page (application/json): Sign in"),
        (b"<html></html>", "", "a web page (of no declared type): without words"),
    ],
)
def test_a_web_page_is_called_one_and_a_proxy_suspected(body, kind, named):
    """Covers R37."""
    headers = {"content-type": kind, "x-request-id": "r-1"}
    error = failure(Network(always(content=body, headers=headers)))
    assert f"was answered 200 with {named} (request r-1). Next: look for a proxy" in str(error)
    assert named in str(failure(Network(always(503, content=body, headers=headers))))


def test_what_is_called_a_page_and_is_none_keeps_its_words():
    error = failure(Network(always(503, json={"message": "busy"}, headers={"content-type": "text/html"})))
    assert str(error).endswith("was answered 503: busy")
    error = failure(Network(always(content=b"{", headers={"content-type": "application/json"})))
    assert "with an unusable body: Expecting" in str(error)
