"""What a double answers: patterns on plain functions, and how they are found."""

from collections.abc import Callable, Collection, Iterable
from inspect import getmembers_static
from typing import Any, TypeVar
from urllib.parse import quote

from attrs import frozen
from starlette.types import Scope

from entrepot.channel import ChannelType, Json
from entrepot.simulation.doubles.call import Call

UNMETERED = ""
"""`spends` of a route that costs nothing."""

ANY_ROUTE = "any"
"""Whichever route is asked next, but for public ones."""

F = TypeVar("F", bound=Callable[..., Json])


@frozen
class Pattern:
    """What `@route` notes on a function."""

    text: str
    spends: str | None
    public: bool
    raw: bool

    @property
    def method(self) -> str:
        return self.text.split()[0]

    @property
    def path(self) -> str:
        return self.text.split()[1]

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def name(self) -> str:
        """The last fixed part of its path."""
        return next((part for part in reversed(self.path.split("/")) if part and not part.startswith("{")), "root")

    def limit(self, channel: ChannelType) -> str:
        """Raises ValueError where nothing says which limit the route spends from."""
        guesses = [self.name, "other"] if self.spends is None else [self.spends]
        for limit in guesses:
            if limit in channel.limits or limit == UNMETERED:
                return limit
        message = f'route "{self.text}" spends from no limit of {channel.id}; say @route(..., spends="a limit")'
        raise ValueError(message)


def route(pattern: str, *, spends: str | None = None, public: bool = False, raw: bool = False) -> Callable[[F], F]:
    """Answer `pattern` ("GET /v1/orders/{id}") with what the function returns, as JSON or as an Answer.

    Each request takes one token from the channel's limit `spends`. Left out, it is the limit that bears the name of the
    path's last fixed part ("orders"), else the one called "other". A `public` route
    asks for no authorization: it is where one gets it. A `raw` one has the body as the bytes that came. `{id}` is one
    part of the path, decoded: a quoted slash belongs to it.
    """

    def mark(function: F) -> F:
        function.__dict__["route"] = Pattern(pattern, spends, public, raw)
        return function

    return mark


def is_route(member: object) -> bool:
    return isinstance(getattr(member, "route", None), Pattern)


def routes_of(parts: Iterable[object]) -> list[tuple[Pattern, Callable[[Call], Json]]]:
    """The routes of all these objects, in the sequence in which they must be tried."""
    found = [(member.route, member.__get__(part)) for part in parts for member in _marked(type(part))]
    return sorted(found, key=lambda entry: entry[0].text)  # a parameter's brace sorts behind fixed names


def as_sent(scope: Scope) -> Scope:
    """The same request with its path still quoted, so that the slash of an id does not part the path."""
    if scope["type"] != "http":
        return scope
    return {**scope, "path": scope.get("raw_path", quote(scope["path"]).encode()).decode()}


def as_pattern(path: str) -> str:
    """A path as it was sent, in a route's words: the part that had to be quoted is an id."""
    return "/".join("{id}" if "%" in part else part for part in path.split("/"))


def limits_of(parts: Iterable[type]) -> Collection[str]:
    """The names of the limits from which the routes of these classes say that they spend."""
    spent = {member.route.spends: None for part in parts for member in _marked(part)}
    return [limit for limit in spent if limit]


def _marked(part: type) -> list[Any]:
    return [member for _, member in getmembers_static(part) if is_route(member)]
