"""What the judge of schemas asks, tried without schemathesis."""

import pytest

from connectors.amazon_sp.tests.sandbox_judge import MODELS, operations_of
from entrepot.simulation import limits_of
from entrepot_amazon_sp.simulator.double import APIS
from judges.known import what_exists
from judges.schemas import ROTATION, TIME_SCALE, simulated_operations
from judges.simulated import simulated


def test_every_operation_of_the_simulator_is_asked_for():
    asked = [operation.id for operation in simulated_operations()]
    assert {id_.rpartition(".")[2] for id_ in asked} == {limit.rpartition(".")[2] for limit in limits_of(APIS)}
    assert len(asked) == len(set(asked)) > 30
    assert asked[-1] == ROTATION


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_each_of_them_is_in_a_model():
    ids = {
        f"{each.model}.{each.operation['operationId']}"
        for path in MODELS.glob("*.json")
        for each in operations_of(path)
    }
    assert {operation.id for operation in simulated_operations()} <= ids


@pytest.mark.xdist_group("system")
def test_what_is_known_exists():
    with simulated(TIME_SCALE) as account:
        known = what_exists(account)
        orders = account.truth("orders")
    assert known["orderId"] == list(orders)
    assert set(known["orderItemId"]) == {line[0] for order in orders.values() for line in order["lines"]}
    assert all(len(known[name]) == 1 for name in ("feedId", "reportId", "inputFeedDocumentId"))
