"""Facts, permissions and marketplaces: what the core asks of every channel before the first order."""

from typing import Any
from zoneinfo import ZoneInfo

from entrepot import channel
from entrepot.channel import channel_faults, connector_faults, operations_of
from entrepot.model import Marketplace, minor_digits
from entrepot.testing.contract.base import FACTS, Contract, having
from entrepot.testing.trial import Trial


class RequiredContract(Contract):
    def test_declared_facts_are_complete(self) -> None:
        """A missing fact is an error when the channel loads, never a default that loses orders later."""
        faults = channel_faults(self.channel)
        assert not faults, "; ".join(map(str, faults))

    def test_connector_can_be_bound(self) -> None:
        """A misspelled operation, a half capability or a wrong signature is found here and not in production."""

        async def bind(trial: Trial) -> None:
            faults = connector_faults(self.channel, trial.connector)
            assert not faults, "; ".join(map(str, faults))
            absent = sorted(set(self.channel.operations) - operations_of(type(trial.connector)))
            assert not absent, f"the connector has no {', '.join(absent)}. Next: write it, or take it out of the facts"

        self.simulate(bind)

    def test_check_accepts_good_credentials(self) -> None:
        """`check` is the only call of a parked account: it must see that the credentials work again."""

        async def check(trial: Trial) -> channel.CheckReport:
            report: channel.CheckReport = await trial.call("check", channel.Check())
            return report

        missing = sorted(self.simulate(check).missing)
        assert not missing, f"`check` misses {', '.join(missing)} with the right key. Next: let the double grant them"

    def test_marketplaces_are_described(self) -> None:
        """Money, business dates and stock pools are read from this description."""

        async def describe(trial: Trial) -> channel.AccountDescription:
            described: channel.AccountDescription = await trial.call("describe_account", channel.DescribeAccount())
            return described

        described = self.simulate(describe)
        ids = [marketplace.id for marketplace in described.marketplaces]
        assert ids, "describe_account names no marketplace. Next: name the one where the account sells"
        assert len(set(ids)) == len(ids), f"marketplaces have the same id: {ids}. Next: give each its own"
        unknown = sorted({name for scope in described.scopes for name in scope} - set(ids))
        assert not unknown, f"scopes name {', '.join(unknown)}, which are no marketplaces. Next: take them from {ids}"
        for marketplace in described.marketplaces:
            self._judge(marketplace)

    def _judge(self, marketplace: Marketplace) -> None:
        """Raises ValueError for a currency that ISO does not list, or a time zone that nobody knows."""
        place, pool = marketplace.id, marketplace.stock_pool
        assert pool, f"{place} has no stock_pool. Next: name it, as the marketplace where none is shared"
        declared = self.channel.stock_pools.get(place, pool)
        assert declared == pool, f"{place} is of stock pool {pool}, its facts say {declared}. Next: make them agree"
        minor_digits(marketplace.currency)
        ZoneInfo(marketplace.time_zone)

    def test_operations_spend_what_they_declare(self) -> None:
        """No 429 of our making (covers P6): the core reserves what is declared, and the shop counts what is spent."""

        async def spend(trial: Trial) -> None:
            for operation, request in (await _requests(trial)).items():
                before = trial.shop.calls.copy()
                await trial.call(operation, request)
                spent = trial.shop.calls - before
                declared = self.channel.operations.get(operation, channel.Reads()).spends
                over = {limit: units for limit, units in spent.items() if units > declared.get(limit, 0)}
                assert not over, f"{operation} spent {over} of {dict(declared)}. {FACTS}"

        self.simulate(spend)

    @having("fetch_orders")
    def test_same_seed_gives_the_same_run(self) -> None:
        """A connector that draws its own chance or looks at its own clock cannot be simulated (covers P12)."""

        async def trace(trial: Trial) -> tuple[str, Any]:
            start = trial.clock.now()
            await trial.place(3)
            told = await trial.pull(await trial.settled(start))
            return repr(trial.clock.now()), told

        first, second = self.simulate(trace), self.simulate(trace)
        assert first == second, "two runs of one seed differ. Next: take the time from `ports.clock`, and no chance"


async def _requests(trial: Trial) -> dict[str, Any]:
    """One request for each operation that the channel declares, and that has no other one before it."""
    start = trial.clock.now()
    item = channel.StockItem("TEA-250", 7)
    requests: dict[str, Any] = {"check": channel.Check(), "describe_account": channel.DescribeAccount()}
    if "fetch_orders" in trial.kind.operations:
        placed = await trial.place(2)
        window = await trial.settled(start)
        requests["fetch_orders"] = channel.FetchOrders(window, trial.lists.page_size)
        requests["fetch_order"] = channel.FetchOrder((placed[0].external_id,))
    if "fetch_stock" in trial.kind.operations:
        requests["fetch_stock"] = channel.FetchStock((item.offer, "SOLD-OUT")[: trial.page_size("fetch_stock")])
    requests["push_stock"] = channel.PushStock((item,), attempt="a1")
    requests["submit_bulk"] = channel.SubmitBulk((item,), attempt="b1")
    requests["find_bulk"] = channel.FindBulk(start, attempt="b1")
    offered = operations_of(type(trial.connector))
    return {operation: request for operation, request in requests.items() if operation in offered}
