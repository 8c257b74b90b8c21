"""Amazon's static sandbox, made from Amazon's own models and nothing of ours.

A case of `x-amzn-api-sandbox` names parameters with their values, and the answer. A request that has them all is
answered so; others beside them do not matter, as long as the model declares them. Of several cases the one that names
most is meant.
"""

import json
import re
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import httpx
from attrs import define, frozen

from connectors.amazon_sp.tests.scripted import refusal

MODELS = Path(__file__).parents[4] / "shared" / "spapi" / "models"

METHODS = {"get", "put", "post", "delete", "patch"}
NOTHING = object()

NO_CONTENT = "204"
"""Some models publish `{}` with it, where HTTP lets no body stand."""

FILLER = {"string": "anything", "integer": 1, "number": 1, "boolean": True, "array": ["anything"]}

TWO_ANSWERS = "the same request has two answers"


@frozen
class Case:
    status: int
    expected: dict
    response: object
    headers: dict

    def matches(self, arguments):
        return all(same(wanted, arguments.get(name, NOTHING)) for name, wanted in self.expected.items())


@define(slots=False)
class Published:
    """An operation as a model describes it."""

    model: str
    method: str
    url: str
    item: dict

    @property
    def operation(self):
        return self.item[self.method]

    @cached_property
    def declared(self):
        both = [*self.item.get("parameters", []), *self.operation["parameters"]]
        return {("body" if each["in"] == "body" else each["name"]): each for each in both}

    @cached_property
    def cases(self):
        return [
            self._case(status, published)
            for status, answer in self.operation["responses"].items()
            for published in answer.get("x-amzn-api-sandbox", {}).get("static", [])
        ]

    def _case(self, status, published):
        parameters = published.get("request", {}).get("parameters", {})
        expected = {name: self._decoded(name, value) for name, value in parameters.items()}
        headers = {name: each["value"] for name, each in published.get("responseHeaders", {}).items()}
        anything = {name: value for name, value in expected.items() if value is not NOTHING}
        response = NOTHING if status == NO_CONTENT else published.get("response", NOTHING)
        return Case(int(status), anything, response, headers)

    def _decoded(self, name, published):
        """`{}` stands for any value. Some models write a body without the `value` around it."""
        if not published:
            return NOTHING
        value = published.get("value", published)
        several = self.declared.get(name, {}).get("type") == "array"
        return [text(each) for each in listed(value)] if several else value

    @cached_property
    def required(self):
        return {name: each for name, each in self.declared.items() if each.get("required")}

    def arguments(self, request):
        """What the request says; None where the model does not allow it."""
        told = self.told(request)
        return told if told.keys() <= self.declared.keys() and self.required.keys() <= told.keys() else None

    def told(self, request):
        told = self._path_arguments(request) | dict(self._query_arguments(request))
        told |= {name: request.headers[name] for name in self._names("header") if name in request.headers}
        if request.content:
            told["body"] = json.loads(request.content)
        return told

    def _names(self, place):
        return [name for name, each in self.declared.items() if each["in"] == place]

    def _path_arguments(self, request):
        values = self.pattern.fullmatch(request.url.raw_path.decode().partition("?")[0]).groups()
        return dict(zip(re.findall(r"{(.+?)}", self.url), map(unquote, values), strict=True))

    def _query_arguments(self, request):
        pairs = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        for name in dict.fromkeys(name for name, _ in pairs):
            values = [value for given, value in pairs if given == name]
            each = self.declared.get(name, {})
            if each.get("in", "query") != "query" or (len(values) > 1 and each.get("collectionFormat") != "multi"):
                name = f"{name} in the wrong way"  # noqa: PLW2901 - which no model declares
            multi = each.get("collectionFormat") == "multi"
            yield name, (values if multi else values[0].split(",")) if each.get("type") == "array" else values[0]

    def answering(self, arguments):
        matching = [case for case in self.cases if case.matches(arguments)]
        return max(matching, key=lambda case: len(case.expected), default=None)

    @cached_property
    def pattern(self):
        return re.compile(re.sub(r"\\{.+?\\}", "([^/]*)", re.escape(self.url)))


class Sandbox:
    """Answers requests to Amazon's sandbox, and those for tokens. Keeps what was asked."""

    def __init__(self, published):
        self.published = published

    def __call__(self, request):
        if request.url.host == "api.amazon.com":
            return httpx.Response(200, json={"access_token": "Atza|token", "expires_in": 3600})
        assert request.url.host == "sandbox.sellingpartnerapi-eu.amazon.com"
        assert request.headers["x-amz-access-token"] == "Atza|token"
        case = self.find(request)
        if case is None:
            return refusal(400, "InvalidInput", "Could not match input arguments")
        content = b"" if case.response is NOTHING else json.dumps(case.response, default=str).encode()
        return httpx.Response(case.status, content=content, headers=case.headers)

    def find(self, request):
        published = self._operation(request)
        arguments = published and published.arguments(request)
        return published.answering(arguments) if arguments is not None else None

    def _operation(self, request):
        path = request.url.raw_path.decode().partition("?")[0]
        method = request.method.lower()
        fitting = [each for each in self.published if each.method == method and each.pattern.fullmatch(path)]
        return min(fitting, key=lambda each: each.url.count("{"), default=None)


def published():
    return [each for path in sorted(MODELS.glob("*.json")) for each in operations_of(path)]


def operations_of(path):
    model = json.loads(path.read_text("utf-8"))
    for url, item in model["paths"].items():
        yield from (Published(path.stem, method, url, item) for method in item if method in METHODS)


def fault_of_the_model(operation, case):
    """Why a case cannot be judged, whoever asks."""
    first = next(each for each in operation.cases if each.expected == case.expected)
    return "" if first is case else TWO_ANSWERS


def arguments(operation, case):
    """Those of the case; what the model requires beside them is filled, and does not matter."""
    return {
        name: {} if name == "body" else FILLER[each["type"]] for name, each in operation.required.items()
    } | case.expected


def same(wanted, given):
    return given == wanted if isinstance(wanted, list | dict) else text(given) == text(wanted)


def listed(value):
    return value if isinstance(value, list) else str(value).split(",")


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def decimals(document):
    """As a client should read it."""
    return json.loads(json.dumps(document), parse_float=Decimal)
