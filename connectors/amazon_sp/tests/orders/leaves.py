"""Values at the paths of a document and of our order, such as `orderItems[].product.title`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation


def found(value, path):
    """All values at a path, in sequence; None where one is left out. A list that is left out has none."""
    if not path:
        return [value]
    step, _, rest = path.partition(".")
    inner = _step(value, step.removesuffix("[]"))
    many = (inner or ()) if step.endswith("[]") else (inner,)
    return [leaf for one in many for leaf in found(one, rest)]


def _step(value, name):
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def changed(document, path):
    """A copy of a document with other values at a path."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    if name not in document:
        return document
    inner = document[name]
    into = (lambda one: changed(one, rest)) if rest else (lambda one: another(one, path))
    return document | {name: [into(one) for one in inner] if step.endswith("[]") else into(inner)}


def another(value, path):
    if path == "currencyCode":
        return "CHF"
    if not isinstance(value, str):
        return value + 1
    try:
        return str(Decimal(value) + 1)
    except InvalidOperation:
        pass
    try:
        return (datetime.fromisoformat(value) + timedelta(days=1)).isoformat()
    except ValueError:
        return value + "_OTHER"


def has_arrived(told, value):
    """Whether what a document tells is what an order of ours says; told nothing, it says nothing."""
    if told is None or told == "":
        return not value
    if isinstance(value, datetime):
        return datetime.fromisoformat(told) == value
    return Decimal(told) == value if isinstance(value, Decimal) else told == value
