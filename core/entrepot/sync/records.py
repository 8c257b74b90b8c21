"""From a page as the channel sent it to values that can be stored, record by record. No I/O."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import is_
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


def map_records(channel: ChannelType, kind: str, records: Sequence[Json]) -> list[Mapped]:
    """Map each record by itself; one that fails does not touch the others."""
    return [map_record(channel, kind, record) for record in records]


@frozen
class Cut:
    """A record without personal data; `reason` where it cannot be stored."""

    record: Json
    content_hash: str
    body: bytes
    reason: str = ""


def map_record(channel: ChannelType, kind: str, record: Json) -> Mapped:
    return map_cut(channel, kind, cut(channel, kind, record))


def cut(channel: ChannelType, kind: str, record: Json) -> Cut:
    """Personal data is cut out before anything else happens, the fingerprint included."""
    for path in channel.pii_paths.get(kind, ()):
        record = without(record, path.split("."))
    try:
        body = orjson.dumps(record, default=_exact_number, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as refused:  # half a surrogate pair, or a number of more than 64 bits
        body = json.dumps(record, default=str, sort_keys=True).encode()
        return Cut(record, _fingerprint(body), body, f"cannot be stored: {refused}")
    return Cut(record, _fingerprint(body), body)


def map_cut(channel: ChannelType, kind: str, part: Cut) -> Mapped:
    """A mapper has nothing but the record: the same content is the same value."""
    if part.reason:
        return Mapped(part.content_hash, part.body, reason=part.reason)
    try:
        value = channel.maps[kind](part.record)
        if isinstance(value, Order):
            revision_of(channel, value)
        return Mapped(part.content_hash, part.body, value)
    except RecordError as refused:
        return Mapped(part.content_hash, part.body, reason=str(refused))
    except Exception as error:  # noqa: BLE001 - a plugin's mapper may raise anything; the page goes on
        return Mapped(part.content_hash, part.body, reason=f"{type(error).__name__}: {error}")


def revision_of(channel: ChannelType, order: Order) -> str:
    """The text by which versions of an order compare. Raises RecordError for an order without one."""
    name = channel.revision["order"]
    value = getattr(order, name)
    if value in (None, UNTOLD, ""):
        reason = f"the order has no {name}, by which {channel.id} tells its newer version"
        raise RecordError([reason])
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return f"{value:020d}" if isinstance(value, int) else str(value)


def map_kept(channel: ChannelType, kind: str, body: bytes) -> Mapped:
    """Map a body as it was kept, with exact numbers."""
    return map_record(channel, kind, json.loads(body, parse_float=Decimal))


def without(record: Json, path: list[str]) -> Json:
    """The record where nothing lies at `path`, else a copy that lacks it; a step ending in `[]` goes through a list."""
    step, rest = path[0], path[1:]
    name = step.removesuffix("[]")
    if not isinstance(record, dict) or name not in record:
        return record
    if not rest:
        return {key: value for key, value in record.items() if key != name}
    inner = record[name]
    if step.endswith("[]") and isinstance(inner, list):
        kept: Json = [without(item, rest) for item in inner]
        return record if all(map(is_, kept, inner)) else record | {name: kept}
    kept = without(inner, rest)
    return record if kept is inner else record | {name: kept}


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
