"""A month's GET requests beside what plugins.toml allows."""

from types import SimpleNamespace

from entrepot.model import AccountId, ProblemKind, Severity
from entrepot.store.records import StreamKind
from entrepot.sync.budget import forget_budget
from entrepot.sync.stocktaking import receive
from tests.sync.rig import SKU, live

SHOP = AccountId("shop")


async def use(rig, gets):
    """As if so many requests had been made today."""
    day = rig.world.clock.now().date()
    await rig.read(lambda tx: tx.quota.count(SHOP, "fetch_stock", day, gets=gets))


async def told(rig):
    return [(one.severity, one.kind) for one in await rig.read(lambda tx: tx.problems.all())]


def test_a_budget_is_told_in_time_and_stops_sweeps_but_no_order_and_no_quantity(tmp_path):
    """Covers R14: requests are counted by operation; told at 80 %, and at the end what can wait does."""

    async def story(rig):
        assert await told(rig) == []
        await use(rig, 8_000)
        await rig.wait(minutes=30)
        assert await told(rig) == [(Severity.WARNING, ProblemKind.CALLS_RUN_OUT)]
        await use(rig, 2_000)
        await rig.wait(minutes=30)
        assert await told(rig) == [(Severity.ERROR, ProblemKind.CALLS_RUN_OUT)]
        repaired = (await rig.stream(StreamKind.ORDER_REPAIR)).watermark
        now = rig.world.clock.now()
        await rig.read(lambda tx: receive(tx, SKU, 50, "delivery", now))
        (number,) = await rig.place(1, hours=7)
        assert number in await rig.stored()
        (offer,) = [one for one in await rig.read(lambda tx: tx.offers.all()) if one.external_id == SKU]
        assert rig.shop.stock[SKU] == offer.desired > 100
        assert offer.effective > 100  # sent, and read back
        assert (await rig.stream(StreamKind.ORDER_REPAIR)).watermark == repaired
        await use(rig, -10_000)  # as if the month were over
        await rig.wait(minutes=30)
        assert await told(rig) == []
        assert (await rig.stream(StreamKind.ORDER_REPAIR)).watermark > repaired
        orders = [one for one in await rig.read(lambda tx: tx.quota.counts()) if one.operation == "fetch_orders"]
        assert sum(one.gets for one in orders) == sum(one.made for one in orders) > 20
        assert sum(one.records for one in orders) >= 1

    live(tmp_path, story, monthly_gets=10_000)


def test_no_budget_counts_and_stops_nothing(tmp_path):
    async def story(rig):
        await use(rig, 10**9)
        before = (await rig.stream(StreamKind.ORDER_REPAIR)).watermark
        await rig.wait(hours=7)
        assert await told(rig) == []
        assert (await rig.stream(StreamKind.ORDER_REPAIR)).watermark > before

    live(tmp_path, story)


def test_a_budget_that_is_taken_out_of_the_file_is_no_problem_any_more(tmp_path):
    async def story(rig):
        assert await told(rig) == [(Severity.ERROR, ProblemKind.CALLS_RUN_OUT)]
        unlimited, now = SimpleNamespace(id=SHOP, monthly_gets=None), rig.world.clock.now()
        await rig.read(lambda tx: forget_budget(tx, unlimited, now))
        assert await told(rig) == []

    live(tmp_path, story, monthly_gets=2)
