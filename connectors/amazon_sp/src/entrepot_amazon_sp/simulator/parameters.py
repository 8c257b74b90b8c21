"""Query parameters as Amazon's models describe them: arrays are comma-separated.

That a repeated name is refused is a guess.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from entrepot.simulation import Call
from entrepot_amazon_sp.simulator import times
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid

Refuse = Callable[[str], AmazonRefusal]


def single(call: Call, name: str, refuse: Refuse = invalid) -> str | None:
    values = call.texts(name)
    if len(values) > 1:
        raise refuse(f"{name} is given {len(values)} times; an array is comma-separated.")
    return values[0] if values else None


def array(
    call: Call,
    name: str,
    *,
    allowed: Collection[str] | None = None,
    most: int | None = None,
    refuse: Refuse = invalid,
) -> tuple[str, ...]:
    """Empty where the parameter is absent."""
    text = single(call, name, refuse)
    if text is None:
        return ()
    values = tuple(text.split(","))
    if "" in values:
        raise refuse(f"{name} has an empty value.")
    unknown = [value for value in values if allowed is not None and value not in allowed]
    if unknown:
        raise refuse(f"{name} has no value {unknown[0]}.")
    if most is not None and len(values) > most:
        raise refuse(f"{name} takes {most} values at most.")
    return values


def number(call: Call, name: str, default: int, most: int, refuse: Refuse = invalid) -> int:
    """From 1 to `most`."""
    text = single(call, name, refuse)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise refuse(f"{name} is a number from 1 to {most}.")
    return int(text)


def flag(call: Call, name: str) -> bool:
    """False where the parameter is absent. Amazon's own SDK writes booleans with a capital letter."""
    text = (single(call, name) or "false").lower()
    if text not in {"true", "false"}:
        raise invalid(f"{name} is true or false.")
    return text == "true"


def time(call: Call, name: str) -> datetime | None:
    """ISO 8601."""
    text = single(call, name)
    try:
        return None if text is None else times.read(text)
    except ValueError:
        raise invalid(f"{name} is no time in ISO 8601.") from None


def stores_of(body: Mapping[str, Any], most: int) -> list[str]:
    """The `marketplaceIds` of a body. Raises AmazonRefusal unless there are one to `most`."""
    stores = body.get("marketplaceIds")
    if (
        not isinstance(stores, list)
        or not 1 <= len(stores) <= most
        or not all(isinstance(each, str) for each in stores)
    ):
        raise invalid(f"marketplaceIds has 1 to {most} values.")
    return stores
