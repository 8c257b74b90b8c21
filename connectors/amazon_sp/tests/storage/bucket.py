"""A storage on a port of this machine that checks what S3 checks of a presigned URL, and fails as told."""

import asyncio
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

HOST = "tortuga-prod-eu.s3.eu-west-1.amazonaws.com"
CHUNK = 65_536


class Bucket:
    """`faults` are used up one a request, a number of bytes after which the answer is `cut` or `stalled`, say.

    A link is for one method, one content type, and until `expire_links`. `requests` are (method, headers).
    """

    def __init__(self):
        self.objects = {}
        self.types = {}
        self.etags = {}
        self.requests = []
        self.faults = []
        self.encoding = "identity"
        self.ranges = True
        self._links = {}

    def link(self, method, path, content_type=""):
        signature = f"{len(self._links)}%2Fabc%3D"
        self._links[f"{len(self._links)}/abc="] = (method, path, content_type)
        return f"https://{HOST}{path}?X-Amz-Expires=300&X-Amz-Signature={signature}"

    def expire_links(self):
        self._links.clear()

    def put(self, path, content, content_type="text/tab-separated-values;charset=UTF-8"):
        self.objects[path], self.types[path] = content, content_type
        self.etags[path] = f'"{hash(content):x}"'

    async def serve(self, reader, writer):
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer):
                    pass
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _answer(self, reader, writer):
        method, target, headers = await _head(reader)
        self.requests.append((method, headers))
        fault = self.faults.pop(0) if self.faults else {}
        status, told, body = self._refusal(method, target, headers, fault) or ("", {}, b"")
        if status and method == "PUT":  # S3 refuses before it has read the content
            await _tell(writer, status, told, body)
            return False
        if method == "PUT":
            content = await reader.readexactly(int(headers["content-length"]))
            self.put(urlsplit(target).path, content, headers["content-type"])
            status = "200 OK"
        elif not status:
            status, told, body = self._found(urlsplit(target).path, headers)
        return await _tell(writer, status, told, body, fault)

    def _refusal(self, method, target, headers, fault):
        if "status" in fault:
            return fault["status"], fault.get("headers", {}), fault.get("body", b"")
        signature = parse_qs(urlsplit(target).query)["X-Amz-Signature"][0]
        known = self._links.get(signature)
        if known is None:
            return refused("403 Forbidden", "AccessDenied", "Request has expired")
        if known[:2] != (method, urlsplit(target).path) or known[2] != headers.get("content-type", ""):
            return refused("403 Forbidden", "SignatureDoesNotMatch", "The signature does not match")
        if "transfer-encoding" in headers:
            return refused("501 Not Implemented", "NotImplemented", "A header you provided implies functionality")
        if {"authorization", "x-amz-access-token"} & set(headers):
            return refused("400 Bad Request", "InvalidArgument", "Only one auth mechanism allowed")
        return None

    def _found(self, path, headers):
        if path not in self.objects:
            return refused("404 Not Found", "NoSuchKey", "The specified key does not exist.")
        content, etag = self.objects[path], self.etags[path]
        told = {"content-type": self.types[path], "content-encoding": self.encoding, "etag": etag}
        start = int(headers["range"].removeprefix("bytes=").removesuffix("-")) if "range" in headers else 0
        if headers.get("if-match", etag) != etag:
            return refused("412 Precondition Failed", "PreconditionFailed", "At least one did not hold")
        if not start or not self.ranges:
            return "200 OK", told, content
        told["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return "206 Partial Content", told, content[start:]


def refused(status, code, message):
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return status, {"content-type": "application/xml", "x-amz-request-id": "R5"}, body.encode()


def fault(status, code, message):
    """A refusal for `faults`."""
    status, headers, body = refused(status, code, message)
    return {"status": status, "headers": headers, "body": body}


async def _head(reader):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    return method, target, {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:-2])}


async def _tell(writer, status, headers, body, fault=None):
    """Whether the connection is still good."""
    fault = fault or {}
    length = fault.get("length", len(body))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [] if length is None else [f"content-length: {length}"]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    end = min(fault.get("cut", len(body)), fault.get("stall", len(body)))
    for begin in range(0, end, CHUNK):
        writer.write(body[begin : min(begin + CHUNK, end)])
        await writer.drain()
    if "stall" in fault:
        await asyncio.sleep(3600)
    return not fault and not status.startswith(("4", "5"))


@asynccontextmanager
async def serving(bucket):
    """The port. Connections that still hang are given up at the end."""
    talks = set()

    async def talk(reader, writer):
        talks.add(asyncio.current_task())
        with suppress(asyncio.CancelledError):  # else asyncio logs it as an error
            await bucket.serve(reader, writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in talks:
            each.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)  # sockets are closed in the loop's next turn
