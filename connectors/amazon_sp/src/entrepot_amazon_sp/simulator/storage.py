"""Where documents are kept: behind links that are signed, for one method, one content type and five minutes.

In the words of Amazon S3, which the links of the feeds and reports APIs lead to.
"""

import gzip
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from urllib.parse import urlencode

from attrs import define

from entrepot.channel import Json
from entrepot.simulation import UNMETERED, Answer, Call, FaultPoints, route
from entrepot_amazon_sp.simulator import hosts, parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid

LIFETIME = timedelta(minutes=5)
"""Of a link; in whole seconds, as it is told, also where time runs faster."""

COMPRESSED_FROM = 5_000
"""Bytes. Which documents Amazon compresses is not documented: here it is the larger ones."""

ID_PREFIX = "amzn1.tortuga.4."


@define
class Document:
    """`content` is None until it is uploaded."""

    id: str
    content_type: str
    created_at: datetime
    content: bytes | None = None
    compressed: bool = False

    def text(self) -> str:
        """As it was uploaded. Raises ValueError where it is no UTF-8."""
        return (self.content or b"").decode("utf-8-sig")


class Storage:
    def __init__(self, account: Account, faults: FaultPoints) -> None:
        self._account = account
        self._faults = faults
        self._documents: dict[str, Document] = {}
        self._lifetime = timedelta(seconds=ceil(LIFETIME.total_seconds() / account.time_scale))

    def open(self, content_type: str) -> Document:
        """An empty document, to be uploaded with exactly this content type."""
        id_ = f"{ID_PREFIX}{self._account.region.lower()}.{self._account.uuid()}"
        self._documents[id_] = Document(id_, content_type, self._account.market.now())
        return self._documents[id_]

    def keep(self, content: bytes, content_type: str) -> Document:
        """A document to be downloaded. Compressed without a time in it, so that the same content is the same bytes."""
        document = self.open(content_type)
        document.compressed = len(content) >= COMPRESSED_FROM
        document.content = gzip.compress(content, mtime=0) if document.compressed else content
        return document

    def publish(self, call: Call, content: bytes, content_type: str) -> str:
        """A link to what is the same document for everyone, and never compressed."""
        id_ = f"{ID_PREFIX}{sha256(content).hexdigest()[:32]}"
        document = Document(id_, content_type, self._account.market.now(), content)
        self._documents[id_] = document
        return self._link(call, document, "GET", {}, AmazonFault.EXPIRED_DOWNLOAD_LINK)

    def find(self, id_: str) -> Document | None:
        return self._documents.get(id_)

    def kept(self, id_: str, span: timedelta) -> Document:
        """Raises AmazonRefusal for one that there never was, or that is older than `span`."""
        document = self._documents.get(id_)
        if document is None or self._account.market.now() - document.created_at > span:
            raise AmazonRefusal(404) if id_.startswith(ID_PREFIX) else invalid("The id of the document is not valid.")
        return document

    def upload_link(self, call: Call, document: Document) -> str:
        return self._link(call, document, "PUT", {}, AmazonFault.EXPIRED_UPLOAD_LINK)

    def word_link(self, call: Call, document: Document) -> Json:
        """Where to download it, as the request wants it: a compressed one with the header Content-Encoding, or not."""
        encoded = parameters.flag(call, "enableContentEncodingUrlHeader") and document.compressed
        more = {"response-content-encoding": "gzip"} if encoded else {}
        words = {"url": self._link(call, document, "GET", more, AmazonFault.EXPIRED_DOWNLOAD_LINK)}
        return words | ({"compressionAlgorithm": "GZIP"} if document.compressed else {})

    # Routes

    @route("PUT /documents/{id}", spends=UNMETERED, public=True, raw=True)
    def put_document(self, call: Call) -> Json:
        document = self._signed(call, "PUT", call.headers.get("content-type", ""))
        if isinstance(document, Answer):
            return document
        document.content = call.body
        return Answer(200, b"", headers={"ETag": f'"{sha256(call.body).hexdigest()[:32]}"'})

    @route("GET /documents/{id}", spends=UNMETERED, public=True)
    def get_document(self, call: Call) -> Json:
        document = self._signed(call, "GET", "")
        if isinstance(document, Answer):
            return document
        if document.content is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        encoding = call.text("response-content-encoding", None)
        headers = {"content-type": document.content_type} | ({"content-encoding": encoding} if encoding else {})
        return Answer(200, document.content, headers=headers)

    def _link(self, call: Call, document: Document, method: str, more: Mapping[str, str], fault: AmazonFault) -> str:
        given = self._account.market.now() - (2 * self._lifetime if self._faults.strikes(fault) else timedelta())
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": given.strftime("%Y%m%dT%H%M%S.%fZ"),
            "X-Amz-SignedHeaders": "content-type;host" if method == "PUT" else "host",
            "X-Amz-Expires": str(int(self._lifetime.total_seconds())),
            **more,
        }
        signature = _signature(method, document, query["X-Amz-Date"])
        base = hosts.base_of(call, hosts.STORAGE[self._account.region])
        return f"{base}/documents/{document.id}?{urlencode(query | {'X-Amz-Signature': signature})}"

    def _signed(self, call: Call, method: str, content_type: str) -> Document | Answer:
        """The document, or why the link does not lead to it."""
        document = self._documents.get(call.path["id"])
        if document is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        if any(name.startswith("x-amz-") for name in call.headers):
            return _refusal(403, "AccessDenied", "There were headers present in the request which were not signed")
        date = call.text("X-Amz-Date", "")
        typed = method != "PUT" or content_type == document.content_type
        if not typed or call.text("X-Amz-Signature", "") != _signature(method, document, date):
            return _refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
        given = datetime.strptime(date, "%Y%m%dT%H%M%S.%f%z")
        if self._account.market.now() - given > self._lifetime:
            return _refusal(403, "AccessDenied", "Request has expired")
        return document


def _signature(method: str, document: Document, date: str) -> str:
    """Of what S3 signs, as far as it matters here. There is no key: nobody is kept out."""
    return sha256(f"{method} {document.id} {document.content_type} {date}".encode()).hexdigest()


def _refusal(status: int, code: str, message: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, body.encode(), headers={"content-type": "application/xml"})
