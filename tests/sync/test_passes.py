"""A pass over a shop's orders, with what may happen in the middle of it."""

from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.model import OrderStatus, ProblemKind
from entrepot.simulation.doubles.call import Answer
from entrepot.simulation.markets.paging import CursorError, PageFault
from entrepot.store.records import StreamKind
from entrepot.sync.stocktaking import receive
from tests.sync.rig import LISTS, ORDERS, PAGED, SKU, live


def test_a_throttled_page_is_asked_for_again_and_the_pass_goes_on(tmp_path):
    """Covers R11, P1: at the same cursor, in the same window; and a 429 is no failure."""

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        rig.shop.script(None, *[Answer(429)] * 3, route=ORDERS)
        await rig.wait(minutes=15)
        assert (await rig.stored()).keys() == set(numbers)
        first, *rest = rig.asked
        assert [page.window for page in rest] == [first.window] * 2
        assert len({page.cursor for page in rig.asked}) == 3, "no page was asked for twice"
        assert await rig.problems() == set()

    live(tmp_path, story)


@pytest.mark.parametrize("status", [500, 401, 403])
def test_no_failure_switches_a_schedule_off(tmp_path, status):
    """Covers R23, P8: what fails for half a day is told, tried on, and goes on where it stopped."""

    async def story(rig):
        rig.shop.script(*[Answer(status)] * 10_000)
        numbers = await rig.place(10, hours=1)
        await rig.wait(hours=2)
        assert await rig.stored() == {}
        assert await rig.problems() & {ProblemKind.STREAM_FAILING, ProblemKind.ACCOUNT_PARKED}
        rig.shop.calm()
        await rig.wait(hours=1, minutes=30)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.problems() == set()

    live(tmp_path, story)


def test_a_window_ends_before_what_may_not_show_yet(tmp_path):
    """Covers R32, P1: at channel time less the lag that the plugin declares."""

    async def story(rig):
        await rig.place(20, minutes=5)
        assert len(rig.asked) >= 5
        assert all(page.window.end <= page.at - LISTS.settle_lag for page in rig.asked)

    live(tmp_path, story)


def test_a_page_that_comes_again_does_not_end_the_pass(tmp_path):
    """Covers R33, P1, P8: it is told, and the last good cursor leads to the rest."""

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        rig.shop.script_pages(None, PageFault.REPEATED, PageFault.REPEATED)
        await rig.wait(minutes=15)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.problems(closed_too=True) == {ProblemKind.PAGES_REPEAT}
        assert await rig.problems() == set()

    live(tmp_path, story)


def test_a_list_that_repeats_for_ever_is_told_and_asked_with_growing_pauses(tmp_path):
    """Covers R33, P8."""

    async def story(rig):
        await rig.place(10, minutes=1)
        rig.shop.script_pages(None, *[PageFault.REPEATED] * 10_000)
        await rig.wait(minutes=50)
        assert await rig.problems() == {ProblemKind.PAGES_REPEAT}
        assert len(rig.asked) < 30

    live(tmp_path, story)


def test_an_empty_page_with_a_cursor_is_not_the_end(tmp_path):
    """Covers R34, P1: neither is the first page."""

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        rig.shop.script_pages(None, PageFault.EMPTY, None, PageFault.EMPTY)
        await rig.wait(minutes=15)
        assert (await rig.stored()).keys() == set(numbers)
        assert len(rig.asked) == 5

    live(tmp_path, story)


def forget_cursors(rig):
    """From now on every cursor of the shop has expired when it is used. Returns the times at which it was asked."""
    show, asked = rig.shop.changed_between, []

    def forgetful(start, end, after, size):
        asked.append(rig.world.clock.now())
        if after is not None:
            raise CursorError("forgotten", expired=True)
        return show(start, end, after, size)

    rig.shop.changed_between = forgetful
    return asked


def test_cursors_that_always_expire_are_told_and_not_asked_for_in_a_hot_loop(tmp_path):
    """Covers P1, P8: no minute's page is whole; then cursors live again, and everything is read."""

    async def story(rig):
        before = rig.shop.changed_between
        asked = forget_cursors(rig)
        numbers = await rig.place(10, seconds=1)
        await rig.wait(hours=2)
        (told,) = [found for found in await rig.read(lambda tx: tx.problems.all()) if found.subject == "stream/orders"]
        assert told.kind is ProblemKind.STREAM_FAILING
        assert "cursors expire" in told.next_action
        assert len(asked) < 100
        rig.shop.changed_between = before
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.problems() == set()

    live(tmp_path, story)


def test_orders_whose_cursors_expire_are_read_in_parts_without_a_cursor(tmp_path):
    """Covers P1: and so is a repair, whose overlap is far longer than what is new."""

    async def story(rig):
        asked = forget_cursors(rig)
        numbers = await rig.place(40, minutes=2)
        await rig.wait(hours=7)
        assert (await rig.stored()).keys() == set(numbers)
        repair = await rig.stream(StreamKind.ORDER_REPAIR)
        assert (repair.window, repair.failures) == (None, 0)
        assert rig.world.clock.now() - repair.watermark < timedelta(hours=6, minutes=30)
        assert await rig.problems() == set()
        assert len(asked) < 300

    live(tmp_path, story)


def test_orders_may_come_newest_first(tmp_path):
    """Covers R38, P1: no record is left out because a newer one came before it."""

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        rig.shop.script_pages(*[PageFault.REVERSED] * 3)
        await rig.wait(minutes=15)
        assert (await rig.stored()).keys() == set(numbers)

    live(tmp_path, story)


def test_every_change_of_an_order_is_applied(tmp_path):
    """Covers R42, P2: orders are versions of a state, and not inserted once."""

    async def story(rig):
        cancelled, shipped = await rig.place(2, minutes=20)
        await rig.wait(minutes=30)
        for number in (cancelled, shipped):
            rig.shop.pay(number, "EUR")
        await rig.wait(minutes=30)
        assert await rig.reserved() == 2
        rig.shop.cancel(cancelled)
        rig.shop.ship(shipped)
        await rig.wait(minutes=30)
        stored = await rig.stored()
        assert stored[cancelled].status is OrderStatus.CANCELLED
        assert stored[shipped].status is OrderStatus.SHIPPED
        assert await rig.reserved() == 0

    live(tmp_path, story)


def test_an_order_without_prices_reserves_and_one_that_expires_releases(tmp_path):
    """Covers R45, P4: the price may come later, or never."""

    async def story(rig):
        paid, expired = await rig.place(2, seconds=1)
        await rig.wait(minutes=30)
        assert {order.status for order in (await rig.stored()).values()} == {OrderStatus.PENDING}
        assert {order.total for order in (await rig.stored()).values()} == {None}
        assert await rig.reserved() == 2
        rig.shop.pay(paid, "EUR")
        rig.shop.cancel(expired)
        await rig.wait(minutes=30)
        assert (await rig.stored())[paid].total is not None
        assert await rig.reserved() == 1

    live(tmp_path, story)


def test_a_bad_record_does_not_stop_its_page(tmp_path):
    """Covers R46, P1, P8: it is laid aside with its reason, and the cursor goes on."""

    def read(record):
        if record["number"].endswith("3"):
            raise ValueError("three is not for us")
        return PAGED.maps["order"](record)

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        await rig.wait(minutes=15)
        assert (await rig.stored()).keys() == set(numbers) - {numbers[2]}
        (letter,) = await rig.read(lambda tx: tx.orders.dead_letters())
        assert letter.reason == "ValueError: three is not for us"
        assert await rig.problems() == {ProblemKind.RECORD_REFUSED}

    live(tmp_path, story, channel=evolve(PAGED, maps={**PAGED.maps, "order": read}))


@pytest.mark.parametrize("seed", [0, 2])
def test_two_channels_race_for_the_last_units(tmp_path, seed):
    """Covers R50, P2, P4: N orders on M units, N of them open, and nothing is shown that is not there."""

    async def story(rig):
        await rig.place(12, seconds=1)
        await rig.wait(minutes=40)
        (position,) = await rig.read(lambda tx: tx.ledger.positions(SKU))
        assert (position.reserved, position.shortage) == (24, 19)
        assert await rig.read(lambda tx: tx.ledger.wrong_positions()) == []
        assert [market.stock[SKU] for market in rig.markets] == [0, 0]

    live(tmp_path, story, accounts=("east", "west"), units=5, seed=seed)


def test_a_crash_anywhere_in_a_pass_loses_nothing(tmp_path):
    """Covers R101, P3, P10: page and cursor are there together, or neither is."""

    async def story(rig):
        numbers = []
        for uses in range(1, 20):
            numbers += await rig.place(3, minutes=1)
            due = (await rig.stream()).next_due
            await rig.wait(seconds=(due - rig.world.clock.now()).total_seconds() - 1)
            rig.life.crash_after(uses)
            await rig.wait(minutes=2)
            rig.life.crash()
            read, stored = (await rig.stream()).watermark, await rig.stored()
            assert all(number in stored for number in numbers if rig.shop.orders[number].changed_at < read)
            rig.start()
            await rig.wait(minutes=2)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.reserved() == len(numbers)

    live(tmp_path, story)


async def interrupt(rig):
    """The pass over ten orders stands still behind its first page. Returns their numbers."""
    numbers = await rig.place(10, minutes=1)
    rig.shop.script(None, *[Answer(500)] * 10_000, route=ORDERS)
    while not rig.asked:
        await rig.wait(minutes=1)
    return numbers


def test_what_changes_during_a_pass_is_read_by_the_next_one(tmp_path):
    """Covers R102, P3: the watermark is the window's end, which was fixed before the first call."""

    async def story(rig):
        numbers = await interrupt(rig)
        numbers += await rig.place(10, minutes=1)
        rig.shop.calm()
        await rig.wait(hours=1)
        assert (await rig.stored()).keys() == set(numbers)

    live(tmp_path, story)


def test_a_pass_resumes_with_its_own_bounds(tmp_path):
    """Covers R103, P3, P10: in another process, much later; what changed meanwhile falls into the next window."""

    async def story(rig):
        numbers = await interrupt(rig)
        await rig.wait(minutes=1)
        begun = await rig.stream()
        rig.life.crash()
        rig.shop.pay(numbers[0], "EUR")
        await rig.wait(minutes=40)
        rig.shop.calm()
        rig.start()
        await rig.wait(minutes=30)
        first, second, third, *rest = rig.asked
        assert second.cursor == begun.cursor
        assert [second.window, third.window] == [first.window] * 2
        assert all(page.window.end > first.window.end for page in rest)
        stored = await rig.stored()
        assert stored.keys() == set(numbers)
        assert stored[numbers[0]].status is OrderStatus.UNSHIPPED

    live(tmp_path, story)


def test_a_raise_is_sent_when_the_pass_that_it_waits_for_ends(tmp_path):
    """Covers P5: not at the next pass, or when the pushes look again by themselves."""

    async def story(rig):
        now = rig.world.clock.now()
        await rig.read(lambda tx: receive(tx, SKU, 5, "delivery", now))
        await rig.wait(seconds=60)
        due = (await rig.stream()).next_due
        assert rig.shop.stock[SKU] == 99
        await rig.wait(seconds=(due - rig.world.clock.now()).total_seconds() + 10)
        assert rig.shop.stock[SKU] == 104

    live(tmp_path, story)


def test_a_raise_of_what_sells_all_the_time_is_sent(tmp_path):
    """Covers P5: each pass brings a sale and a lower wish, which is no reason to wait for another pass."""

    async def story(rig):
        now = rig.world.clock.now()
        await rig.read(lambda tx: receive(tx, SKU, 50, "delivery", now))
        await rig.place(12, minutes=10)
        assert any(write.quantity > write.previous for write in rig.shop.stock.writes)

    live(tmp_path, story)
