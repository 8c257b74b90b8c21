"""JSON Schema of plugins.toml, from the classes that read it, for completion in editors."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import attrs

from entrepot.channel import ChannelType, Environment, Secret
from entrepot.config.model import Tls, Unmapped
from entrepot.config.schedule import EVERY, HOUR
from entrepot.model import CountMeaning, ProblemKind, Publish
from entrepot.stock.mass_change import Share

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_SCHEDULE: Schema = {"type": "string", "pattern": f"^({HOUR}|{EVERY})$"}
_PLAIN: Mapping[Any, Schema] = {
    str: _TEXT,
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    ZoneInfo: _TEXT,
    # A date or a time of TOML: editors hand it to the schema as text.
    date: _TEXT,
    datetime: _TEXT,
    timedelta: {"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhd]$"},
    Share: {"type": "string", "pattern": "^(100|[0-9]{1,2})(\\.[0-9]{1,3})?%$"},
    Secret: {"type": "string", "description": 'A reference: "env:NAME" or "file:PATH"'},
}


def schema(channels: Mapping[str, ChannelType]) -> Schema:
    """Of the whole file. The settings of an account are those of its channel, one of `channels`."""
    keys = {
        "entrepot": _table(_home(), "store"),
        "plugins": {"type": "object", "additionalProperties": _TEXT},
        "credentials": {"type": "object", "additionalProperties": {"type": "object"}},
        "accounts": {"type": "object", "additionalProperties": _account(channels)},
        "skus": _skus(),
        "locations": {"type": "object", "additionalProperties": _location()},
        "stock": _stock(),
        "rules": {"type": "array", "items": _rule()},
        "schedule": _table(dict.fromkeys(("order_audit", "drift_sweep", "purge"), _SCHEDULE)),
        "alerts": {"type": "array", "items": _alert()},
        "mail": _mail(),
    }
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "plugins.toml", **_table(keys, "entrepot")}


def _home() -> dict[str, Schema]:
    keys = {"key": _of(Secret), "previous_keys": _of(tuple[Secret, ...])}
    return {"store": _TEXT, "time_zone": _of(ZoneInfo), "metrics": _TEXT, **keys}


def _account(channels: Mapping[str, ChannelType]) -> Schema:
    keys = {
        "channel": {"enum": sorted(channels)} if channels else _TEXT,
        "marketplaces": _of(tuple[str, ...]),
        "publish": _of(Publish),
        "environment": _of(Environment),
        "time_scale": _whole(1),
        "simulator": _TEXT,
        "offers": _TEXT,
        "monthly_gets": _whole(1),
        "orders": _table({"since": _of(date), "freshness": _of(timedelta)}),
        "credentials": _TEXT,
        "settings": {"type": "object"},
    }
    by_channel = {"allOf": [_settings_of(channel) for channel in channels.values()]} if channels else {}
    return _table(keys, "channel") | by_channel


def _settings_of(channel: ChannelType) -> Schema:
    """What is required may come from the credentials, so it is only where an account has none."""
    settings = _of(channel.settings)
    required = settings.pop("required", [])
    wanted: Schema = {"required": ["settings"], "properties": {"settings": {"required": required}}}
    without = {"if": {"not": {"required": ["credentials"]}}, "then": wanted if required else True}
    this = {"properties": {"channel": {"const": channel.id}}, "required": ["channel"]}
    return {"if": this, "then": {"properties": {"settings": settings}, "allOf": [without]}}


def _skus() -> Schema:
    parts = {"type": "object", "additionalProperties": _whole(1), "minProperties": 1}
    bundles = {"type": "object", "additionalProperties": parts}
    return _table({"catalog": _TEXT, "bundles": bundles, "unmapped": _of(Unmapped)}, "catalog")


def _location() -> Schema:
    country: Schema = {"type": "string", "pattern": "^[A-Z]{2}$"}
    return _table({"country": country, "priority": _whole(1), "held_by": _TEXT})


def _stock() -> Schema:
    shares = _table({"zeroed": _of(Share), "changed": _of(Share)})
    return _table({"counts": _of(CountMeaning), "hold_if": shares})


def _rule() -> Schema:
    matchers = dict.fromkeys(("account", "group", "sku"), _TEXT)
    whole = dict.fromkeys(("buffer", "cap", "stop_below"), _whole(0))
    return _table(matchers | whole | {"share": _of(Share), "publish": _of(Publish)})


def _alert() -> Schema:
    return _table({"to": _TEXT, "problems": _of(tuple[ProblemKind, ...]), "secret": _of(Secret)}, "to")


def _mail() -> Schema:
    texts = {"server": _TEXT, "from": _TEXT, "user": _TEXT}
    return _table(texts | {"port": _whole(1), "tls": _of(Tls), "password": _of(Secret)}, "server", "from")


def _whole(least: int) -> Schema:
    return {"type": "integer", "minimum": least}


def _table(keys: Mapping[str, Schema], *required: str) -> Schema:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(keys), "additionalProperties": False, **needed}


def _of(kind: Any) -> Schema:
    """Of a type as settings have it; one that is not known here allows anything."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and attrs.has(kind):
        return _class(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [choice.value for choice in kind]}
    return _of_several(kind)


def _of_several(kind: Any) -> Schema:
    inner = [one for one in get_args(kind) if one not in {type(None), ...}]
    if get_origin(kind) in {Union, UnionType}:
        return _of(inner[0]) if len(inner) == 1 else {"anyOf": [_of(one) for one in inner]}
    if get_origin(kind) in {list, tuple, set, frozenset}:
        return {"type": "array", "items": _of(inner[0]) if len(set(inner)) == 1 else {}}
    if get_origin(kind) in {dict, Mapping}:
        return {"type": "object", "additionalProperties": _of(inner[1])}
    return {}


def _class(kind: type) -> Schema:
    hints = get_type_hints(kind)
    fields = [field for field in attrs.fields(kind) if field.init]
    required = [field.alias for field in fields if field.default is attrs.NOTHING]
    return _table({field.alias: _of(hints[field.name]) for field in fields}, *required)
