"""How an operation's next page is asked for, read from its model."""

from collections.abc import Iterator
from typing import Any

TOKENS = ("nextToken", "NextToken", "nextPageToken", "nextTokenForLineItems")
"""Names of a token in an answer."""

ASKED = (*TOKENS, "paginationToken", "pageToken")
"""Names of the parameter that takes it."""

DEEPEST = 3
"""payload, pagination, nextToken."""


def paging(model: Any, operation: Any, declared: list[Any]) -> dict[str, Any] | None:
    """`token` is the way to it in the answer. `others`: whether the other parameters are repeated or dropped.

    `set`: parameters that take another value from the second page on.
    """
    asked = next((each for each in declared if each["in"] == "query" and each["name"] in ASKED), None)
    told = next((way for schema in success_schemas(operation) for way in ways(model, schema)), None)
    if asked is None or told is None:
        return None
    alone = "only parameter" in asked.get("description", "")
    found = {"parameter": asked["name"], "token": told, "others": "drop" if alone else "repeat"}
    fixed = {each["name"]: "NEXT_TOKEN" for each in declared if "NEXT_TOKEN" in each.get("enum", [])}
    return found | ({"set": fixed} if fixed else {})


def ways(model: Any, schema: Any, depth: int = 1) -> Iterator[list[str]]:
    """The ways to a token, those of the object itself first."""
    inner = fields(model, schema)
    yield from ([name] for name in inner if name in TOKENS)
    if depth < DEEPEST:
        for name, value in inner.items():
            yield from ([name, *way] for way in ways(model, value, depth + 1))


def success_schemas(operation: Any) -> list[Any]:
    answers = operation["responses"].items()
    return [answer["schema"] for status, answer in answers if status.startswith("2") and "schema" in answer]


def fields(model: Any, schema: Any) -> dict[str, Any]:
    """Those of an object with what it inherits."""
    while "$ref" in schema:
        schema = model["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    found = dict(schema.get("properties") or {})
    for part in schema.get("allOf", []):
        found |= fields(model, part)
    return found
