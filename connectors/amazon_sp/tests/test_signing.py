"""Signature Version 4 against AWS's published examples, roles against an STS that is not ours."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, told
from connectors.amazon_sp.tests.storage.bucket import serving
from entrepot.channel import AuthError, Secret, TransientError
from entrepot.simulation import VirtualClock, run
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.signing import AssumedRole, AwsKeys, FixedKeys, SigV4

PUBLISHED = AwsKeys("AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
"""Of AWS's own test suite, and of no account."""

ROLE = "arn:aws:iam::123456789012:role/selling-partner"


class Fixed:
    def __init__(self, now=datetime(2015, 8, 30, 12, 36, tzinfo=UTC)):
        self.at = now

    def now(self):
        return self.at


@pytest.mark.parametrize(
    ("method", "query", "signature"),
    [
        ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
    ids=["get-vanilla", "post-vanilla", "get-vanilla-query-order-key-case"],
)
def test_signatures_are_those_of_awss_test_suite(method, query, signature):
    signer = SigV4(FixedKeys(PUBLISHED), "us-east-1", "service", Fixed())
    assert asyncio.run(signer.sign(method, f"https://example.amazonaws.com/{query}", b"")) == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}",
    }


def test_body_and_session_token_are_signed():
    def authorization(keys, body):
        signer = SigV4(FixedKeys(keys), "eu-west-1", clock=Fixed())
        return asyncio.run(signer.sign("POST", "https://sellingpartnerapi-eu.amazon.com/x", body))["Authorization"]

    lent = AwsKeys("AKIDEXAMPLE", PUBLISHED.secret_key, Secret("session"))
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in authorization(lent, b"")
    assert authorization(PUBLISHED, b"{}") != authorization(PUBLISHED, b"[]")


def test_requests_to_the_api_alone_are_signed_and_only_when_asked_for():
    def requests(**options):
        amazon = Amazon(told({"payload": []}))

        async def main(loop):
            options["clock"] = VirtualClock(loop)
            async with SellingPartner(SETTINGS, region="EU", transport=amazon.network, **options) as client:
                await client.call("getMarketplaceParticipations")

        run(main, seed=1)
        return amazon.asked_for_tokens, amazon.requests

    signer = SigV4(FixedKeys(PUBLISHED), "eu-west-1", clock=Fixed())
    [token], [request] = requests(signer=signer)
    assert "authorization" not in token.headers
    assert "Credential=AKIDEXAMPLE/20150830/eu-west-1/execute-api/aws4_request" in request.headers["authorization"]
    assert request.headers["x-amz-date"] == "20150830T123600Z"
    assert request.headers["x-amz-access-token"] == "refresh-1#1"
    [token], [request] = requests()
    assert "authorization" not in request.headers


def test_a_role_is_assumed_once_for_many_tasks_and_again_before_its_hour_is_over(aws, monkeypatch):
    clock = Fixed(datetime.now(UTC))  # noqa: TID251 - the server's time is real
    role = AssumedRole(PUBLISHED, ROLE, "eu-west-1", endpoint=f"http://127.0.0.1:{aws}", clock=clock)
    asked = []
    assume = role._assume
    monkeypatch.setattr(role, "_assume", lambda: asked.append(1) or assume())

    async def main():
        first, *others = await asyncio.gather(*(role.current() for _ in range(20)))
        assert {id(each) for each in others} == {id(first)}
        assert first.session_token is not None
        clock.at = first.ends - timedelta(minutes=5, seconds=1)
        assert await role.current() is first
        clock.at = first.ends - timedelta(minutes=5)
        assert (await role.current()).access_key != first.access_key
        signed = await SigV4(role, "eu-west-1", clock=clock).sign("GET", "https://example.amazonaws.com/", b"")
        assert "X-Amz-Security-Token" in signed

    asyncio.run(main())
    assert len(asked) == 2


class Refusing:
    """An STS as it answers a user whom the role does not trust."""

    async def serve(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()
        await writer.wait_closed()


def test_a_role_that_is_refused_says_what_to_do():
    async def main():
        async with serving(Refusing()) as port:
            role = AssumedRole(PUBLISHED, ROLE, "eu-west-1", endpoint=f"http://127.0.0.1:{port}")
            with pytest.raises(AuthError, match=r"AccessDenied.*: no\. Next: compare the role's trust policy"):
                await role.current()

    asyncio.run(main())


def test_an_sts_that_does_not_answer_is_asked_again_later():
    role = AssumedRole(PUBLISHED, ROLE, "eu-west-1", endpoint="http://127.0.0.1:9")
    with pytest.raises(TransientError, match="no answer about arn:aws"):
        asyncio.run(role.current())


def test_keys_are_not_shown():
    assert "wJalr" not in repr(SigV4(FixedKeys(PUBLISHED), "eu-west-1"))


def test_botocore_is_imported_with_the_first_signature():
    code = "import sys, entrepot_amazon_sp.signing; assert 'botocore' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
