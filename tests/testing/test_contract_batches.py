"""A channel that declares more offers at once than its shop takes fails the contract."""

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.simulation import Refusal, route
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import connected_by, contract

MOST = 20


class RefusesMore(MockShop):
    @route("GET /v1/stock")
    def list_stock(self, call):
        if len(call.texts("sku")) > MOST:
            raise Refusal(400, "too many at once")
        return MockShop.list_stock(self, call)

    @route("PUT /v1/stock")
    def set_stock(self, call):
        if len(call.body) > MOST:
            raise Refusal(400, "too many at once")
        return MockShop.set_stock(self, call)


class CutsSilently(MockShop):
    @route("GET /v1/stock")
    def list_stock(self, call):
        return {"stock": MockShop.list_stock(self, call)["stock"] if len(call.texts("sku")) <= MOST else []}


class ReportsEach(MockConnector):
    """A refusal of the request is the reason of each of its items."""

    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        try:
            return await MockConnector.push_stock(self, request)
        except channel.RejectedError as refused:
            return channel.PushReport.of(request, rejected={item.offer: str(refused) for item in request.items})


def declaring(number, kind=MOCK):
    facts = {
        "fetch_stock": evolve(kind.operations["fetch_stock"], page_size=number),
        "push_stock": evolve(kind.operations["push_stock"], batch_size=number),
    }
    return evolve(kind, operations={**kind.operations, **facts})


CASES = [
    ("test_as_many_offers_are_read_at_once_as_the_channel_declares", "page_size", MOCK, RefusesMore),
    ("test_as_many_offers_are_read_at_once_as_the_channel_declares", "page_size", MOCK, CutsSilently),
    ("test_as_many_quantities_are_taken_at_once_as_the_channel_declares", "batch_size", MOCK, RefusesMore),
    (
        "test_as_many_quantities_are_taken_at_once_as_the_channel_declares",
        "batch_size",
        connected_by(ReportsEach),
        RefusesMore,
    ),
]


@pytest.mark.parametrize(("case", "fact", "kind", "double"), CASES)
def test_more_than_the_shop_takes_at_once_fails(case, fact, kind, double):
    getattr(contract(declaring(MOST, kind), double), case)()
    with pytest.raises((AssertionError, pytest.fail.Exception), match=rf"at once.*Next: .* as {fact}"):
        getattr(contract(declaring(MOST + 1, kind), double), case)()


def test_a_channel_of_few_at_once_has_no_such_case():
    few = contract(declaring(1))
    assert few.test_as_many_offers_are_read_at_once_as_the_channel_declares is None
    assert few.test_as_many_quantities_are_taken_at_once_as_the_channel_declares is None
