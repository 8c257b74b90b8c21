"""Generated requests to every operation that the simulator has; its answers must be what Amazon's models allow."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from inspect import getmembers_static
from typing import Any

from starlette.responses import JSONResponse

from connectors.amazon_sp.tests.sandbox_judge import MODELS
from entrepot.channel import Json
from entrepot.simulation.doubles.routes import is_route
from entrepot_amazon_sp.catalog import Operation
from entrepot_amazon_sp.simulator.double import APIS
from entrepot_amazon_sp.simulator.unsimulated import operation_at
from judges.clients import FOLDER, PEERS
from judges.known import what_exists
from judges.serving import served
from judges.simulated import CLIENT, REFRESH, simulated

TIME_SCALE = 3_600
"""So that no operation's limit lets the judge wait long."""

EACH = 80
"""Requests of an operation, at most: where its parameters leave less to choose, there are less."""

METHODS = ["POST", "PUT", "PATCH", "GET", "DELETE"]
"""In this sequence: what was made is looked for, and then taken away."""

ROTATION = "application_2023-11-30.rotateApplicationClientSecret"
"""Comes last: the secret that buys the tokens has an end then."""

BAD = 400


def judge_schemas() -> None:
    if not (MODELS.exists() and PEERS.exists()):
        print(f"Schemas: needs Amazon's models in {MODELS}, and schemathesis, which make judges installs")
        return
    if not asked_of_a_liar():
        raise SystemExit("schemathesis does not see that an answer is wrong: whatever it says proves nothing")
    print("Requests that schemathesis generates from Amazon's models, to the simulator on a port; answers by status")
    with simulated(TIME_SCALE) as account:
        forms = {operation.id: _form(operation) for operation in simulated_operations()}
        told = asked(account.url, forms, what_exists(account), EACH)
    for each in told:
        print(f"  {each['operation']:<56}{_words(each['statuses'])}")
    violations = [(each["operation"], *pair) for each in told for pair in each["violations"].items()]
    print(f"  {_total(told):,} requests to {len(told)} operations; {len(violations)} violations of Amazon's schemas")
    for operation, fault, request in violations:
        print(f"  {operation}: {fault}\n    {request}")
    silent = [each["operation"] for each in told if not _successes(each["statuses"])]
    print(f"  never a success: {', '.join(silent) or 'none'}")


def asked_of_a_liar() -> bool:
    """Whether a server is caught whose every answer is wrong."""
    wrong = JSONResponse({"access_token": "Atza|judge", "payload": [{"storeName": 1}]})
    with served(wrong) as url:
        [told] = asked(url, {"sellers.getMarketplaceParticipations": CLIENT | REFRESH}, {}, each=1)
    return bool(told["violations"])


def simulated_operations() -> list[Operation]:
    """As the simulator's routes say."""
    patterns = [member.route for part in APIS for _, member in getmembers_static(part) if is_route(member)]
    found = [operation for each in patterns if (operation := operation_at(each.method, each.path))]
    return sorted(found, key=lambda each: (each.id == ROTATION, METHODS.index(each.method), each.id))


def asked(
    url: str, forms: Mapping[str, Mapping[str, str]], known: Mapping[str, Json], each: int
) -> Sequence[Mapping[str, Any]]:
    """What the driver tells of each operation: `statuses` with their number, `violations` with a request."""
    command = [str(PEERS), "-m", "drivers.schemas", url, str(MODELS), str(each)]
    job = json.dumps({"operations": forms, "known": known})
    told = subprocess.run(command, input=job, stdout=subprocess.PIPE, check=True, text=True, cwd=FOLDER)
    return [json.loads(line) for line in told.stdout.splitlines()]


def _form(operation: Operation) -> Mapping[str, str]:
    """What buys the access token that it wants."""
    if operation.grantless:
        return CLIENT | {"grant_type": "client_credentials", "scope": operation.grantless}
    return CLIENT | REFRESH


def _total(told: Sequence[Mapping[str, Any]]) -> int:
    return sum(sum(each["statuses"].values()) for each in told)


def _successes(statuses: Mapping[str, int]) -> int:
    return sum(count for status, count in statuses.items() if int(status) < BAD)


def _words(statuses: Mapping[str, int]) -> str:
    return "  ".join(f"{status}: {count:>3}" for status, count in sorted(statuses.items()))
