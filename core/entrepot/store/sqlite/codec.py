"""Values to columns and back.

Instants are text that sorts; amounts of money are text, for SQLite would make them floats.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from cattrs import Converter

from entrepot.model import Order, Sku, utc
from entrepot.stock.rules import Rule


def instant(value: datetime) -> str:
    """`2026-11-24T08:00:00.000000Z`: always 27 characters, so that text order is time order."""
    return _text(utc(value))


@lru_cache(1000)
def _text(value: datetime) -> str:
    """A page writes few instants many times. Only of UTC: a cache would take an hour that occurs twice for one."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def optional_instant(value: datetime | None) -> str | None:
    return None if value is None else instant(value)


@lru_cache(1000)
def parse_instant(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))


def parse_optional(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def _converter() -> Converter:
    converter = Converter(omit_if_default=True, detailed_validation=False)  # of documents that we wrote
    converter.register_unstructure_hook(datetime, instant)
    converter.register_structure_hook(datetime, lambda text, _: parse_instant(text))
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    return converter


_CONVERTER = _converter()


def dump_order(order: Order) -> str:
    # the names of data sets are an enumeration, even as keys
    return orjson.dumps(_CONVERTER.unstructure(order), option=orjson.OPT_NON_STR_KEYS).decode()


def parse_order(document: str) -> Order:
    return _CONVERTER.structure(orjson.loads(document), Order)


def dump_rules(rules: Sequence[Rule]) -> str:
    return dump_json(_CONVERTER.unstructure(rules))


@lru_cache(100)
def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read with every account, in every transaction."""
    return _CONVERTER.structure(orjson.loads(text), tuple[Rule, ...])


@lru_cache(100)
def parse_bundles(text: str) -> Mapping[str, Mapping[Sku, int]]:
    found: Mapping[str, Mapping[Sku, int]] = parse_json(text)
    return found


def dump_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def parse_json(text: str | bytes) -> Any:
    return orjson.loads(text)
