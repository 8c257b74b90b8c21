"""What surrounds every request, whatever it asks for (FACTS 1, 2, 4 and 6)."""

import pytest

from connectors.amazon_sp.tests.simulator.asking import EU, LWA, NA, ORDERS, ask, error, instant
from connectors.amazon_sp.tests.simulator.authorization.test_tokens import ACCOUNT

SANDBOX_OF_NA = NA.replace("https://", "https://sandbox.")


def sent(method, path, *, content=None, host=EU, **headers):
    """The answer to a request with exactly these headers beside the token."""

    async def send(seller):
        told = {"x-amz-access-token": await seller.token()} | {name.replace("_", "-"): t for name, t in headers.items()}
        return await seller._client.request(method, host + path, content=content, headers=told)

    return ask(send)


def test_signature_is_disregarded():
    """FACTS 2: since 2 October 2023."""
    signed = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/eu-west-1/execute-api/aws4_request, Signature=0"
    assert sent("GET", ACCOUNT, authorization=signed, x_amz_date="20300101T000000Z").status_code == 200


def test_get_with_a_body_is_a_bad_request_in_html():
    """FACTS 1 and 6: since 2023, and not in the words of an API."""
    answer = sent("GET", ACCOUNT, content=b"{}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "x-amzn-ratelimit-limit" not in answer.headers
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


@pytest.mark.parametrize(("length", "status"), [(500, 200), (501, 400)])
def test_agent_of_more_than_500_characters_is_refused(length, status):
    """FACTS 1."""
    assert sent("GET", ACCOUNT, user_agent="a" * length).status_code == status


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 400),
        ("application/json; charset=UTF-8", 400),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
    ],
)
def test_body_is_json_and_says_so(kind, status):
    """FACTS 6: UnsupportedMediaType."""
    answer = sent("POST", "/reports/2021-06-30/reports", content=b"{}", content_type=kind)
    assert answer.status_code == status
    assert "x-amzn-ratelimit-limit" in answer.headers or status == 415


def test_sandbox_takes_a_token_of_another_region():
    """FACTS 4, seen there. That production does not is a guess."""
    assert sent("GET", ACCOUNT, host=SANDBOX_OF_NA).status_code == 200
    assert sent("GET", ACCOUNT, host=NA).status_code == 403


def test_json_is_taken_for_a_form_by_login_with_amazon():
    """FACTS 1: so in practice, though Amazon's page asks for a form."""
    body = b'{"grant_type": "refresh_token", "client_id": "client-1", "client_secret": "the client secret",'
    body += b' "refresh_token": "refresh-1"}'
    answer = ask(lambda seller: seller.post_raw(LWA, body, "application/json"))
    assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")


def test_refusal_of_login_with_amazon_can_be_quoted():
    """FACTS 1: request_id and error_index, as recorded."""
    answer = ask(lambda seller: seller.grant(refresh_token="another"))
    assert answer.json().keys() == {"error", "error_description", "request_id", "error_index"}


def test_details_may_hold_all_that_there_is_to_know_or_nothing():
    """FACTS 6: one code and message for all that is denied."""

    async def collect(seller):
        return [error(await seller.get(path, token=token)) for path, token in (("/nothing", ""), (ACCOUNT, None))]

    unknown, tokenless = ask(collect)
    assert unknown | {"details": ""} == tokenless | {"details": ""}
    assert (unknown["details"], bool(tokenless["details"])) == ("", True)


def test_older_apis_wrap_what_they_tell_and_newer_ones_do_not():
    """FACTS 6."""

    async def collect(seller):
        now = instant(seller.clock.now())
        return [
            (await seller.get(path, **query)).json()
            for path, query in ((ACCOUNT, {}), (ORDERS, {"lastUpdatedAfter": now}))
        ]

    old, new = ask(collect)
    assert old.keys() == {"payload"}
    assert "orders" in new


def test_every_answer_has_a_request_id():
    """FACTS 6: Amazon's support asks for it."""

    async def collect(seller):
        answers = [await seller.get(ACCOUNT), await seller.get("/nothing"), await seller.get(ACCOUNT, token=None)]
        return [answer.headers["x-amzn-RequestId"] for answer in answers]

    assert len(set(ask(collect))) == 3
