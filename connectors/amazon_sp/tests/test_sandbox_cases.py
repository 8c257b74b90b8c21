"""Every static case of Amazon's sandbox: asked by our client, answered by Amazon's own model, told as published."""

import json
import re
from collections import Counter

import httpx
import pytest

from connectors.amazon_sp.tests.sandbox_judge import (
    MODELS,
    NOTHING,
    TWO_ANSWERS,
    Sandbox,
    arguments,
    decimals,
    fault_of_the_model,
    operations_of,
    published,
)
from connectors.amazon_sp.tests.scripted import SETTINGS
from entrepot.channel import (
    AuthError,
    ChannelError,
    Environment,
    ForbiddenError,
    RateLimited,
    RejectedError,
    TransientError,
    UnknownOutcome,
)
from entrepot.simulation import VirtualClock, run, stream
from entrepot_amazon_sp import SellingPartner
from entrepot_amazon_sp.catalog import Effect, find
from tests.http.doubles import Network

pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")

ERRORS = {
    400: RejectedError,
    401: AuthError,
    403: ForbiddenError,
    404: RejectedError,
    408: TransientError,
    409: RejectedError,
    422: RejectedError,
    429: RateLimited,
    500: TransientError,
    503: TransientError,
}


def name_of(operation):
    repeated = f"{operation.model}.{operation.operation['operationId']}"
    first = find(repeated)
    return repeated if first.method == operation.method.upper() else f"{repeated}_{operation.method.upper()}"


async def deviation(client, operation, case):
    """What was told otherwise than published."""
    name = name_of(operation)
    try:
        answer = await client.call(name, **arguments(operation, case))
    except ChannelError as error:
        told = (type(error), error.status, error.code)
        return "" if told == refusal_of(case, find(name)) else f"{told}: {error}"
    wanted = None if case.response is NOTHING else decimals(case.response)
    return "" if case.status < 300 and answer == wanted else f"told {answer}"


def refusal_of(case, operation):
    kind = ERRORS.get(case.status)
    if kind is TransientError and operation.effect is not Effect.READ:
        kind = UnknownOutcome
    listed = case.response.get("errors") if isinstance(case.response, dict) else None
    return kind, case.status, (listed or [{}])[0].get("code", "")


async def judged(client, operations):
    """How many passed, what failed, and what was left out by reason."""
    passed, failed, left_out = 0, [], Counter()
    for operation, case in ((each, case) for each in operations for case in each.cases):
        if reason := fault_of_the_model(operation, case):
            left_out[reason] += 1
        elif deviating := await deviation(client, operation, case):
            failed.append(f"{name_of(operation)} {case.status} {json.dumps(case.expected)[:200]}: {deviating}")
        else:
            passed += 1
    return passed, failed, left_out


def in_the_sandbox(operations, main):
    async def connected(loop):
        network = Network(Sandbox(operations), latency=0.05)
        clock = VirtualClock(loop)
        async with SellingPartner(
            SETTINGS,
            region="EU",
            environment=Environment.SANDBOX,
            transport=network,
            clock=clock,
            rng=stream(1, "client"),
        ) as client:
            return await main(client)

    return run(connected, seed=1)


def test_each_published_case_is_told_as_published(capsys):
    operations = published()
    passed, failed, left_out = in_the_sandbox(operations, lambda client: judged(client, operations))
    with capsys.disabled():
        reasons = "; ".join(f"{count}: {reason}" for reason, count in left_out.items())
        print(  # noqa: T201 - the figures are the point
            f"\nstatic sandbox cases: {passed + len(failed)} run, {passed} passed; left out: {reasons}"
        )
    assert failed == []
    assert (passed, left_out) == (856, {TWO_ANSWERS: 2})


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/orders/2026-01-01/orders?createdAfter=TEST_CASE_401"),
        ("GET", "/orders/2026-01-01/orders?createdAfter=TEST_CASE_400&marketplaceids=A1PA6795UKMFR9"),
        ("GET", "/orders/2026-01-01/order?createdAfter=TEST_CASE_400"),
        ("POST", "/orders/2026-01-01/orders?createdAfter=TEST_CASE_400"),
    ],
)
def test_the_judge_refuses_what_differs_from_a_case(method, target):
    sandbox = Sandbox(list(operations_of(MODELS / "orders_2026-01-01.json")))
    request = httpx.Request("GET", "https://example.com/orders/2026-01-01/orders?createdAfter=TEST_CASE_400")
    assert sandbox.find(request).status == 400
    assert sandbox.find(httpx.Request(method, f"https://example.com{target}")) is None


def tokens(answer, way=()):
    """The ways to what looks like a token for a next page."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if re.match("next.*token", name, re.IGNORECASE) and isinstance(value, str):
                yield (*way, name)
            yield from tokens(value, (*way, name))


def test_the_token_of_each_published_page_is_where_the_catalog_says():
    """`getShipmentItemsByShipmentId` of the old inbound API shows a token that none of its parameters takes."""
    wrong, right = set(), 0
    for operation in published():
        paging = find(name_of(operation)).paging
        for way in (way for case in operation.cases for way in tokens(case.response)):
            if paging is not None and way == paging.token:
                right += 1
            else:
                wrong.add(name_of(operation))
    assert wrong == {"fulfillmentInboundV0.getShipmentItemsByShipmentId"}
    assert right > 50
