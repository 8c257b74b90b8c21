"""The demo's measure: oversold or not, whose fault, and how long an answer took. A broken daemon must look broken."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.model import AccountId, Marketplace, OrderStatus, ProblemKind
from entrepot.runtime import SystemClock
from entrepot.simulation import VirtualClock, route, run, stream
from entrepot.simulation.markets.market import Market
from entrepot.simulation.virtual_time.pacing import Pace
from entrepot.simulation.worlds import trading_day
from entrepot.simulation.worlds.replay import Delivery, replay
from entrepot.simulation.worlds.report import percentile
from entrepot.simulation.worlds.showing import opening
from entrepot.simulation.worlds.trading_day import draw_plan, live_through
from entrepot.sync import orders, push, stock, wishes
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.simulation.hostile_day import write_config
from tests.testing.recipes import NUMBERED_LOG, NumberedLog

END = datetime(2026, 3, 4, tzinfo=UTC)
SHOP = Marketplace("SHOP", "EUR", "Europe/Berlin", "shop")
EAST, WEST = AccountId("east"), AccountId("west")
MINUTE = timedelta(minutes=1)


def course_of(scenario, units=5, buffer=0, deliveries=()):
    """Replay what `scenario(east, west, sleep)` did to two markets that share one article."""

    async def main(loop):
        clock = VirtualClock(loop)
        begin = clock.now()

        def showing(_account, _offer, available):
            return max(0, available - buffer)

        shown = opening({"TEA": units}, (EAST, WEST), showing)
        markets = {name: Market(shown, clock, stream(1, name)) for name in (EAST, WEST)}
        await scenario(markets[EAST], markets[WEST])
        goods = [Delivery(begin + at, "TEA", number) for at, number in deliveries]
        return replay(markets, {"TEA": units}, goods, showing)

    return run(main, 1)


def oversold(course):
    return [(case.account, case.sale.order, case.sale.units) for case in course.oversold]


def test_units_sold_on_one_market_are_gone_for_the_other():
    async def trade(east, west):
        east.place({"TEA": 3}, SHOP)
        await asyncio.sleep(1)
        west.place({"TEA": 2}, SHOP)
        await asyncio.sleep(1)
        west.place({"TEA": 1}, SHOP)

    assert oversold(course_of(trade)) == [(WEST, "SHOP-000002", 1)]


def test_cancelled_and_delivered_units_may_be_sold_again():
    async def trade(east, west):
        first = east.place({"TEA": 5}, SHOP)
        await asyncio.sleep(60)
        east.cancel(first.external_id)
        await asyncio.sleep(120)
        west.place({"TEA": 5}, SHOP)
        east.place({"TEA": 2}, SHOP)

    assert oversold(course_of(trade, deliveries=[(2 * MINUTE, 2)])) == []
    assert len(oversold(course_of(trade, deliveries=[(2 * MINUTE, 1)]))) == 1
    assert len(oversold(course_of(trade, deliveries=[(4 * MINUTE, 2)]))) == 1


def test_an_answer_counts_from_the_sale_to_the_write_that_takes_its_units_away():
    async def trade(east, west):
        east.place({"TEA": 1}, SHOP)
        await asyncio.sleep(40)
        east.place({"TEA": 1}, SHOP)
        await asyncio.sleep(10)
        west.stock |= {"TEA": 4}  # knows the first sale only
        await asyncio.sleep(60)
        west.stock |= {"TEA": 3}

    assert course_of(trade).lags == {(EAST, WEST): [timedelta(seconds=50), timedelta(seconds=70)]}


def test_a_sale_that_was_cancelled_before_an_answer_needs_none():
    async def trade(east, west):
        order = east.place({"TEA": 1}, SHOP)
        await asyncio.sleep(40)
        east.cancel(order.external_id)
        await asyncio.sleep(3600)
        west.stock |= {"TEA": 4}

    assert course_of(trade).lags == {}


def test_what_the_buffer_held_back_needs_no_answer():
    async def trade(east, west):
        west.stock |= {"TEA": 2}
        await asyncio.sleep(5)
        east.place({"TEA": 1}, SHOP)
        await asyncio.sleep(5)
        west.stock |= {"TEA": 1}

    assert course_of(trade, buffer=2).lags == {}
    assert course_of(trade, buffer=3).lags == {(EAST, WEST): [timedelta(seconds=5)]}


def test_percentiles_are_lags_that_occurred():
    lags = [timedelta(seconds=seconds) for seconds in (3, 1, 2, 100)]
    assert percentile(lags, 0.5) == timedelta(seconds=2)
    assert percentile(lags, 0.99) == timedelta(seconds=100)
    assert percentile(lags[:1], 0.5) == timedelta(seconds=3)


# A whole day


@pytest.fixture
def day(tmp_path):
    config = write_config(tmp_path, freshness="20m")

    def live(seed=2):
        (tmp_path / "entrepot.db").unlink(missing_ok=True)
        return live_through(config, draw_plan(config, seed, END), Pace(SystemClock()))

    return live


def test_a_slow_channel_oversells_and_we_do_not(day):
    report = day()
    assert report.kept
    assert report.oversold_by_lag
    assert report.problems.keys() == {ProblemKind.STOCK_SHORT}
    assert {account.at_rest.right for account in report.accounts.values()} == {20}
    for account in report.accounts.values():
        assert account.published.sent == account.published.effective + account.replaced


class StockOnly:
    def __init__(self, http: channel.Http) -> None:
        self._mock = MockConnector(http)

    async def check(self, request):
        return await self._mock.check(request)

    async def describe_account(self, request):
        return await self._mock.describe_account(request)

    async def fetch_stock(self, request):
        return await self._mock.fetch_stock(request)

    async def push_stock(self, request):
        return await self._mock.push_stock(request)


class OneDocument(MockShop):
    """Whatever is set, all other quantities are set again."""

    @route("PUT /v1/stock")
    def set_stock(self, call):
        before = {offer: quantity for offer, quantity in self.stock.items() if offer not in call.body}
        answer = MockShop.set_stock(self, call)
        self.stock |= before
        return answer


def with_channel(config, **changes):
    """`config` with another kind of shop at its first account."""
    first, *_ = config.accounts
    shop = evolve(config.accounts[first], channel=evolve(MOCK, **changes))
    return evolve(config, accounts={**config.accounts, first: shop})


def test_quantities_that_a_shop_sets_again_are_not_sent(tmp_path):
    def simulate(config, clock, rng):
        return OneDocument(MOCK, config, clock, rng)

    config = with_channel(write_config(tmp_path, freshness="30m"), simulator=simulate)
    report = live_through(config, draw_plan(config, 2, END), Pace(SystemClock()))
    assert report.kept
    account, *_ = report.accounts.values()
    assert account.published.sent == account.published.effective + account.replaced > 0


def test_a_channel_without_orders_loses_none(tmp_path):
    """Nobody buys where nobody is told of it; its quantities follow what is sold elsewhere."""
    facts = {name: facts for name, facts in MOCK.operations.items() if "order" not in name}
    config = with_channel(
        write_config(tmp_path, freshness="30m"),
        operations=facts,
        maps={"stock": MOCK.maps["stock"]},
        connect=lambda settings, ports: StockOnly(ports.http(settings.url, bearer=settings.token)),
    )
    report = live_through(config, draw_plan(config, 2, END), Pace(SystemClock()))
    stock_only, *others = report.accounts.values()
    assert report.kept
    assert not stock_only.sold_in
    assert stock_only.published.effective > 0
    assert sum(account.orders.stored for account in others) > 0


def test_a_fifth_of_the_articles_begins_with_less_than_is_wanted(tmp_path):
    config = write_config(tmp_path)
    for seed in range(20):
        plan = draw_plan(config, seed, END)
        assert len(plan.scarce) >= 0.2 * len(plan.counted)
        assert plan.start + trading_day.OPENING + trading_day.TRADE + trading_day.quiet(config) == END


def test_more_on_show_than_the_ledger_has_is_our_fault(day, monkeypatch):
    right = wishes.desired_quantity
    monkeypatch.setattr(wishes, "desired_quantity", lambda *terms: (right(*terms) or 0) + 3)
    report = day()
    assert report.oversold_by_us
    assert not report.kept
    assert {account.at_rest.right for account in report.accounts.values()} != {20}


def test_a_decrease_that_is_not_sent_is_our_fault(day, monkeypatch):
    monkeypatch.setattr(push, "_to_send", lambda *_: [])
    monkeypatch.setattr(stock, "LOOK_AGAIN", timedelta(hours=6))  # every offer is too high for good
    report = day()
    assert report.oversold_by_us
    assert not report.kept


def test_an_order_that_is_never_stored_is_lost(day, monkeypatch):
    right = orders.take_in

    def forgetful(tx, source, records, now):
        return right(tx, source, [record for record in records if not record.value.external_id.endswith("7")], now)

    monkeypatch.setattr(orders, "take_in", forgetful)
    report = day()
    assert report.orders.market > report.orders.stored > 0
    assert not report.kept


def test_times_that_a_channel_writes_coarser_differ_and_lose_nothing(tmp_path):
    def to_the_second(record):
        order = MOCK.maps["order"](record)
        placed, changed = (at.replace(microsecond=0) for at in (order.placed_at, order.changed_at))
        return evolve(order, placed_at=placed, changed_at=changed)

    config = with_channel(write_config(tmp_path, freshness="30m"), maps=MOCK.maps | {"order": to_the_second})
    report = live_through(config, draw_plan(config, 2, END), Pace(SystemClock()))
    assert report.orders.market == report.orders.stored > 0
    assert 0 < report.orders.differing < report.orders.stored
    assert report.orders.fields == ("changed_at",)
    assert not report.kept


def test_a_change_that_is_never_stored_is_told_by_its_fields(day, monkeypatch):
    right = orders.take_in

    def stubborn(tx, source, records, now):
        kept = [record for record in records if record.value.status is not OrderStatus.SHIPPED]
        return right(tx, source, kept, now)

    monkeypatch.setattr(orders, "take_in", stubborn)
    report = day()
    assert report.orders.market == report.orders.stored
    assert {"status", "changed_at", "lines"} == set(report.orders.fields)
    assert not report.kept


def without_times(folder):
    """Its first account is a shop that numbers its changes and tells no time of them."""
    config = write_config(folder, freshness="30m")
    first, *_ = config.accounts
    channel = evolve(NUMBERED_LOG, simulator=lambda *rest: NumberedLog(NUMBERED_LOG, *rest))
    return evolve(config, accounts={**config.accounts, first: evolve(config.accounts[first], channel=channel)})


def test_a_shop_without_times_is_measured_by_its_numbers(tmp_path, monkeypatch):
    config = without_times(tmp_path)
    assert live_through(config, draw_plan(config, 2, END), Pace(SystemClock())).kept
    right = orders.take_in

    def stubborn(tx, source, records, now):
        kept = [record for record in records if record.value.status is not OrderStatus.SHIPPED]
        return right(tx, source, kept, now)

    monkeypatch.setattr(orders, "take_in", stubborn)
    (tmp_path / "entrepot.db").unlink()
    report = live_through(config, draw_plan(config, 2, END), Pace(SystemClock()))
    assert "revision" in report.orders.fields
    assert not report.kept
