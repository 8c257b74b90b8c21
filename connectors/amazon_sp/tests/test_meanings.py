"""One code of Amazon's stands for many causes: each is told apart by its words, named, and says what to do next."""

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import Amazon, on_amazon, refusal, told
from entrepot.channel import (
    AuthError,
    Check,
    ForbiddenError,
    RateLimited,
    RejectedError,
    TransientError,
)

DENIED = "Access to requested resource is denied."
HTML = "<html><body>Bad Request</body></html>"


def page(status):
    return httpx.Response(status, text=HTML, headers={"content-type": "text/html"})


def asked(answer):
    with pytest.raises(Exception) as failed:  # noqa: PT011 - the caller looks at its type
        on_amazon(Amazon(answer), lambda account: account.call("check", Check()))
    return failed.value


@pytest.mark.parametrize(
    ("answer", "kind", "means"),
    [
        (refusal(401, "Unauthorized", DENIED), AuthError, "token was refused"),
        (refusal(403, "Unauthorized", DENIED, "The access token you provided has expired."), AuthError, "has expired"),
        (
            refusal(403, "Unauthorized", DENIED, "The access token you provided is revoked, malformed or invalid."),
            AuthError,
            "revoked or malformed",
        ),
        (refusal(403, "Unauthorized", DENIED, "Access token is missing in the request header."), AuthError, "bore no"),
        (
            refusal(403, "Unauthorized", DENIED, "The marketplaces you provided are not valid for region eu-west-1"),
            ForbiddenError,
            "belong to another region",
        ),
        (refusal(403, "Unauthorized", DENIED, "The seller is suspended."), ForbiddenError, "is suspended"),
        (refusal(403, "Unauthorized", DENIED, "No role for this operation"), ForbiddenError, "lacks a role"),
        (refusal(403, "Unauthorized", DENIED), ForbiddenError, "says this of a missing role, of another's"),
        (
            refusal(403, "Forbidden", "The requested action is forbidden."),
            ForbiddenError,
            "in these words. Next: do as",
        ),
        (refusal(403, "QuotaExceeded", "quota"), RateLimited, "is used up"),
        (page(403), TransientError, "edge refused it"),
        (page(400), RejectedError, "edge refused the form"),
        (refusal(413, "RequestTooLarge", "large"), RejectedError, "too large"),
        (refusal(414, "", "long"), RejectedError, "address is too long"),
        (refusal(415, "UnsupportedMediaType", "type"), RejectedError, "content type"),
        (refusal(431, "", "large"), RejectedError, "headers are too large"),
        (refusal(429, "QuotaExceeded", "You exceeded your quota"), RateLimited, "of this operation"),
        (
            refusal(429, "QuotaExceeded", "frequency of requests greater than allowed for the application"),
            RateLimited,
            "all sellers of the application",
        ),
        (told({"message": "Too Many Requests"}, 429), RateLimited, "edge at once"),
        (refusal(500, "InternalFailure", "We encountered an internal error."), TransientError, "inside Amazon"),
        (told({"message": "Internal server error"}, 500), TransientError, "inside Amazon"),
        (page(503), TransientError, "down or overloaded"),
        (told({"message": "Endpoint request timed out"}, 504), TransientError, "waited in vain"),
        (httpx.Response(307, headers={"location": "https://elsewhere.example"}), TransientError, "not followed"),
    ],
)
def test_each_failure_is_named_and_says_what_to_do(answer, kind, means):
    error = asked(answer)
    assert type(error) is kind
    assert means in str(error)
    assert ". Next: " in str(error)


def test_the_whole_text_is_kept_where_the_error_shows_a_part():
    error = asked(refusal(400, "InvalidInput", "no", "x" * 1000))
    assert error.details == "no: " + "x" * 1000
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("error", "status", "kind", "words"),
    [
        (
            "invalid_grant",
            400,
            "ConsentRevoked",
            "or is mistyped, or not this application's. Next: compare the settings",
        ),
        ("invalid_client", 401, "ApplicationRefused", "id or secret is wrong or has expired"),
        ("unauthorized_client", 400, "ApplicationRefused", "may not use this grant"),
        ("invalid_scope", 400, "AuthError", "a scope is not permitted"),
        ("unsupported_grant_type", 400, "AuthError", "does not know this grant"),
        ("server_error", 500, "TransientError", "server_error"),
        ("temporarily_unavailable", 503, "TransientError", "temporarily_unavailable"),
    ],
)
def test_each_refusal_of_a_token_is_named(error, status, kind, words):
    class Login(Amazon):
        def _token(self, request):
            body = {"error": error, "error_description": "said", "request_id": "lwa-1"}
            return httpx.Response(status, json=body)

    with pytest.raises(Exception) as failed:  # noqa: PT011 - the next line looks at its type
        on_amazon(Login(told({})), lambda account: account.call("check", Check()))
    assert type(failed.value).__name__ == kind
    assert words in str(failed.value)
    assert (failed.value.details, failed.value.request_ids) == ("said", ("lwa-1",))
