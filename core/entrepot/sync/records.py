"""From a page as the channel sent it to values that can be stored, record by record. No I/O."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from attrs import frozen

from entrepot.channel import ChannelType, Json, RecordError
from entrepot.model import UNTOLD, Order


@frozen
class Mapped:
    """A record: its body without personal data, and the value, or the reason why there is none."""

    content_hash: str
    body: bytes
    value: Any = None
    reason: str = ""


class Recent:
    """The last records that were read of an account, by their content: the windows of a busy one overlap."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._kept: dict[tuple[str, str], Mapped] = {}

    def find(self, kind: str, content_hash: str) -> Mapped | None:
        return self._kept.get((kind, content_hash))

    def keep(self, kind: str, record: Mapped) -> None:
        self._kept[kind, record.content_hash] = record
        if len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]


def map_records(channel: ChannelType, kind: str, records: Sequence[Json], recent: Recent | None = None) -> list[Mapped]:
    """Map each record by itself; one that fails does not touch the others. What is `recent` is not mapped again."""
    return [map_record(channel, kind, record, recent) for record in records]


def map_record(channel: ChannelType, kind: str, record: Json, recent: Recent | None = None) -> Mapped:
    """Personal data is cut out before anything else happens, the fingerprint included."""
    for path in channel.pii_paths.get(kind, ()):
        record = without(record, path.split("."))
    try:
        body = orjson.dumps(record, default=_exact_number, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as refused:  # half a surrogate pair, or a number of more than 64 bits
        body = json.dumps(record, default=str, sort_keys=True).encode()
        return Mapped(_fingerprint(body), body, reason=f"cannot be stored: {refused}")
    fingerprint = _fingerprint(body)
    known = recent.find(kind, fingerprint) if recent else None
    if known is not None:
        return known
    mapped = _mapped(channel, kind, record, fingerprint, body)
    if recent:
        recent.keep(kind, mapped)
    return mapped


def _mapped(channel: ChannelType, kind: str, record: Json, fingerprint: str, body: bytes) -> Mapped:
    try:
        value = channel.maps[kind](record)
        if isinstance(value, Order):
            revision_of(channel, value)
        return Mapped(fingerprint, body, value)
    except RecordError as refused:
        return Mapped(fingerprint, body, reason=str(refused))
    except Exception as error:  # noqa: BLE001 - a plugin's mapper may raise anything; the page goes on
        return Mapped(fingerprint, body, reason=f"{type(error).__name__}: {error}")


def revision_of(channel: ChannelType, order: Order) -> str:
    """The text by which versions of an order compare. Raises RecordError for an order without one."""
    name = channel.revision["order"]
    value = getattr(order, name)
    if value in {None, UNTOLD, ""}:
        reason = f"the order has no {name}, by which {channel.id} tells its newer version"
        raise RecordError([reason])
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return f"{value:020d}" if isinstance(value, int) else str(value)


def map_kept(channel: ChannelType, kind: str, body: bytes) -> Mapped:
    """Map a body as it was kept, with exact numbers."""
    return map_record(channel, kind, json.loads(body, parse_float=Decimal))


def without(record: Json, path: list[str]) -> Json:
    """A copy of a record that lacks what lies at `path`; a step ending in `[]` goes through a list."""
    step, rest = path[0], path[1:]
    name = step.removesuffix("[]")
    if not isinstance(record, dict) or name not in record:
        return record
    if not rest:
        return {key: value for key, value in record.items() if key != name}
    inner = record[name]
    if step.endswith("[]") and isinstance(inner, list):
        return record | {name: [without(item, rest) for item in inner]}
    return record | {name: without(inner, rest)}


def page_fingerprint(records: Sequence[Mapped], next_cursor: str | None) -> str:
    """Two pages with the same records and the same way on are the same page."""
    digest = hashlib.sha256((next_cursor or "").encode())
    for record in records:
        digest.update(record.content_hash.encode())
    return digest.hexdigest()[:16]


def _fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _exact_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)
