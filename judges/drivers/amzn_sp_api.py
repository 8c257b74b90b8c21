"""`amzn-sp-api`, Amazon's own SDK, called by operation: `python ... URL`, cases on stdin.

Its methods are generated: their source names the path and the wire name of each parameter. A body is passed as the
plain dict, which its serializer takes as well.
"""

import inspect
import json
import logging
import re
import sys
from functools import cache

import spapi
from drivers.talk import answer_each
from spapi import ApiException, SPAPIClient, SPAPIConfig

CALL = re.compile(r"call_api\(\s*'([^']+)', '(\w+)'")
NAMED = re.compile(r"\(?'([^']+)'(?:, |\] = )params\['(\w+)'\]")
BODY = re.compile(r"body_params = params\['(\w+)'\]")


class Driver:
    def __init__(self, url):
        self.url = url
        self.methods = methods()

    @cache  # noqa: B019 - lives as long as the process
    def client(self, scope):
        asking = {"scope": scope} if scope else {"refresh_token": "Atzr|judge"}
        config = SPAPIConfig(client_id="judge", client_secret="judge", region="SANDBOX", **asking)
        return SPAPIClient(config, oauth_endpoint=f"{self.url}/auth/o2/token", endpoint=self.url)

    def ways(self, case):
        return self.methods.get((case["method"], case["path"]), [])

    def call(self, case, way):
        kind, name, wire, body = way
        client = self.client(case["grantless"]).api_client
        named = {wire[each]: value for each, value in case["arguments"].items()}
        if "body" in case:
            named[body] = case["body"]
        try:
            told = getattr(kind(client), name)(**named)
        except ApiException as refused:
            return {"refused": {"status": refused.status, "errors": errors(refused.body)}}
        return {"answer": client.sanitize_for_serialization(told)}


def methods():
    """By method and path: the class, its method, and what its parameters are called there."""
    found = {}
    for kind in [each for each in all_kinds() if hasattr(each, "api_models_module")]:
        for name, function in inspect.getmembers(kind, inspect.isfunction):
            if not name.endswith("_with_http_info"):
                continue
            source = inspect.getsource(function)
            path, method = CALL.search(source).groups()
            body = BODY.search(source)
            way = (kind, name.removesuffix("_with_http_info"), dict(NAMED.findall(source)), body and body[1])
            found.setdefault((method, path), []).append(way)
    return found


def all_kinds():
    """Of several classes with one name the package shows the last: they are looked for in their modules."""
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{spapi.__name__}.api.")]
    return dict.fromkeys(kind for module in modules for kind in vars(module).values() if isinstance(kind, type))


def errors(body):
    try:
        told = json.loads(body)
    except ValueError:
        return []
    return told.get("errors") if isinstance(told, dict) else []


logging.disable()
answer_each(Driver(sys.argv[1]))
