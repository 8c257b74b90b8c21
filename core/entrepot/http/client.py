"""httpx, kept here: sends a request within its timeouts, and says whether it can have left."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

import httpx
from attrs import field, frozen

from entrepot.http.answer import Answer
from entrepot.http.reroute import Rerouted
from entrepot.runtime import Clock

Transport: TypeAlias = httpx.AsyncBaseTransport

TIMEOUTS = httpx.Timeout(connect=10, read=30, write=30, pool=10).as_dict()
"""Seconds, each between two signs of life. The total deadline of an operation is the core's."""

LONGEST = 64 * 2**20
"""Bytes of an answer once unpacked. A page of the largest lists has a hundredth of it; documents are streamed."""


class TooLong(httpx.DecodingError):
    """The answer is longer than any that is meant: the rest is not read."""


UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""No connection, so no byte of the request has left."""


class NotSent(Exception):  # noqa: N818 - what happened, translated by the callers
    """The request never left."""


class NoAnswer(Exception):  # noqa: N818 - what happened, translated by the callers
    """The request may have arrived."""


@frozen
class Request:
    """`url` without its query. Prints nothing that may be secret."""

    method: str
    url: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    query: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)

    def with_headers(self, headers: Mapping[str, str]) -> "Request":
        return Request(self.method, self.url, headers, self.query, self.body)


class Client:
    """One account's connections. `transport` None is the real network; environment variables have no say.

    Without httpx's own client: its cookies, redirects and hooks are of no use here, and a third of a request's time.
    """

    def __init__(self, transport: Transport | None, clock: Clock, user_agent: str) -> None:
        self._clock = clock
        self._transport = transport or httpx.AsyncHTTPTransport(trust_env=False)
        self._headers = {
            "user-agent": user_agent,
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
        }

    async def send(self, request: Request) -> Answer:
        """Raises NotSent and NoAnswer; NothingListens where a simulator does not run."""
        sent_at = self._clock.now()
        try:
            response, body = await self._exchange(request)
        except UNSENT as error:
            raise NotSent(describe(error)) from error
        except httpx.RequestError as error:
            raise NoAnswer(describe(error)) from error
        return Answer(response.status_code, response.headers, body, sent_at, self._clock.now())

    async def _exchange(self, request: Request) -> tuple[httpx.Response, bytes]:
        sent = httpx.Request(
            request.method,
            _address(request),
            headers=self._headers | {name.lower(): value for name, value in request.headers.items()},
            content=request.body,
            extensions={"timeout": TIMEOUTS},
        )
        response = await self._transport.handle_async_request(sent)
        try:
            body = await _read(response, sent)
        finally:
            await response.aclose()
        return response, body

    def reached(self, url: str) -> str:
        """Where a request to `url` goes: a simulator on a port stands in for every host."""
        return f"{self._transport.origin} in place of {url}" if isinstance(self._transport, Rerouted) else url

    async def aclose(self) -> None:
        await self._transport.aclose()


async def _read(response: httpx.Response, request: httpx.Request) -> bytes:
    """The unpacked body, piece by piece: a length that a header states is no promise, and packed bytes can grow.

    Of a refusal the beginning is enough: its status says what it is.
    """
    parts, length = [], 0
    async for part in response.aiter_bytes():
        length += len(part)
        if length > LONGEST and not response.is_success:
            break
        if length > LONGEST:
            raise TooLong(f"more than {LONGEST // 2**20} MiB were answered", request=request)
        parts.append(part)
    return b"".join(parts)


def _address(request: Request) -> str:
    """With its query in the form of httpx, which would parse the whole of it three times."""
    return f"{request.url}?{urlencode(request.query)}" if request.query else request.url


def check_url(url: str) -> str:
    """`url` without a slash at its end. Raises ValueError unless it is http(s) with a host, without a query."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is no URL: {error}") from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError(f"{url!r} is no URL of a server. Next: write it as https://host/path")
    if parsed.query or parsed.fragment or parsed.userinfo:
        raise ValueError("a base URL has no query, fragment or user. Next: leave it out")
    return url.rstrip("/")


def describe(error: httpx.RequestError) -> str:
    """Some have no text of their own."""
    text = str(error)
    if isinstance(error, TooLong):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
