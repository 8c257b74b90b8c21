"""Presigned URLs as AWS's own library makes them, at an S3 that is not ours."""

import boto3
import httpx
import pytest
from botocore.config import Config

from connectors.amazon_sp.tests.storage.bucket import Bucket
from connectors.amazon_sp.tests.storage.world import in_world, outcome, read
from entrepot.channel import RejectedError

NAME, REGION = "tortuga-test", "eu-west-1"
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "invented", "region_name": REGION}
TSV = "text/tab-separated-values; charset=UTF-8"
TEXT = "sku\t商品\n" * 40_000


class Signed(Bucket):
    """Links to a real bucket, of Amazon's own host names."""

    signer = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}), **KEYS)

    def link(self, method, path, content_type=""):
        asked = {"Bucket": NAME, "Key": path[1:]} | ({"ContentType": content_type} if content_type else {})
        operation = "put_object" if method == "PUT" else "get_object"
        return self.signer.generate_presigned_url(operation, Params=asked, ExpiresIn=300)


@pytest.fixture
def bucket(aws):
    s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{aws}", **KEYS)
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield s3
    for found in s3.list_objects_v2(Bucket=NAME).get("Contents", []):
        s3.delete_object(Bucket=NAME, Key=found["Key"])
    s3.delete_bucket(Bucket=NAME)


def on_s3(aws, main):
    async def moved(client, world):
        world.bucket, world._port = Signed(), aws
        return await main(client, world)

    return in_world(moved)


def test_up_and_down(aws, bucket):
    async def main(client, world):
        number = await client.upload(TEXT, TSV)
        stored = bucket.get_object(Bucket=NAME, Key=number)
        assert (stored["Body"].read().decode(), stored["ContentType"]) == (TEXT, TSV)
        assert (await read(client, number, "getFeedDocument")).decode() == TEXT

    on_s3(aws, main)


def test_a_download_that_breaks_off_goes_on_with_a_range(aws, bucket, monkeypatch):
    bucket.put_object(Bucket=NAME, Key="r1", Body=TEXT.encode())
    answered = []

    async def main(client, world):
        first = world.handle_async_request

        async def cut(request):
            response = await first(request)
            if "X-Amz-Signature" in str(request.url):
                answered.append((response.status_code, request.headers.get("range")))
            if len(answered) == 1 and "X-Amz-Signature" in str(request.url):
                response.stream = Cut(response.stream)
            return response

        monkeypatch.setattr(world, "handle_async_request", cut)
        assert (await read(client)).decode() == TEXT

    on_s3(aws, main)
    (whole, nothing), (part, rest) = answered
    assert (whole, nothing, part) == (200, None, 206)
    assert rest.startswith("bytes=")


class Cut(httpx.AsyncByteStream):
    """Breaks off after the first piece."""

    def __init__(self, whole):
        self.whole = whole

    async def __aiter__(self):
        async for piece in self.whole:
            yield piece[:1000]
            raise httpx.ReadError("cut")

    async def aclose(self):
        await self.whole.aclose()


def test_what_is_not_there_is_named(aws, bucket):
    async def main(client, world):
        told = await outcome(read(client, "none"))
        assert isinstance(told, RejectedError)
        assert "NoSuchKey: The specified key does not exist." in str(told)

    on_s3(aws, main)
