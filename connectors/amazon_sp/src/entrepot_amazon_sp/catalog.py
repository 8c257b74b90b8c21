"""Amazon's operations as data: what each takes, how often it may be called, how its pages go on.

`scripts/derive_catalog.py` writes the data from Amazon's models. It is read with the first look-up, not with the
import, and one operation at a time is made of it.
"""

import json
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from attrs import frozen

from entrepot.channel import Limit
from entrepot_amazon_sp.buckets import of_application

MOST_NEAR = 3
"""Operations that are named for one that is misspelled."""


class Effect(StrEnum):
    """What a call leaves behind. UNKNOWN: sent twice it may do its work twice, so look before it is repeated."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    UNKNOWN = "unknown"


@frozen
class Parameter:
    """`array`: how several values are written, `csv` in one or `multi` with the name repeated; "" where one is taken.

    `enum` is empty where the model lists none or more than a dozen.
    """

    name: str
    place: Literal["path", "query", "header"]
    type: str
    required: bool
    enum: tuple[str, ...]
    array: Literal["csv", "multi", ""]


@frozen
class Body:
    """`fields` are those of its top level; empty where it is a list or the model names none."""

    required: bool
    fields: frozenset[str]


@frozen
class Paging:
    """The value at `token` in an answer goes into `parameter` of the next request; without one it was the last page.

    `others` is what happens to the other query parameters. `set`: those that change from the second page on.
    """

    parameter: str
    token: tuple[str, ...]
    others: Literal["repeat", "drop"]
    set: Mapping[str, str]


@frozen
class Operation:
    """`id` is the model's name and the operation's (`orders_2026-01-01.searchOrders`).

    `limit` is what Amazon publishes for each application and seller, and for an application over all its sellers;
    `limit_source` is `assumed` where a model
    publishes nothing. `answer`: the result stands in `payload`, is the body itself, or there is none. `grantless`: the
    scope with which the application asks for itself. `restricted`: personal data needs a restricted data token;
    `data_elements` are the kinds of it that can be asked for singly, empty where it is all or nothing.
    """

    id: str
    method: Literal["DELETE", "GET", "PATCH", "POST", "PUT"]
    path: str
    parameters: Mapping[str, Parameter]
    body: Body | None
    limit: Limit
    limit_source: Literal["model", "assumed"]
    answer: Literal["payload", "direct", "none"]
    effect: Effect
    paging: Paging | None = None
    grantless: str = ""
    restricted: bool = False
    data_elements: tuple[str, ...] = ()
    sandbox_only: bool = False
    deprecated: date | None = None
    removed: date | None = None
    instead: str = ""


@frozen
class DocumentType:
    """A type of feeds or reports, and what is known of it beside its name: of most, nothing.

    `restricted`: its documents need a restricted data token. `requestable` False: Amazon makes it by itself, or never
    made it. `instead` is what to use where it cannot be created.
    """

    name: str
    restricted: bool = False
    requestable: bool = True
    removed: date | None = None
    instead: str = ""


def ids() -> tuple[str, ...]:
    """Of all operations, in order."""
    return tuple(_data()["operations"])


def find(name: str) -> Operation:
    """An operation by its id, or by the part behind the dot where that is unique or has a default.

    Raises ValueError that names the candidates, or those that are spelled nearly so.
    """
    entries, defaults = _data()["operations"], _data()["defaults"]
    if name in entries:
        return _operation(name)
    if name in defaults:
        return _operation(defaults[name])
    candidates = _by_short_id().get(name, [])
    if len(candidates) == 1:
        return _operation(candidates[0])
    if candidates:
        raise ValueError(f"{name!r} is an operation of several APIs. Next: choose from {', '.join(candidates)}")
    raise ValueError(f"Amazon has no operation {name!r}. {_nearest(name)}")


def feed_type(name: str) -> DocumentType:
    return _document_type(name, "feed_types")


def report_type(name: str) -> DocumentType:
    return _document_type(name, "report_types")


def report_types() -> tuple[DocumentType, ...]:
    """Those that the catalog knows, removed ones included."""
    return tuple(map(report_type, _data()["report_types"]))


def _document_type(name: str, kind: str) -> DocumentType:
    """Amazon has types that the catalog does not know, and adds some."""
    known = dict(_data()[kind].get(name, {}))
    return DocumentType(name, removed=_day(known.pop("removed", None)), **known)


def _nearest(name: str) -> str:
    """At most three: those that differ in case and underscores alone, else in spelling; vendors' and retiring last."""
    plain, by_plain = _plain(name), _by_plain_id()
    matches = [plain] if plain in by_plain else get_close_matches(plain, by_plain, n=MOST_NEAR)
    near = dict.fromkeys(id_ for match in matches for id_ in by_plain[match])
    if not near:
        return "Next: look it up in Amazon's reference of the Selling Partner API"
    best = sorted(near, key=lambda id_: (id_.startswith("vendor"), bool(_operation(id_).removed)))[:MOST_NEAR]
    return f"Next: did you mean {', '.join(map(_marked, best))}?"


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _marked(id_: str) -> str:
    removed = _operation(id_).removed
    return f"{id_} (which Amazon removes on {removed})" if removed else id_


@cache
def _data() -> Any:
    return json.loads(files(__package__).joinpath("data/catalog.json").read_bytes())


@cache
def _by_short_id() -> Mapping[str, list[str]]:
    """One model has an id for two methods: the second bears its method, and the short one means neither."""
    found: dict[str, list[str]] = {}
    for id_ in ids():
        short = id_.partition(".")[2]
        for name in {short, short.removesuffix("_POST")}:
            found.setdefault(name, []).append(id_)
    return found


@cache
def _by_plain_id() -> Mapping[str, list[str]]:
    """Whole ids and short ones."""
    found: dict[str, list[str]] = {}
    for name, named in [*((id_, [id_]) for id_ in ids()), *_by_short_id().items()]:
        found.setdefault(_plain(name), []).extend(named)
    return found


@cache
def _operation(id_: str) -> Operation:
    entry = _data()["operations"][id_]
    body, paging = entry.get("body"), entry.get("paging")
    return Operation(
        id=id_,
        method=entry["method"],
        path=entry["path"],
        parameters={each["name"]: _parameter(each) for each in entry["parameters"]},
        body=Body(body["required"], frozenset(body["fields"])) if body else None,
        limit=Limit(entry["rate"], entry["burst"], of_application(entry.get("application", {}))),
        limit_source=entry["rate_source"],
        answer=entry["answer"],
        effect=Effect(entry["effect"]),
        paging=_paging(paging) if paging else None,
        grantless=entry.get("grantless", ""),
        restricted=entry.get("restricted", False),
        data_elements=tuple(entry.get("data_elements", ())),
        sandbox_only=entry.get("sandbox_only", False),
        deprecated=_day(entry.get("deprecated")),
        removed=_day(entry.get("removed")),
        instead=entry.get("instead", ""),
    )


def _parameter(entry: Any) -> Parameter:
    return Parameter(
        name=entry["name"],
        place=entry["in"],
        type=entry["type"],
        required=entry.get("required", False),
        enum=tuple(entry.get("enum", ())),
        array=entry.get("array", ""),
    )


def _paging(entry: Any) -> Paging:
    return Paging(entry["parameter"], tuple(entry["token"]), entry["others"], entry.get("set", {}))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
