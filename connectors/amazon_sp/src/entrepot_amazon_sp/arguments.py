"""From the arguments of a call to a request; what Amazon's model does not allow is refused before anything is sent."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote

from attrs import frozen

from entrepot.channel import Headers, Json
from entrepot_amazon_sp.authorization.restricted import Resource
from entrepot_amazon_sp.catalog import Operation, Paging, Parameter
from entrepot_amazon_sp.values import check_body, check_marketplace, check_parameter, texts


@frozen
class Wanted:
    """`query` as `channel.Http` takes it: a list repeats its name. `restricted`: what needs a token of its own."""

    path: str
    query: Mapping[str, Any]
    headers: Headers
    body: Json
    restricted: Resource | None = None


def build(operation: Operation, parameters: Mapping[str, Any], body: Json) -> Wanted:
    """None is a parameter, or a body, that is left out.

    Raises ValueError for what the model does not allow, TypeError for a value of a kind that cannot be sent.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    faults = [*_unknown(operation, given), *_missing(operation, given), *_body_faults(operation, body)]
    if faults:
        raise ValueError(f"{operation.id}: {'; '.join(faults)}. Next: {_allowed(operation)}")
    _check_values(operation, given, body)
    return _placed(operation, given, body)


def check_path(operation: Operation, parameters: Mapping[str, Any]) -> None:
    """Raises ValueError for an empty part of the path. Beside `build`, for Amazon's sandbox has a case with one."""
    for name, value in parameters.items():
        if value == "" and operation.parameters[name].place == "path":
            raise ValueError(f"{operation.id}: {name!r} is empty. Next: look where it comes from")


def build_next(operation: Operation, paging: Paging, parameters: Mapping[str, Any], body: Json, token: str) -> Wanted:
    """The request for the page behind `token`, after one that `build` has let pass."""
    kept = {
        name: value
        for name, value in parameters.items()
        if value is not None and (paging.others == "repeat" or operation.parameters[name].place != "query")
    }
    return _placed(operation, {**kept, **paging.set, paging.parameter: token}, body)


def _unknown(operation: Operation, given: Mapping[str, Any]) -> list[str]:
    return [_no_parameter(operation, name) for name in given if name not in operation.parameters]


def _no_parameter(operation: Operation, name: str) -> str:
    if operation.body is not None and name in operation.body.fields:
        return f"{name!r} belongs into the body"
    return f"there is no parameter {name!r}{_near(name, operation.parameters)}"


def _near(name: str, known: Iterable[str]) -> str:
    by_small = {each.lower(): each for each in known}
    near = [by_small[each] for each in get_close_matches(name.lower(), by_small, n=1)]
    return f" (did you mean {near[0]!r}?)" if near else ""


def _missing(operation: Operation, given: Mapping[str, Any]) -> list[str]:
    required = (each for each in operation.parameters.values() if each.required)
    return [f"{each.name!r} is missing" for each in required if each.name not in given]


def _body_faults(operation: Operation, body: Json) -> list[str]:
    if operation.body is None:
        return [] if body is None else ["it takes no body"]
    if body is None:
        return ["the body is missing"] if operation.body.required else []
    if not isinstance(body, dict if operation.body.fields else dict | list | tuple):
        wanted = "dict" if operation.body.fields else "dict or list"
        return [f"the body is a {wanted}, not a {type(body).__name__}"]
    return _field_faults(operation, operation.body.fields, body) if operation.body.fields else []


def _field_faults(operation: Operation, fields: frozenset[str], body: Mapping[str, Json]) -> list[str]:
    return [
        f"{name!r} of the body is a parameter, to be given by name"
        if name in operation.parameters
        else f"the body has no field {name!r}{_near(name, fields)}"
        for name in body
        if name not in fields
    ]


def _check_values(operation: Operation, given: Mapping[str, Any], body: Json) -> None:
    for name, value in given.items():
        where = f"{operation.id}: {name}"
        check_parameter(where, value, several=operation.parameters[name].place == "query")
        check_marketplace(where, name, value)
    check_body(f"{operation.id}: body", body)
    for name, value in body.items() if isinstance(body, dict) else ():
        check_marketplace(f"{operation.id}: body.{name}", name, value)


def _allowed(operation: Operation) -> str:
    names = ", ".join(f"{each.name}{' (required)' if each.required else ''}" for each in operation.parameters.values())
    allowed = f"it takes {names}" if names else "it takes no parameters"
    if operation.body is None:
        return allowed
    fields = f" of {', '.join(sorted(operation.body.fields))}" if operation.body.fields else ""
    return f"{allowed}, and a body{fields}{' (required)' if operation.body.required else ''}"


def _placed(operation: Operation, given: Mapping[str, Any], body: Json) -> Wanted:
    path, parameters = operation.path, operation.parameters
    for name in given:
        if parameters[name].place == "path":
            path = path.replace(f"{{{name}}}", quote(texts(given[name])[0], safe=""))
    query = {name: _written(parameters[name], given[name]) for name in given if parameters[name].place == "query"}
    headers = {name: texts(given[name])[0] for name in given if parameters[name].place == "header"}
    return Wanted(path, query, headers, body)


def _written(parameter: Parameter, value: Any) -> Any:
    """Amazon cuts a list at commas: a value that holds one cannot be sent among others."""
    if parameter.array == "csv" and isinstance(value, list | tuple | set | frozenset):
        return ",".join(texts(value))
    return value
