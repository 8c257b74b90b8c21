"""A client on its own between an Amazon in this process and its storage on a port, in real time."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import SETTINGS
from connectors.amazon_sp.tests.storage.bucket import Bucket, serving
from entrepot.channel import ChannelError
from entrepot.http.policy import Waits
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.documents import storage

NUMBER = {
    "getReportDocument": "reportDocumentId",
    "getFeedDocument": "feedDocumentId",
    "dataKiosk_2023-11-15.getDocument": "documentId",
}


class World(httpx.AsyncBaseTransport):
    """Amazon makes documents at once and tells a new link each time; `packed` says how it names the packing."""

    def __init__(self, bucket, port):
        self.bucket = bucket
        self.packed = None
        self.asked = []
        self._port = port
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request):
        if request.url.host.endswith(("amazonaws.com", "cloudfront.net")):
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
            return await self._network.handle_async_request(request)
        if request.url.host == "api.amazon.com":
            return httpx.Response(200, json={"access_token": "Atza|secret", "expires_in": 3600})
        self.asked.append(request)
        return httpx.Response(200, json=self._document(request))

    def _document(self, request):
        if request.method == "POST":
            number = f"doc-{len(self.asked)}"
            content_type = httpx.Response(200, content=request.content).json()["contentType"]
            return {"feedDocumentId": number, "url": self.bucket.link("PUT", f"/{number}", content_type)}
        name = "documentUrl" if "dataKiosk" in request.url.path else "url"
        told = {name: self.bucket.link("GET", "/" + request.url.path.rpartition("/")[2])}
        return told | ({"compressionAlgorithm": self.packed} if self.packed else {})

    async def aclose(self):
        await self._network.aclose()


def in_world(main, **options):
    """Run `main(client, world)` without pauses."""

    async def connected():
        bucket = Bucket()
        async with serving(bucket) as port:
            world = World(bucket, port)
            async with SellingPartner(SETTINGS, region="EU", transport=world, **options) as client:
                return await main(client, world)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage, "WAITS", Waits(first=timedelta()))
        return asyncio.run(connected())


async def outcome(awaitable):
    """What it tells, or the ChannelError that it raises."""
    try:
        return await awaitable
    except ChannelError as error:
        return error


async def read(client, number="r1", operation="getReportDocument", **options):
    async with client.document(operation, **{NUMBER[operation]: number}, **options) as document:
        return b"".join([piece async for piece in document])
