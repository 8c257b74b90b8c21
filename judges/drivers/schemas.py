"""Requests that schemathesis generates from Amazon's models, and whether the answers are what the models allow.

`python ... URL FOLDER EACH`: on stdin the operations, each with the form that buys its access token, and what is known
to exist; on stdout a line for each operation. Half of the requests are meant to be good, half bad. What is known, and
what answers tell, takes the place of most generated values: else hardly a request would find anything.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup

CHECKS = [checks.response_schema_conformance, checks.status_code_conformance]
NOT_SIMULATED = 501
"""Not Amazon's: the simulator says what it lacks."""

BAD, TOO_MANY = 400, 429
PAUSE, TRIES = 0.05, 100
RENEW = 0.3
"""Seconds that a token is used: where time runs faster it dies sooner."""

KEPT = 3
"""Values that are known for a name: the first ones, and the last that was told."""

ALIASES = {
    "amazonorderid": ["orderid"],
    "nexttoken": ["paginationtoken", "pagetoken", "nexttoken"],
    "resultfeeddocumentid": ["feeddocumentid"],
    "feeddocumentid": ["inputfeeddocumentid"],
}

SAME_EACH_TIME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Known:
    """By name in small letters."""

    def __init__(self, given):
        self.values = {name.lower(): list(values) for name, values in given.items()}

    def learn(self, document):
        for name, value in pairs(document):
            for alias in ALIASES.get(name.lower(), [name.lower()]) if isinstance(value, str) else []:
                values = self.values.setdefault(alias, [])
                if value not in values:
                    values[KEPT - 1 :] = [value]

    def of(self, name):
        return self.values.get(name.lower(), [])

    def put_into(self, document, random):
        """The same document, with what exists in place of three of four values whose name is known."""
        if isinstance(document, list):
            return [self.put_into(each, random) for each in document]
        if not isinstance(document, dict):
            return document
        return {name: self._chosen(name, value, random) for name, value in document.items()}

    def _chosen(self, name, value, random):
        values = self.of(str(name))
        if values and random.random() < 3 / 4:
            chosen = random.choice(values)
            return [chosen] if isinstance(value, list) and not isinstance(chosen, list) else chosen
        return self.put_into(value, random)


class Caller:
    """Asks with a living token, and waits where too many requests were made before."""

    def __init__(self, url, form):
        self._url = url
        self._form = form
        self._until = 0.0
        self._headers = {}

    def call(self, case):
        for _ in range(TRIES):
            answer = case.call(base_url=self._url, headers=self._living())
            if answer.status_code != TOO_MANY:
                break
            time.sleep(PAUSE)
        return answer

    def _living(self):
        if time.monotonic() > self._until:
            answer = requests.post(f"{self._url}/auth/o2/token", data=self._form, timeout=10)
            answer.raise_for_status()
            self._headers = {"x-amz-access-token": answer.json()["access_token"]}
            self._until = time.monotonic() + RENEW
        return self._headers


def judge(operation, caller, known, each):
    """Statuses to their number, and each violation once."""
    statuses, violations, random = Counter(), {}, Random(operation.label)

    @settings(SAME_EACH_TIME, max_examples=each)
    @given(st.data())
    def ask(data):
        mode = data.draw(st.sampled_from(list(GenerationMode)))
        case = lively(data.draw(operation.as_strategy(mode)), known, random)
        answer = caller.call(case)
        statuses[answer.status_code] += 1
        if answer.status_code == NOT_SIMULATED:
            return
        for fault in faults(case, answer):
            violations.setdefault(fault, case.as_curl_command())
        if answer.status_code < BAD and answer.content:
            known.learn(answer.json())

    ask()
    return {"statuses": statuses, "violations": violations}


def lively(case, known, random):
    """With what exists, and with few of the parameters that may be left out: together they exclude each other."""
    case.path_parameters = known.put_into(case.path_parameters, random)
    for name in [parameter.name for parameter in case.operation.query if not parameter.is_required]:
        exists = known.of(name)
        if exists and random.random() < 1 / 2:
            case.query[name] = random.choice(exists)
        elif exists or random.random() < 7 / 8:
            case.query.pop(name, None)
    case.query = known.put_into(case.query, random)
    case.body = known.put_into(case.body, random)
    return case


def faults(case, answer):
    about_content = [checks.content_type_conformance] if answer.content else []
    try:
        case.validate_response(answer, checks=CHECKS + about_content)
    except FailureGroup as group:
        return [f"{each.title}: {each.message}" for each in group.exceptions]
    return []


def pairs(document):
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in inner:
        if isinstance(name, str):
            yield name, value
        yield from pairs(value)


def closed(schema):
    """The same schema, with no keys but its own. An object without any stays open."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    is_object = isinstance(schema.get("properties"), dict) and schema.get("type", "object") == "object"
    return inner | ({"additionalProperties": False} if is_object else {})


def operations_of(folder, model):
    schema = schemathesis.openapi.from_dict(closed(json.loads((folder / f"{model}.json").read_text("utf-8"))))
    found = [each.ok() for each in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


def main():
    url, folder, each = sys.argv[1:]
    asked = json.load(sys.stdin)
    known, models = Known(asked["known"]), {}
    for name, form in asked["operations"].items():
        model, _, id_ = name.rpartition(".")
        models.setdefault(model, operations_of(Path(folder), model))
        told = judge(models[model][id_], Caller(url, form), known, int(each))
        print(json.dumps({"operation": name} | told), flush=True)


main()
