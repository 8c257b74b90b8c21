"""Data sets of orders that a channel refuses: orders keep coming, it is told, and what was missing is read later."""

from datetime import timedelta

import pytest

from entrepot.model import AccountId, DataSet, DataSetState, OrderStatus, ProblemKind, Severity
from tests.sync.sellers import with_sellers

ANNA = AccountId("anna")


async def withheld(sellers):
    return (await sellers.accounts())[ANNA].withheld


@pytest.mark.parametrize("named", [True, False])
def test_orders_keep_coming_without_a_data_set_that_is_refused_and_get_it_when_it_returns(tmp_path, named):
    """Covers R27, R49, P1, P8: whether Amazon names the value, or answers 403 whatever is asked."""

    async def story(sellers):
        shop = sellers.shops[ANNA]
        before = sellers.place("anna", 1)
        await sellers.wait(minutes=45)
        shop.refused_data, shop.names_refused_data = frozenset({"FULFILLMENT"}), named
        numbers = []
        for place in range(2, 5):
            numbers.append(sellers.place("anna", place))
            await sellers.wait(hours=1)
        stored = await sellers.stored()
        assert set(stored) == {before, *numbers}
        assert stored[before].status is OrderStatus.UNSHIPPED
        assert {stored[number].status for number in numbers} == {OrderStatus.UNKNOWN}
        [problem] = await sellers.problems()
        assert (problem.kind, problem.severity) == (ProblemKind.DATA_WITHHELD, Severity.WARNING)
        assert "FULFILLMENT" in problem.message
        assert (await sellers.stream("anna")).failures == 0
        assert "FULFILLMENT" in (await withheld(sellers)).missing

        shop.refused_data = frozenset()
        await sellers.wait(hours=8)
        stored = await sellers.stored()
        assert {order.status for order in stored.values()} == {OrderStatus.UNSHIPPED}
        assert all(order.data_sets[DataSet.STATUS] is DataSetState.RETURNED for order in stored.values())
        assert await sellers.kinds() == []
        assert (await withheld(sellers)).missing == ()

    with_sellers(tmp_path, story, "anna")


def test_what_comes_back_is_read_again_while_the_rest_stays_away(tmp_path):
    """Covers R27: each data set returns on its own."""

    async def story(sellers):
        shop = sellers.shops[ANNA]
        shop.refused_data = frozenset({"FULFILLMENT", "TAX"})
        number = sellers.place("anna", 1)
        await sellers.wait(hours=32)  # longer than the daily audit looks back
        assert set((await withheld(sellers)).missing) == {"FULFILLMENT", "TAX"}
        shop.refused_data = frozenset({"TAX"})
        await sellers.wait(hours=8)
        assert (await withheld(sellers)).missing == ("TAX",)
        assert (await sellers.stored())[number].status is OrderStatus.UNSHIPPED
        assert await sellers.kinds() == [ProblemKind.DATA_WITHHELD]

    with_sellers(tmp_path, story, "anna")


def test_an_operation_that_is_refused_whatever_is_asked_is_a_missing_permission(tmp_path):
    """Covers R27, P8: the data sets are not the reason, so none is left out once it is granted."""

    async def story(sellers):
        shop = sellers.shops[ANNA]
        shop.withheld = frozenset({"searchOrders"})
        number = sellers.place("anna", 1)
        await sellers.wait(hours=3)
        assert ProblemKind.PERMISSION_MISSING in await sellers.kinds()
        assert ProblemKind.DATA_WITHHELD not in await sellers.kinds()
        shop.withheld = frozenset()
        await sellers.wait(hours=8)  # it may have been granted between two steps
        assert (await sellers.stored())[number].status is OrderStatus.UNSHIPPED
        assert await sellers.kinds() == []

    with_sellers(tmp_path, story, "anna")


def test_it_is_asked_for_again_from_time_to_time_and_not_all_the_time(tmp_path):
    """Covers R27, P6: the allowance is one page in three minutes."""

    async def story(sellers):
        shop = sellers.shops[ANNA]
        shop.refused_data, shop.names_refused_data = frozenset({"TAX"}), False
        await sellers.wait(hours=1)
        before, started = shop.calls["searchOrders"], sellers.world.clock.now()
        await sellers.wait(hours=24)
        passes = (sellers.world.clock.now() - started) / timedelta(minutes=20)
        assert shop.calls["searchOrders"] - before <= passes + 24 / 6 * 4 + 8
        assert shop.throttled["searchOrders"] == 0

    with_sellers(tmp_path, story, "anna")
