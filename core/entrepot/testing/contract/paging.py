"""Every order of a window, whatever happens between its pages."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.model import Window
from entrepot.simulation.markets.paging import PageFault
from entrepot.testing.contract.base import Contract, concerns, having, lists
from entrepot.testing.contract.verdict import START_LEFT_OUT, assert_complete, raises
from entrepot.testing.trial import PagesRepeat, Trial, three_pages

BORDERS = 2
"""Between three pages. An order that stands at one may be told by both its pages."""

SECOND = timedelta(seconds=1)

PAGED = "return the cursor of the next page as `next_cursor`, and None on the last page only"
MOVED = "let each page begin at the place where the one before ended, not at a number of orders or pages"
TIED = (
    "where one instant fills a page, go on behind that page within the instant: beginning at the instant once more "
    f"shows the same page again; {START_LEFT_OUT}"
)
KEPT = "put all that the next page needs into `next_cursor`; another process reads on from it"
FEWER = (
    "the first page has {} of the {} orders that it was asked for: where the shop gives no more at once, "
    "say so in `page_size` of the facts; else "
)
CUT = (
    "Next: ask for changes from `window.start`, which belongs to it, to `window.end`; where the shop takes no end, "
    f"leave out here what changed at `window.end` or later; filter nothing else; {START_LEFT_OUT}"
)
EXPIRED = (
    "name the answer to a cursor that is too old in `errors` of the facts; where none is, say `cursor_lifetime=None`"
)
"""What to do where a case finds something missing."""


class PagingContract(Contract):
    @having("fetch_orders")
    def test_every_page_is_fetched(self) -> None:
        """No list ends silently after its first hundred orders (covers R34)."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            assert_complete(trial, await trial.pull(window), PAGED)

        self.simulate(fetch)

    @having("fetch_orders")
    def test_orders_that_change_between_pages_are_not_missed(self) -> None:
        """A list that moves under the reader skips none (covers P1): this window and the next hold every order."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            told = await trial.pull(window, between=lambda page: _disturb(trial, page))
            told += await trial.pull(await trial.settled(window.end))
            assert_complete(trial, told, MOVED)

        self.simulate(fetch)

    @having("fetch_orders")
    def test_orders_of_one_instant_are_all_told(self) -> None:
        """A shop that changes hundreds of orders at once gives them one time, and more of them than a page holds."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial, apart=0)
            try:
                assert_complete(trial, await trial.pull(window), TIED)
            except PagesRepeat as repeat:
                message = f"{repeat}; {TIED}"
                raise AssertionError(message) from None

        self.simulate(fetch)

    @having("fetch_orders")
    def test_empty_page_is_not_the_end(self) -> None:
        """A page without orders but with a cursor is one page among others (covers R34)."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            trial.shop.script_pages(PageFault.EMPTY, None, PageFault.EMPTY, PageFault.EMPTY)
            assert_complete(trial, await trial.pull(window), "go on where the shop says that there is more")

        self.simulate(fetch)

    @having("fetch_orders")
    def test_repeated_page_is_visible(self) -> None:
        """The core stops a list that gives the same page for ever, if the connector lets it see that (covers R33)."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            trial.shop.script_pages(None, *[PageFault.REPEATED] * 100)
            with suppress(PagesRepeat):
                await trial.pull(window)
                pytest.fail("a page that came again is not seen as such. Next: return its records and cursor unchanged")

        self.simulate(fetch)

    @having("fetch_orders")
    def test_pass_goes_on_after_a_repeated_page(self) -> None:
        """The last good cursor still leads to the rest (covers R33)."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            first = await trial.page(window)
            trial.shop.script_pages(PageFault.REPEATED)
            await trial.page(window, first.next_cursor)
            rest = await trial.pull(window, cursor=first.next_cursor)
            assert_complete(trial, [*trial.map(first), *rest], "read on from `request.cursor`, whatever came before")

        self.simulate(fetch)

    @having("fetch_orders")
    def test_order_of_changes_within_a_page_does_not_matter(self) -> None:
        """Nothing is filtered by the newest change seen so far (covers R38)."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            trial.shop.script_pages(*[PageFault.REVERSED] * 3)
            assert_complete(trial, await trial.pull(window), "return every record of a page, in whatever sequence")

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
                told -= {one.external_id for one in orders if one.changed_at == window.end}
                assert told == inside, f"{len(told)} orders are told, {len(inside)} lie in the window. {CUT}"

        self.simulate(fetch)

    @having("fetch_orders")
    def test_cursor_outlives_the_connector(self) -> None:
        """After kill -9 another process goes on from the stored cursor (covers P10): nothing is kept in the object."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            first = await trial.page(window)
            trial.reconnect()
            rest = await trial.pull(window, cursor=first.next_cursor)
            told = [*trial.map(first), *rest]
            assert_complete(trial, told, KEPT)
            repeated = len(told) - len(trial.shop.orders)
            size, most = len(first.records), trial.lists.page_size
            otherwise = FEWER.format(size, most) + KEPT if size < most else KEPT
            assert repeated <= BORDERS, f"{repeated} orders of pages that were stored are told again. Next: {otherwise}"

        self.simulate(fetch)

    @having("fetch_orders")
    @concerns(
        lambda case: lists(case).cursor_lifetime is not None, unless="`cursor_lifetime=None`: cursors do not expire"
    )
    def test_expired_cursor_is_named_so(self) -> None:
        """The core then reads the window again, halved (covers R34); any other error would park or repeat."""

        async def fetch(trial: Trial) -> None:
            window = await three_pages(trial)
            first = await trial.page(window)
            await asyncio.sleep((trial.lists.cursor_lifetime or SECOND).total_seconds() + 1)
            with raises(channel.CursorExpired, EXPIRED):
                await trial.page(window, first.next_cursor)
            assert_complete(trial, await trial.pull(window), PAGED)

        self.simulate(fetch)


async def _disturb(trial: Trial, page: int) -> None:
    """Change an order that was shown and one that was not, let another one arrive, and let the list show that.

    Not for ever: pages of one order each would never be read to their end.
    """
    if page > BORDERS:
        return
    orders = list(trial.shop.orders.values())
    trial.shop.cancel(orders[page].external_id)
    trial.shop.pay(orders[trial.lists.page_size + page].external_id, (await trial.marketplace()).currency)
    await trial.place(1)
    await trial.settled(trial.clock.now())
