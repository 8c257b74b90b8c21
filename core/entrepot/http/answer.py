"""What a server answered, and what its headers say beside it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Never

from attrs import field, frozen

from entrepot.channel import Json
from entrepot.runtime import building

if TYPE_CHECKING:
    import msgspec

RESOLUTION = timedelta(seconds=1)
"""A Date header shows whole seconds, cut off."""

NO_SKEW = timedelta(seconds=2)
"""A smaller offset is within the error of its measurement."""

SLOW = timedelta(seconds=3)
"""A round trip that may be longer on one way than on the other by more than counts as no skew."""


@frozen
class Answer:
    """`headers` are found in any case. `sent_at` and `received_at` by our clock. Prints nothing that may be secret."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    sent_at: datetime
    received_at: datetime

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    @property
    def request_id(self) -> str:
        """What the channel's support asks for."""
        return self.headers.get("x-amzn-requestid") or self.headers.get("x-request-id") or ""

    def json(self) -> Json:
        """The decoded body, numbers with a point as Decimal. Raises ValueError."""
        try:
            return _decode(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def refusal_json(self) -> Json:
        """The decoded body; None where it is no JSON, which is common in refusals."""
        try:
            return self.json()
        except ValueError:
            return None

    def retry_after(self) -> timedelta | None:
        """The header of that name, in seconds or as a date. None where it is absent or says nothing sensible."""
        text = self.headers.get("retry-after", "")
        try:
            return max(timedelta(), timedelta(seconds=float(text)))
        except (ValueError, OverflowError):
            at = _http_date(text)
        return None if at is None else max(timedelta(), at - (self._date() or self.received_at))

    def clock_offset(self) -> timedelta | None:
        """By how much the server's clock is ahead of ours; None where it does not show it.

        Nobody knows on which way a slow answer lost its time, so it says nothing.
        """
        date = self._date()
        if date is None or self.received_at - self.sent_at > SLOW:
            return None
        middle = self.sent_at + (self.received_at - self.sent_at) / 2
        offset = date + RESOLUTION / 2 - middle
        return offset if abs(offset) >= NO_SKEW else timedelta()

    def _date(self) -> datetime | None:
        return _http_date(self.headers.get("date", ""))


@lru_cache(maxsize=16)  # whoever calls often gets the same second often
def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


@cache
def _decoder() -> "msgspec.json.Decoder[Json]":
    import msgspec  # noqa: PLC0415 - it takes long, and a program may end before its first answer

    return msgspec.json.Decoder(float_hook=Decimal)


def _decode(body: bytes) -> Json:
    """What the fast decoder refuses, the standard library may read (half a surrogate, UTF-16), or says better why."""
    with building():
        try:
            return _decoder().decode(body)
        except ValueError:
            return json.loads(body, parse_float=Decimal, parse_constant=_refuse)


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is no JSON")
