"""`python-amazon-sp-api` as its documentation shows it, called by operation: `python ... URL`, cases on stdin.

Its methods bear the path and the method of their operation (`sp_endpoint`). Where several fit, or its documentation
shows several ways to pass a body or a list, each is a way of its own: the judge tries all, and one is enough.
"""

import inspect
import itertools
import re
import sys
import warnings
from contextlib import suppress
from functools import cache

import sp_api.api
from drivers.talk import NotCovered, answer_each
from sp_api.auth import AccessTokenClient
from sp_api.base import Client, Granularity, Marketplaces, SellingApiException

CREDENTIALS = {"refresh_token": "Atzr|judge", "lwa_app_id": "judge", "lwa_client_secret": "judge"}

TRANSFERS = {"create_feed_document", "get_feed_document", "get_feed_result_document"}
"""They move the document as well, to and from hosts of Amazon's that the judge does not play."""

NAMES = {"asinlist": "asins", "sellerskulist": "skus"}
"""Parameters that are not called as Amazon calls them, small and without underscores."""

OWN_WORDS = {"estimate_requests", "price"}
"""Of methods that make Amazon's body from words of their own."""

UNKNOWN_STATUS = 999
"""What its general exception says instead of a status."""


class Driver:
    def __init__(self, url):
        self.url = url
        self.methods = methods()
        host = url.removeprefix("http://")
        self.tokens = type("Tokens", (AccessTokenClient,), {"scheme": "http://", "host": host})

    @cache  # noqa: B019 - lives as long as the process
    def client(self, kind):
        client = kind(Marketplaces.DE, credentials=CREDENTIALS, auth_token_client_class=self.tokens)
        client.endpoint = self.url
        return client

    def ways(self, case):
        found = self.methods.get((case["method"], fixed(case["path"])), [])
        return list(itertools.product(found, ("body=", "fields"), (list, ",".join)))

    def call(self, case, way):
        (kind, name), body_as, list_as = way
        if name in TRANSFERS:
            raise NotCovered("its method also transfers the document")
        client = self.client(kind)
        words, named = arguments(getattr(client, name), case, body_as, list_as)
        try:
            return {"answer": document(getattr(client, name)(*words, **named))}
        except SellingApiException as refused:
            status = None if refused.code == UNKNOWN_STATUS else refused.code
            return {"refused": {"status": status, "errors": refused.error}}


def methods():
    """By method and path, the classes and their methods."""
    found = {}
    kinds = [kind for kind in vars(sp_api.api).values() if isinstance(kind, type) and issubclass(kind, Client)]
    for kind in dict.fromkeys(kinds):
        for name, function in inspect.getmembers(kind, inspect.isfunction):
            marked = inspect.getclosurevars(function).nonlocals
            if {"path", "method"} <= marked.keys():
                found.setdefault((marked["method"], fixed(marked["path"])), []).append((kind, name))
    return found


def fixed(path):
    return re.sub(r"{.*?}", "{}", path.partition("?")[0])


def small(name):
    plain = name.replace("_", "").lower()
    return NAMES.get(plain, plain)


def arguments(method, case, body_as, list_as):
    """Those that the signature names in their places, all others by Amazon's names."""
    body = case.get("body")
    fields = dict(body) if isinstance(body, dict) else {}
    in_path = {name: value for name, value in case["arguments"].items() if case["places"][name] == "path"}
    others = {name: written(value, list_as) for name, value in case["arguments"].items() if name not in in_path}
    order = [in_path[name] for name in re.findall(r"{(.+?)}", case["path"])]
    listed = [each for each in inspect.signature(method).parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    words = [taken(parameter, [in_path, others, fields], body, order) for parameter in listed]
    if body is not None and not any(body is word for word in words):
        others |= {"body": body} if body_as == "body=" else fields
    return words, others


def taken(parameter, sources, body, order):
    """By its name where that is one of Amazon's, else the next part of the path, its default, or anything."""
    if parameter.name in OWN_WORDS:
        raise NotCovered("its method makes the body from words of its own")
    wanted = small(parameter.name)
    for source in sources:
        for name in [each for each in source if small(each) == wanted]:
            value = source.pop(name)
            with suppress(ValueError):
                order.remove(value)
            return typed(parameter.annotation, value)
    if parameter.name == "data":
        return body
    if order:
        return order.pop(0)
    return parameter.default if parameter.default is not parameter.empty else "anything"


def typed(annotation, value):
    if annotation is tuple:
        return tuple(value.split("--"))
    if isinstance(annotation, type) and issubclass(annotation, Granularity):
        return annotation(value)
    return value


def written(value, list_as):
    return list_as(value) if isinstance(value, list) else value


def document(response):
    """Amazon's document as a reader of the response finds it: most of it is called payload, some has its own name."""
    told = vars(response)
    whole = {"payload": response.payload, **told["kwargs"]} if "kwargs" in told else response.payload
    named = {"errors": response.errors, "pagination": response.pagination, "nextToken": response.next_token}
    return {**named, **whole} if isinstance(whole, dict) else whole


warnings.simplefilter("ignore")
answer_each(Driver(sys.argv[1]))
