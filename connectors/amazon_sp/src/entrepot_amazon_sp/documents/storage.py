"""What Amazon's storage says when it refuses: XML, with words of its own.

Codes are those of the S3 page "Error responses".
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta

from entrepot.channel import ChannelError, ForbiddenError, RejectedError, TransientError
from entrepot.errors import NothingListens
from entrepot.http import Arrival
from entrepot.http.policy import Waits
from entrepot.runtime import Rng

WAITS = Waits(first=timedelta(seconds=1))
"""After an attempt that failed and may go well again. The storage has no quota of ours, so no period is longer."""

ATTEMPTS = 4
"""In a row without news."""

KINDS: Mapping[str, type[ChannelError]] = {
    "AccessDenied": ForbiddenError,
    "BadDigest": TransientError,
    "EntityTooLarge": RejectedError,
    "ExpiredToken": TransientError,
    "IncompleteBody": TransientError,
    "InternalError": TransientError,
    "NoSuchKey": RejectedError,
    "RequestTimeTooSkewed": TransientError,
    "RequestTimeout": TransientError,
    "ServiceUnavailable": TransientError,
    "SignatureDoesNotMatch": RejectedError,
    "SlowDown": TransientError,
}

OF_LINKS = frozenset({"AccessDenied", "ExpiredToken", "RequestTimeTooSkewed"})
"""Codes of a TransientError that say that the link is no good any more."""

NEXT: Mapping[str, str] = {
    "AccessDenied": "ask Amazon's support, with the request's id",
    "EntityTooLarge": "divide the content",
    "NoSuchKey": "make the feed or report again: Amazon keeps documents of feeds 28 days, of reports 90",
    "SignatureDoesNotMatch": "see that nothing on the way changes the address or the content type",
}

EXPIRED = re.compile("expired", re.IGNORECASE)
"""An expired link is an AccessDenied as well; only the message tells it from a missing permission."""


def asks_for_a_new_link(error: TransientError) -> bool:
    """The same request at another link may go well."""
    return error.code in OF_LINKS


async def pause(error: TransientError, failures: int, rng: Rng) -> None:
    """Before the next attempt, after so many `failures` in a row. Raises `error` where there is none."""
    if failures == ATTEMPTS or isinstance(error, NothingListens):
        raise error
    await asyncio.sleep(WAITS.after_failure(failures, timedelta(), rng.random()).total_seconds())


async def refusal(arrival: Arrival, doing: str) -> ChannelError:
    """The error for an answer that is no success. A redirect is none: Amazon's links are used as they are."""
    text = await arrival.refusal()
    code, message = _said("Code", text), _said("Message", text)
    kind = TransientError if EXPIRED.search(message) else KINDS.get(code) or _by_status(arrival.status)
    next_action = f". Next: {NEXT[code]}" if code in NEXT and kind is not TransientError else ""
    request_id = arrival.headers.get("x-amz-request-id", "")
    words = f"{doing}: Amazon's storage answered {arrival.status} {code}: {message}".rstrip(" :")
    words += f" (request {request_id})" if request_id else ""
    return kind(words + next_action, status=arrival.status, code=code, request_id=request_id)


def _said(name: str, text: str) -> str:
    """By pattern: two flat fields are wanted, and a parser of XML would unfold whatever a stranger's document says."""
    found = re.search(rf"<{name}>([^<]{{0,300}})", text)
    return " ".join(found[1].split()) if found else ""


def _by_status(status: int) -> type[ChannelError]:
    return RejectedError if 300 <= status < 500 else TransientError  # noqa: PLR2004 - HTTP's numbers
