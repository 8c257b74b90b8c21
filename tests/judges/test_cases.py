"""What `make judges` counts, tried without other people's clients."""

import pytest

from connectors.amazon_sp.tests.sandbox_judge import MODELS, NOTHING, Case, operations_of
from judges import clients
from judges.cases import judge
from judges.sandbox import Tolerant
from judges.serving import served
from judges.verdict import UNRECOGNIZED, alike, fault

REFUSED = Case(400, {}, {"errors": [{"code": "InvalidInput"}]}, {})


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
@pytest.mark.xdist_group("system")
def test_our_client_is_asked_like_any_other():
    operations = list(operations_of(MODELS / "orders_2026-01-01.json"))
    sandbox = Tolerant(operations)
    judged = [(operation, case) for operation in operations for case in operation.cases]
    with served(sandbox) as url:
        tally = judge(clients.OURS, url, sandbox, judged)
    assert (tally.run, tally.passed, tally.surplus) == (len(judged), len(judged), 0)
    assert len(judged) > 2


@pytest.mark.parametrize(
    ("told", "recognized", "reason"),
    [
        ({"refused": {"status": 400, "errors": [{"code": "InvalidInput"}]}}, True, ""),
        ({"refused": {"status": 400, "errors": [{"code": "InvalidInput"}]}}, False, UNRECOGNIZED),
        (
            {"refused": {"status": 404, "errors": [{"code": "InvalidInput"}]}},
            True,
            "the error is not told as documented",
        ),
        ({"refused": {"status": 400, "errors": [{"code": "Other"}]}}, True, "the error is not told as documented"),
        ({"answer": {}}, True, "an error is told as a success"),
        ({"raised": "KeyError: 'body'"}, True, "its own KeyError"),
    ],
)
def test_a_documented_error_passes_as_nothing_else(told, recognized, reason):
    assert fault(REFUSED, told, recognized=recognized) == reason


@pytest.mark.parametrize(
    ("published", "told"),
    [
        ({"at": "2026-11-01T00:00:00Z", "none": None}, {"at": "2026-11-01T01:00:00+01:00"}),
        ({"amount": 1}, {"amount": 1.0, "nextToken": None}),
        ([{"a": 1}], {"a": 1}),
        (NOTHING, {"errors": None, "status_code": 204}),
        (NOTHING, None),
    ],
)
def test_the_same_in_another_form_is_the_same(published, told):
    assert alike(published, told)


@pytest.mark.parametrize(
    ("published", "told"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([{"a": 1}, {"a": 2}], {"a": 1}),
        ({"paid": True}, {"paid": "yes"}),
        (NOTHING, {"a": 1}),
    ],
)
def test_what_differs_is_not_the_same(published, told):
    assert not alike(published, told)
