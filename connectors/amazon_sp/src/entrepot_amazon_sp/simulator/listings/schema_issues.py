"""What a schema of a product type has against the attributes of a submission, in Amazon's codes of issues.

The codes are those that sellers report: 90220 (an attribute is missing), 99022 (a part of one is), 99016 (too many
entries), 90244 (none of the values to choose from), 90000900 (no such attribute, or not of its shape) and 4000001 (a
value that does not fit). An issue names the attribute, however deep the fault lies in it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from attrs import frozen

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.listings.definitions import Schema

INFORMATIONAL = frozenset({"title", "editable", "hidden", "enumNames", "default", "selectors", "minUniqueItems"})
"""Keywords that are for people, or for the keyword beside them."""

TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: TYPES["number"](value) and value == Decimal(value).to_integral_value(),
    "number": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
}


@frozen
class Fault:
    """`category` is None where Amazon names none."""

    code: str
    text: str
    category: str | None = "INVALID_ATTRIBUTE"


SHAPE = Fault("90000900", "The attributes are invalid.")


@frozen
class Judge:
    """`partial`: an entry that is merged into another needs its selectors only."""

    attribute: str
    definitions: Schema
    partial: bool = False

    def faults(self, name: str, schema: Schema, value: Any, needed: Sequence[str] | None = None) -> Iterator[Fault]:
        """Of the value of the member `name`. `needed` takes the place of what the schema requires."""
        if "$ref" in schema:
            schema = self.definitions[schema["$ref"].rpartition("/")[2]]
        if not TYPES[schema["type"]](value):
            yield SHAPE if schema["type"] in {"object", "array"} else _unfit(name)
        elif schema["type"] == "object":
            yield from self._of_object(schema, value, schema.get("required", ()) if needed is None else needed)
        elif schema["type"] == "array":
            yield from self._of_array(name, schema, value)
        else:
            yield from _of_plain(name, schema, value)

    def _of_object(self, schema: Schema, value: Mapping[str, Any], needed: Sequence[str]) -> Iterator[Fault]:
        members = schema["properties"]
        yield from (self._too_few(name) for name in needed if name not in value)
        yield from (SHAPE for name in value if name not in members)
        known = {name: inner for name, inner in value.items() if name in members}
        yield from chain.from_iterable(self.faults(name, members[name], inner) for name, inner in known.items())

    def _of_array(self, name: str, schema: Schema, values: list[Any]) -> Iterator[Fault]:
        if len(values) < schema["minItems"]:
            yield self._too_few(name)
        needed = self._needed(schema)
        yield from chain.from_iterable(self.faults(name, schema["items"], value, needed) for value in values)
        keys = [_key(schema["selectors"], value) for value in values] if "selectors" in schema else []
        most = max(Counter(keys).values(), default=0)
        if most > schema.get("maxUniqueItems", most):
            allowed = f"A maximum of {schema['maxUniqueItems']} occurrence(s) is/are allowed for the attribute {name}"
            yield Fault("99016", f"{allowed} but it currently occurs {most} times.")

    def _too_few(self, field: str) -> Fault:
        where = f"The field '{field}' for the attribute '{self.attribute}'"
        return Fault("99022", f"{where} does not have enough values. The required minimum is '1' value(s).")

    def _needed(self, schema: Schema) -> Sequence[str] | None:
        if not self.partial or "selectors" not in schema:
            return None
        return [name for name in schema["items"]["required"] if name in schema["selectors"]]


def _key(selectors: Sequence[str], entry: Any) -> tuple[str, ...]:
    """As text: what is no text is a fault of its own."""
    return tuple(repr(entry.get(name)) for name in selectors) if isinstance(entry, Mapping) else ()


def _of_plain(name: str, schema: Schema, value: Any) -> Iterator[Fault]:
    if value not in schema.get("enum", [value]):
        yield Fault("90244", f"The value that was entered for '{name}' cannot be accepted: it is none of the list.")
    if any(keyword in schema and not fits(value, schema[keyword]) for keyword, fits in LIMITS.items()):
        yield _unfit(name)


LIMITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "maxUtf8ByteLength": lambda value, most: len(value.encode("utf-8", "replace")) <= most,
    "minimum": lambda value, least: value >= least,
    "exclusiveMinimum": lambda value, limit: value > limit,
    "maximum": lambda value, most: value <= most,
}


def _unfit(name: str) -> Fault:
    return Fault("4000001", f"The provided value for '{name}' is invalid.", None)


def find_issues(attribute: str, values: Any, schema: Schema, *, partial: bool = False) -> Iterator[Json]:
    """Of one attribute. An attribute that the product type does not have is one issue, and not looked at."""
    if attribute not in schema["properties"]:
        yield issue("90000900", f"The attribute {attribute} is invalid.", attribute)
        return
    judge = Judge(attribute, schema["$defs"], partial)
    for fault in dict.fromkeys(judge.faults(attribute, schema["properties"][attribute], values)):
        yield issue(fault.code, fault.text, attribute, fault.category)


def find_missing(attributes: Mapping[str, Any], schema: Schema) -> Iterator[Json]:
    for name in schema["required"]:
        if name not in attributes:
            message = f"'{name}' is required but not supplied."
            yield issue("90220", message, name, "MISSING_ATTRIBUTE", action="LISTING_SUPPRESSED")


def issue(
    code: str, message: str, attribute: str, category: str | None = "INVALID_ATTRIBUTE", *, action: str | None = None
) -> Json:
    """One of severity ERROR, as Amazon words it. `action`: what it does to the listing."""
    words: Json = {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": [attribute],
        "categories": [category] if category else [],
    }
    enforced = {"actions": [{"action": action}], "exemption": {"status": "NOT_EXEMPT"}}
    return words | ({"enforcements": enforced} if action else {})
