"""How values are written into a request."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from entrepot.channel import Json, Params
from entrepot.model import utc


def query(params: Params | None) -> list[tuple[str, str]]:
    """Names and texts in order; None is left out, a list, tuple or frozenset repeats its name. Raises TypeError."""
    return [(name, text) for name, value in (params or {}).items() for text in _texts(value)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield from map(_text, value)
    elif isinstance(value, set | frozenset):
        yield from sorted(map(_text, value))  # a set has no order, and the same run makes the same request
    elif value is not None:
        yield _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a query parameter cannot be a {type(value).__name__}")


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, with milliseconds where there are any. Raises ValueError for a naive datetime."""
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"  # noqa: PLR2004 - a millisecond
    return utc(moment).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def body(json: Json) -> bytes:
    """JSON in which a Decimal is a number with its digits, and an instant looks as in a query. Raises TypeError."""
    return orjson.dumps(json, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _default(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{value!r} cannot be sent as JSON")
