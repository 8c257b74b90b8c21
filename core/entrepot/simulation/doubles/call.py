"""A request as a route of a simulated channel sees it, what the route returns, and how it refuses."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar, overload
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen
from starlette.requests import Request

from entrepot.channel import Json
from entrepot.model import utc

T = TypeVar("T")
D = TypeVar("D")

FORM = "application/x-www-form-urlencoded"

CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    410: "cursor_expired",
    429: "throttled",
}


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """Raised by a route that refuses; answered with `status`, in the words of `ShopDouble.word_refusal`.

    Neither text is ever empty there. `code`, left out, is `unauthorized` for 401, `forbidden` for 403, `not_found` for
    404, `cursor_expired` for 410, `throttled` for 429, else `refused`; `message`, left out, HTTP's phrase. A shop that
    has one field of text words the code where its error table names it, else the message.
    """

    def __init__(self, status: int, message: str = "", *, code: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or CODES.get(status, "refused")
        self.message = message or HTTPStatus(status).phrase
        self.retry_after = retry_after


class _Required:
    """No default: a request without the parameter is refused."""


REQUIRED: Any = _Required()


@frozen
class Call:
    """`path` holds the parameters of the route's pattern, `body` the decoded JSON or form (None without one).

    `limit` is what the route spends from, "" where it costs nothing. `target` is the whole path, decoded. `operation`
    is how the route is called in plans and records, "" where no route answers.
    """

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Json
    limit: str = ""
    method: str = ""
    target: str = ""
    operation: str = ""
    public: bool = False

    @overload
    def text(self, name: str) -> str: ...
    @overload
    def text(self, name: str, default: D) -> str | D: ...
    def text(self, name: str, default: Any = REQUIRED) -> Any:
        """A query parameter; of a repeated one the last. Raises Refusal where it is absent and has no default."""
        return self._read(name, default, str)

    @overload
    def number(self, name: str) -> int: ...
    @overload
    def number(self, name: str, default: D) -> int | D: ...
    def number(self, name: str, default: Any = REQUIRED) -> Any:
        return self._read(name, default, int)

    @overload
    def time(self, name: str) -> datetime: ...
    @overload
    def time(self, name: str, default: D) -> datetime | D: ...
    def time(self, name: str, default: Any = REQUIRED) -> Any:
        """ISO 8601 with an offset."""
        return self._read(name, default, lambda text: utc(datetime.fromisoformat(text)))

    def texts(self, name: str) -> list[str]:
        """Every value of a repeated query parameter."""
        return list(self.query.get(name, ()))

    def _read(self, name: str, default: Any, parse: Callable[[str], T]) -> Any:
        values = self.texts(name)
        if not values and default is not REQUIRED:
            return default
        if not values:
            raise Refusal(400, f"parameter {name} is missing", code="missing_parameter")
        try:
            return parse(values[-1])
        except ValueError as error:
            raise Refusal(400, f"parameter {name}: {error}", code="bad_parameter") from None


@frozen
class Answer:
    """What a route returns where JSON with status 200 will not do, or what a script has in place of it.

    `body` None is a refusal in the channel's words, and nothing with a success; text is HTML, bytes are sent as they
    are. In a script, `after_effect`: the route does its work all the same.
    """

    status: int
    body: Json = None
    after_effect: bool = False
    headers: Mapping[str, str] = field(factory=dict)


def read_call(request: Request, limit: str) -> Call:
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    path = {name: unquote(part) for name, part in request.path_params.items()}  # routes are found by the quoted path
    target = unquote(request.scope["path"])
    return Call(path, query, request.headers, None, limit, request.method, target)


def decoded(request: Request, content: bytes) -> Json:
    """Raises Refusal for a body that is neither JSON nor a form."""
    if not content:
        return None
    try:
        if request.headers.get("content-type", "").startswith(FORM):
            return dict(parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True))
        return json.loads(content, parse_float=Decimal)
    except ValueError as error:
        raise Refusal(400, f"the body cannot be read: {error}", code="bad_body") from None
