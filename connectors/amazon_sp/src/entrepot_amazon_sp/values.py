"""Values of arguments: what would arrive as something else, or not at all, is refused before anything is sent."""

from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from entrepot.http.encode import query
from entrepot_amazon_sp.places import place_of

NEXT = {
    "bytes": "decode it to a text",
    "date": 'a datetime with an offset, or the text that Amazon wants, say "2026-11-29"',
    "generator": "a list of it",
    "timedelta": "the number or the text that Amazon wants",
}
"""By the name of a type, what to give in its place."""

PLAIN = "give a text, a number, a truth value, or a datetime with an offset"


def texts(value: Any) -> list[str]:
    """As a query has them: one of a plain value, several of a list."""
    return [text for _, text in query({"": value})]


def check_parameter(where: str, value: Any, *, several: bool) -> None:
    """Raises TypeError or ValueError that begins with `where`. `several`: a list of values will do too."""
    many = several and isinstance(value, list | tuple | set | frozenset)
    for each in value if many else (value,):
        _check_plain(where, each, f"{PLAIN}, or a list of them" if several else PLAIN)


def check_body(where: str, value: Any) -> None:
    """Raises TypeError or ValueError that begins with `where` and names the field."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(f"{where} has {name!r} as the name of a field. Next: names are texts")
            _check_text(where, name)
            check_body(f"{where}.{name}", inner)
    elif isinstance(value, list | tuple | frozenset):
        for inner in value:
            check_body(where, inner)
    elif value is not None:
        _check_plain(where, value, f"{PLAIN}, or a dict or list of them")


def check_marketplace(where: str, name: str, value: Any) -> None:
    """Raises ValueError that begins with `where` for a country's code in place of a marketplace id."""
    if name.lower() not in {"marketplaceid", "marketplaceids"}:
        return
    for each in value if isinstance(value, list | tuple | set | frozenset) else (value,):
        place = place_of(each)
        if place is not None:
            words = f"{each!r} is a country, and no marketplace id"
            raise ValueError(f"{where}: {words}. Next: {place.id!r}, which is PLACES[{place.code!r}].id")


def check_deadline(where: str, deadline: object) -> None:
    """Raises TypeError or ValueError that begins with `where`."""
    next_action = "seconds, as a number; of a timedelta its total_seconds()"
    if deadline is not None and not isinstance(deadline, int | float):
        raise TypeError(f"{where}: deadline cannot be a {type(deadline).__name__}. Next: {next_action}")
    if deadline is not None and not isfinite(deadline):
        raise ValueError(f"{where}: deadline cannot be {deadline}. Next: {next_action}, or None")


def _check_plain(where: str, value: Any, next_action: str) -> None:
    if isinstance(value, str):
        _check_text(where, value)
    elif isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{where}: {value.isoformat()} has no UTC offset. Next: value.replace(tzinfo=UTC), say")
    elif isinstance(value, int | float | Decimal):
        if not _is_number(value):
            raise ValueError(f"{where} cannot be {value}. Next: {next_action}")
    else:
        name = type(value).__name__
        action = NEXT["date"] if isinstance(value, date) else NEXT.get(name, next_action)
        raise TypeError(f"{where} cannot be a {name}. Next: {action}")


def _is_number(value: float | Decimal) -> bool:
    """JSON has no other, and orjson no whole number beyond 64 bits."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
    return value.is_finite() if isinstance(value, Decimal) else isfinite(value)


def _check_text(where: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        next_action = "look how it was decoded"
        raise ValueError(f"{where} has half a character, at {error.start} of its text. Next: {next_action}") from None
