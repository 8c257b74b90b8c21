"""What becomes of orders on any market: whatever happens, units are somewhere, once."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.model import Fulfillment, OrderStatus, order_flaws
from entrepot.simulation import VirtualClock, run, stream
from entrepot.simulation.markets.buyers import Buyers
from entrepot.simulation.markets.habits import MANIFOLD, PLAIN, Fate
from entrepot.simulation.markets.market import Market
from tests.simulation.test_market import SHOP, TOKYO, in_market

MONTH = timedelta(days=30)
OFFERS = {f"SKU-{number}": 60 for number in range(8)}


class Half(Market):
    """Sends the orders of half its offers itself."""

    def fulfillment_of(self, offer):
        return Fulfillment.CHANNEL if int(offer[-1]) % 2 else Fulfillment.MERCHANT


def a_month(seed, habits=MANIFOLD):
    async def main(loop):
        clock = VirtualClock(loop)
        market = Half(OFFERS, clock, stream(seed, "market"), settle_lag=timedelta(minutes=2))
        market.sell_ahead("SKU-0", timedelta(days=9))
        demand = dict.fromkeys(OFFERS, 50)
        rng = stream(seed, "buyers")
        buyers = Buyers(market, [SHOP, TOKYO], demand, rng, start=clock.now(), span=MONTH, habits=habits)
        await buyers.trade(clock)
        return market, buyers

    return run(main, seed)


def test_all_that_can_become_of_an_order_happens_in_a_month():
    market, buyers = a_month(5)
    assert {wish.fate for wish in buyers.wishes} == set(Fate)
    statuses = {order.status for order in market.orders.values()}
    assert statuses == set(OrderStatus) - {OrderStatus.UNKNOWN, OrderStatus.PARTIALLY_SHIPPED}
    happened = market.happened
    assert happened.cancel_requests
    assert happened.arrivals
    assert {back.sellable for back in happened.returns} == {True, False}
    assert {line.cancellation.by for order in market.orders.values() for line in order.lines if line.cancellation} == {
        "buyer",
        "merchant",
        "channel",
    }
    assert all(list(order_flaws(order)) == [] for order in market.orders.values())


@pytest.mark.parametrize("seed", range(20))
def test_what_is_on_show_is_what_was_there_less_what_was_taken_and_not_given_back(seed):
    market, _ = a_month(seed)
    expected = Counter(OFFERS)
    for sale in market.sales:
        expected[sale.offer] -= sale.units
    for order in market.orders.values():
        for line in order.lines:
            gone = order.status is OrderStatus.UNFULFILLABLE
            expected[line.offer] += line.ordered - line.shipped if gone else line.cancelled
    for back in market.happened.returns:
        by_channel = market.orders[back.order].fulfillment is Fulfillment.CHANNEL
        expected[back.offer] += back.units if back.sellable and by_channel else 0
    assert dict(market.stock) == dict(expected)


def test_who_pays_late_and_who_is_sent_late():
    market, buyers = a_month(2)
    late = Counter(wish.fate for wish in buyers.wishes)
    assert late[Fate.PAID_LATE] > 3
    paid = [
        market.changes_of(number)[1] - order.placed_at
        for number, order in market.orders.items()
        if order.fulfillment is Fulfillment.MERCHANT and order.total
    ]
    assert max(paid) > timedelta(hours=12)
    sent = [order.packages[0].shipped_at - order.placed_at for order in market.orders.values() if order.packages]
    assert max(sent) > timedelta(days=3)


def test_merchant_who_ships_by_himself_has_his_orders_left_open():
    market, _ = a_month(3, evolve(MANIFOLD, ships=False))
    shipped = Counter(order.fulfillment for order in market.orders.values() if order.packages)
    assert shipped[Fulfillment.MERCHANT] == 0
    assert shipped[Fulfillment.CHANNEL] > 10


def test_in_plain_days_nobody_is_told_of_deliveries():
    happened = a_month(4, PLAIN)[0].happened
    assert (happened.arrivals, happened.returns, happened.cancel_requests) == ([], [], [])


def test_parcel_that_is_confirmed_days_later_is_delivered_and_may_come_back():
    async def sell(market, clock):
        habits = evolve(MANIFOLD, shares={Fate.RETURNED: 0.9}, ships=False)
        rng = stream(1, "buyers")
        buyers = Buyers(market, [SHOP], {"TEA": 4}, rng, start=clock.now(), span=MONTH, habits=habits)
        trading = asyncio.create_task(buyers.trade(clock))
        await asyncio.sleep(12 * 86_400)
        early = len(market.happened.arrivals)
        for number, order in list(market.orders.items()):
            if order.status is OrderStatus.UNSHIPPED:
                market.ship(number)
        await trading
        return early, market

    early, market = in_market(sell)
    assert early == 0
    assert len(market.happened.arrivals) >= len(market.happened.returns) > 0


def test_orders_wait_for_the_last_release_of_their_offers():
    async def wait(market, _clock):
        market.sell_ahead("TEA", timedelta(days=1))
        market.sell_ahead("MUG", timedelta(days=2))
        both = market.place({"TEA": 1, "MUG": 1}, SHOP).external_id
        gone = market.place({"MUG": 1}, SHOP).external_id
        market.cancel(gone)
        seen = []
        for _ in range(3):
            seen.append(market.orders[both].status_text)
            await asyncio.sleep(86_400)
        return seen, len(market.changes_of(gone)), market.changes_of(both)

    seen, changes, [placed, released] = in_market(wait)
    assert seen == ["awaiting_release", "awaiting_release", ""]
    assert changes == 2  # placed and cancelled: its release is no change
    assert released - placed == timedelta(days=2)


def test_what_the_channel_sends_and_what_the_merchant_sends_are_two_orders():
    market, buyers = a_month(5)
    mixed = [wish for wish in buyers.wishes if len({int(offer[-1]) % 2 for offer in wish.units}) > 1]
    assert len(mixed) > 5
    for order in market.orders.values():
        assert {market.fulfillment_of(line.offer) for line in order.lines} == {order.fulfillment}
    wanted = sum(units for wish in buyers.wishes for units in wish.units.values())
    assert sum(sale.units for sale in market.sales) + buyers.turned_away.total() == wanted


def test_a_basket_of_both_is_not_placed_as_one_order():
    async def place(market, _clock):
        with pytest.raises(ValueError, match="Next: place them apart"):
            market.place({"SKU-0": 1, "SKU-1": 1}, SHOP)
        assert (market.stock["SKU-0"], market.orders) == (60, {})

    in_market(place, OFFERS, Half)
