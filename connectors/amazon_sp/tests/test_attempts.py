"""The loop of the client on its own: what it repeats, until when, and what an error says of all attempts."""

import asyncio
from itertools import pairwise

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import Amazon, refusal, told
from connectors.amazon_sp.tests.test_selling_partner import calling, with_client
from entrepot.channel import ForbiddenError, RateLimited, RejectedError, TransientError, UnknownOutcome
from entrepot_amazon_sp.attempts import PATIENCE, PERIODS
from tests.http.doubles import StalledNetwork

DOWN = refusal(503, "ServiceUnavailable")
GOOD = told({"payload": []})
READ, IDEMPOTENT, WRITE = "getMarketplaceParticipations", "deleteListingsItem", "createReport"
ITEM = {"sellerId": "A", "sku": "B", "marketplaceIds": "C"}
REPORT = {"body": {"reportType": "X", "marketplaceIds": ["A"]}}


def timed(amazon, operation, **arguments):
    """The error, and the seconds until it."""

    async def main(client):
        started = asyncio.get_running_loop().time()
        with pytest.raises(Exception) as failed:  # noqa: PT011 - the caller looks at it
            await client.call(operation, **arguments)
        return failed.value, asyncio.get_running_loop().time() - started

    return with_client(amazon, main)


@pytest.mark.parametrize(
    "failure", [DOWN, refusal(429, "QuotaExceeded"), httpx.Response(200, text=""), told({"message": "no"})]
)
def test_a_read_that_fails_in_passing_is_repeated(failure):
    amazon = Amazon(failure, failure, GOOD)
    assert calling(amazon, READ, deadline=1000) == {"payload": []}
    assert len(amazon.requests) == 3


def test_an_idempotent_write_is_repeated_and_any_other_is_not():
    """Covers P5."""
    amazon = Amazon(DOWN, told({"sku": "B", "status": "ACCEPTED"}))
    assert calling(amazon, IDEMPOTENT, **ITEM)["status"] == "ACCEPTED"
    amazon = Amazon(DOWN, told({"reportId": "1"}))
    with pytest.raises(UnknownOutcome):
        calling(amazon, WRITE, **REPORT)
    assert len(amazon.requests) == 1


def test_a_write_that_was_refused_for_frequency_had_no_effect_and_is_repeated():
    amazon = Amazon(refusal(429, "QuotaExceeded"), told({"reportId": "1"}, 202))
    assert calling(amazon, WRITE, **REPORT) == {"reportId": "1"}


@pytest.mark.parametrize(("status", "kind"), [(400, RejectedError), (403, ForbiddenError)])
def test_a_refusal_is_not_repeated(status, kind):
    error, _ = timed(Amazon(refusal(status, details="role")), READ)
    assert type(error) is kind


@pytest.mark.parametrize("failure", [DOWN, refusal(429, "QuotaExceeded")])
@pytest.mark.parametrize("operation", [READ, "getMyFeesEstimates"])
def test_attempts_end_and_are_no_nearer_than_a_period(operation, failure):
    """Covers P6: without a deadline after a minute and four periods."""
    periods = {READ: 1 / 0.016, "getMyFeesEstimates": 1 / 0.5}
    sent = []

    class Watched(Amazon):
        def __call__(self, request):
            if request.url.host != "api.amazon.com":
                sent.append(asyncio.get_running_loop().time())
            return super().__call__(request)

    error, took = timed(Watched(failure, latency=0), operation, **({"body": []} if operation != READ else {}))
    assert type(error) in {TransientError, RateLimited}
    assert len(sent) >= 2  # each 429 halves the rate
    assert all(later - at >= periods[operation] - 1e-3 for at, later in pairwise(sent))
    assert took <= PATIENCE.total_seconds() + PERIODS * periods[operation]


def test_a_deadline_holds_for_everything():
    error, took = timed(Amazon(DOWN), READ, deadline=200)
    assert (type(error), took <= 200) == (TransientError, True)
    stalled = Amazon(GOOD, latency=10_000)
    error, took = timed(stalled, READ, deadline=20)
    assert (type(error), took) == (TransientError, 20)
    assert "did not end before its deadline" in str(error)


def test_a_write_that_is_cut_off_has_an_unknown_outcome_only_once_it_was_sent():
    """Covers P5."""

    class Slow(Amazon):
        def _token(self, request):
            self.network.latency = 10_000
            return super()._token(request)

    error, _ = timed(Slow(GOOD, latency=0), WRITE, deadline=20, **REPORT)
    assert type(error) is UnknownOutcome
    error, _ = timed(Amazon(GOOD, latency=10_000), WRITE, deadline=20, **REPORT)
    assert type(error) is TransientError, "not even the token came"


@pytest.mark.parametrize("deadline", range(120, 132))
def test_a_write_that_was_refused_is_not_sent_again_just_before_the_deadline(deadline):
    """Covers P5: a refusal is a clear answer, a cut is none."""
    error, took = timed(Amazon(refusal(429, "QuotaExceeded"), latency=3), WRITE, deadline=deadline, **REPORT)
    assert (type(error), took <= deadline) == (RateLimited, True)


def test_an_error_has_the_request_ids_of_all_attempts_and_what_they_came_to():
    def down(number):
        return httpx.Response(503, json={"message": "down"}, headers={"x-amzn-RequestId": f"r-{number}"})

    error, _ = timed(Amazon(*map(down, range(1, 4))), READ, deadline=500)
    assert error.request_ids[:3] == ("r-1", "r-2", "r-3")
    assert error.request_id == error.request_ids[-1]
    assert error.__notes__[0].startswith("attempt 1: account A2SELLER: GET /sellers/v1")


def test_an_operation_that_fails_again_and_again_rests_and_is_tried_by_one_call():
    amazon = Amazon(DOWN)

    async def main(client):
        with pytest.raises(TransientError, match="503"):
            await client.call(READ, deadline=1000)
        asked = len(amazon.requests)
        with pytest.raises(
            TransientError, match=r"was not sent: it failed \d+ times in a row\. Next: call again after"
        ):
            await client.call(READ)
        assert len(amazon.requests) == asked
        amazon.answers = [GOOD]
        assert await client.call("sellers.getAccount") == {"payload": []}, "another operation does not rest"
        await asyncio.sleep(20 * 60)
        both = await asyncio.gather(client.call(READ), client.call(READ), return_exceptions=True)
        assert sorted(type(each).__name__ for each in both) == ["TransientError", "dict"]
        assert await client.call(READ) == {"payload": []}

    with_client(amazon, main)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "Forbidden"}', b'"text"', b"7", b'{"payload": ['])
def test_an_answer_that_is_no_document_is_no_success(body):
    """Covers R37: also where any document is taken."""
    amazon = Amazon(httpx.Response(200, content=body))
    with pytest.raises(UnknownOutcome):
        calling(amazon, WRITE, **REPORT)
    with pytest.raises(TransientError):
        calling(amazon, READ, deadline=5)


def test_a_server_that_never_answers_is_given_up():
    amazon = Amazon(GOOD)
    amazon.network = StalledNetwork()
    error, took = timed(amazon, READ, deadline=100)
    assert (type(error), took <= 100) == (TransientError, True)
