"""Every order of a window, whatever happens between its pages."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.model import Order, Window
from entrepot.simulation.paging import PageFault
from entrepot.testing.comparison import differences
from entrepot.testing.contract.base import Contract, concerns, having, lists
from entrepot.testing.trial import PagesRepeat, Trial

BORDERS = 2
"""Between three pages. An order that stands at one may be told by both its pages."""

SECOND = timedelta(seconds=1)


class PagingContract(Contract):
    @having("fetch_orders")
    def test_every_page_is_fetched(self) -> None:
        """No list ends silently after its first hundred orders (covers R34)."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            _assert_complete(trial, await trial.pull(window))

        self.simulate(fetch)

    @having("fetch_orders")
    def test_orders_that_change_between_pages_are_not_missed(self) -> None:
        """A list that moves under the reader skips none (covers P1): this window and the next hold every order."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            told = await trial.pull(window, between=lambda page: _disturb(trial, page))
            told += await trial.pull(await trial.settled(window.end))
            _assert_complete(trial, told)

        self.simulate(fetch)

    @having("fetch_orders")
    def test_empty_page_is_not_the_end(self) -> None:
        """A page without orders but with a cursor is one page among others (covers R34)."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            trial.shop.script_pages(PageFault.EMPTY, None, PageFault.EMPTY, PageFault.EMPTY)
            _assert_complete(trial, await trial.pull(window))

        self.simulate(fetch)

    @having("fetch_orders")
    def test_repeated_page_is_visible(self) -> None:
        """The core stops a list that gives the same page for ever, if the connector lets it see that (covers R33)."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            trial.shop.script_pages(None, *[PageFault.REPEATED] * 100)
            with pytest.raises(PagesRepeat):
                await trial.pull(window)

        self.simulate(fetch)

    @having("fetch_orders")
    def test_pass_goes_on_after_a_repeated_page(self) -> None:
        """The last good cursor still leads to the rest (covers R33)."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            first = await trial.page(window)
            trial.shop.script_pages(PageFault.REPEATED)
            await trial.page(window, first.next_cursor)
            rest = await trial.pull(window, cursor=first.next_cursor)
            _assert_complete(trial, [*trial.map(first), *rest])

        self.simulate(fetch)

    @having("fetch_orders")
    def test_order_of_changes_within_a_page_does_not_matter(self) -> None:
        """Nothing is filtered by the newest change seen so far (covers R38)."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            trial.shop.script_pages(*[PageFault.REVERSED] * 3)
            _assert_complete(trial, await trial.pull(window))

        self.simulate(fetch)

    @having("fetch_orders")
    @concerns(lambda case: lists(case).windowed, unless="`windowed=False`: the list is not cut by time")
    def test_window_has_its_start_and_nothing_behind_its_end(self) -> None:
        """Of two windows side by side, the later one has an order at their border: it is not lost.

        Whether the earlier one has it too is the channel's affair; there are some whose windows hold their end.
        """

        async def fetch(trial: Trial) -> None:
            [order] = await trial.place(1)
            start = trial.clock.now().replace(microsecond=0) - timedelta(days=1)
            instants = [start + number * SECOND for number in range(-1, 6)]
            orders = [evolve(order, placed_at=at, changed_at=at) for at in instants]
            orders = [trial.shop.put(one) for one in await trial.numbered(*orders, first=2)]
            for first in (0, 2):
                window = Window(start + first * SECOND, start + (first + 2) * SECOND)
                told = {found.external_id for found in await trial.pull(window)}
                inside = {one.external_id for one in orders if window.start <= one.changed_at < window.end}
                assert told - {one.external_id for one in orders if one.changed_at == window.end} == inside

        self.simulate(fetch)

    @having("fetch_orders")
    def test_cursor_outlives_the_connector(self) -> None:
        """After kill -9 another process goes on from the stored cursor (covers P10): nothing is kept in the object."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            first = await trial.page(window)
            trial.reconnect()
            rest = await trial.pull(window, cursor=first.next_cursor)
            told = [*trial.map(first), *rest]
            _assert_complete(trial, told)
            repeated = len(told) - len(trial.shop.orders)
            assert repeated <= BORDERS, "pages that were stored are told again"

        self.simulate(fetch)

    @having("fetch_orders")
    @concerns(
        lambda case: lists(case).cursor_lifetime is not None, unless="`cursor_lifetime=None`: cursors do not expire"
    )
    def test_expired_cursor_is_named_so(self) -> None:
        """The core then reads the window again, halved (covers R34); any other error would park or repeat."""

        async def fetch(trial: Trial) -> None:
            window = await _three_pages(trial)
            first = await trial.page(window)
            await asyncio.sleep((trial.lists.cursor_lifetime or SECOND).total_seconds() + 1)
            with pytest.raises(channel.CursorExpired):
                await trial.page(window, first.next_cursor)
            _assert_complete(trial, await trial.pull(window))

        self.simulate(fetch)


async def _three_pages(trial: Trial) -> Window:
    """The window of so many new orders."""
    start = trial.clock.now()
    await trial.place(2 * trial.lists.page_size + 1)
    return await trial.settled(start)


async def _disturb(trial: Trial, page: int) -> None:
    """Change an order that was shown and one that was not, let another one arrive, and let the list show that."""
    orders = list(trial.shop.orders.values())
    trial.shop.cancel(orders[page].external_id)
    trial.shop.pay(orders[trial.lists.page_size + page].external_id, (await trial.marketplace()).currency)
    await trial.place(1)
    await trial.settled(trial.clock.now())


def _assert_complete(trial: Trial, told: list[Order]) -> None:
    """Every order of the shop was told, and its newest version is the shop's."""
    newest = trial.latest(told)
    assert newest.keys() == trial.shop.orders.keys()
    assert differences([(order, newest[number]) for number, order in trial.shop.orders.items()]) == []
